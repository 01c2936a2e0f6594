//! Random work on logs, and an executable model that says what it must come to.
//!
//! A workload follows from its seed and the state that it begins in. So a process that works and one that checks it
//! agree about every step without talking.

pub mod model;
pub mod records;
pub mod step;
pub mod subject;

pub use model::{Log, Model, State};
pub use step::Step;
pub use subject::{Fault, Subject};

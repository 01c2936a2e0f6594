//! Records: appends with a length and a CRC, so that a log can be read back one by one and damage to it is found.

pub mod append;
pub mod damage;
#[cfg(verus_only)]
mod damage_lemmas;
pub mod detection;
mod display;
pub mod errors;
pub mod format;
pub mod get;
#[cfg(verus_only)]
mod get_lemmas;
pub mod held;
pub mod iterate;
pub mod read;
pub mod sequence;
pub mod theorems;

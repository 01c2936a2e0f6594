//! Records: appends with a length and a CRC, so that a log can be read back one by one and damage to it is found.

pub mod append;
pub mod errors;
pub mod format;
pub mod get;
pub mod iterate;

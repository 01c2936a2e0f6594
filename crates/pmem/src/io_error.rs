//! What went wrong with a device.
use vstd::prelude::*;

verus! {

/// What an operating system said when an operation on a device failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IoError {
    /// What was attempted.
    pub operation: IoOperation,
    /// The operating system's error number, `errno`.
    pub errno: i32,
}

/// The operations of a device that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoOperation {
    /// Reading bytes.
    Read,
    /// Writing bytes.
    Write,
    /// Making all that was written durable.
    Flush,
}

} // verus!

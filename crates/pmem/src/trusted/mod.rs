//! All of this crate that a reader must audit. What is outside this folder is checked by the verifier.

pub mod bytes;
pub mod collision;
pub mod crc;
pub mod dax;
pub(crate) mod direct;
pub mod file;
pub mod guarded;
pub mod multiply;
mod random;
pub mod region;
pub mod ring;
pub mod stores;

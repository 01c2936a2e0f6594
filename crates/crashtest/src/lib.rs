//! Every crash, corruption and I/O failure that the model allows, tried on the production code.
//!
//! The proofs cover the code between the trusted parts. This crate attacks what they trust: the devices, the CRC,
//! the constants of the format, and the model itself.

pub mod corruption;
pub mod explorer;
pub mod io_failure;
pub mod kills;
pub mod mutants;
pub mod places;
pub mod totals;
pub mod worker;
pub mod workload;

//! What a reader must audit of this crate: what an append-only log does.
pub mod contract;

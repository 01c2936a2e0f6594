//! What a reader must audit of this crate: what a collection of logs is ([`state`]), what its operations do and when
//! they refuse ([`contract`], and [`record_contract`] for records), and the gate that keeps every store to that ([`gate`]).
pub mod contract;
pub mod gate;
pub mod image;
pub mod record_contract;
pub mod state;

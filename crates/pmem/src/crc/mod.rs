//! CRC-64/XZ as mathematics: what it detects, proved from its specification alone.
//!
//! `docs/crc.md` gives the idea of each proof. Nothing here is taken on trust: what has to be believed is that
//! [`crate::trusted::crc`] specifies the CRC that is meant.
//!
//! - [`linear`]: the register is linear in the message, and what zero bytes do to it;
//! - [`residue`]: two codewords differ by a message that leaves the register at zero;
//! - [`superposition`]: the register is the sum of what each one bit alone would leave;
//! - [`wrong_bits`]: so the wrong bits of two codewords cancel each other;
//! - [`burst`]: which they cannot within 64 consecutive bits;
//! - [`two_bits`]: nor two of them.

pub mod burst;
pub mod linear;
pub mod residue;
pub mod superposition;
pub mod two_bits;
pub mod wrong_bits;

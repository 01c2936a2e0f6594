//! CRC-64/XZ: what it detects, proved from its specification alone, and how it is computed.
//!
//! `docs/crc.md` gives the idea of each proof. Nothing here is taken on trust: what has to be believed is that
//! [`crate::trusted::crc`] specifies the CRC that is meant.
//!
//! Every theorem starts from the first three:
//! - [`linear`]: the register is linear in the message, and what zero bytes do to it;
//! - [`residue`]: two codewords differ by a message that leaves the register at zero;
//! - [`superposition`], [`wrong_bits`]: so the traces of the wrong bits in the register cancel each other.
//!
//! Then:
//! - [`burst`]: wrong bits within 64 consecutive ones are detected;
//! - [`two_bits`]: two wrong bits are, since x has a large order ([`orbit`]);
//! - [`odd`]: an odd number of them is, since g(1) = 0 ([`evaluation`]);
//! - [`distance`]: up to seven are, since g(x) has seven consecutive powers of α as zeros ([`evaluation`]), in a
//!   [`field`] without zero divisors ([`powers`]), where that many points obey no linear relation ([`elimination`]);
//! - [`detection`]: so all that the fault model tolerates is detected.
//!
//! And how it is computed:
//! - [`words`]: by tables;
//! - [`products`]: by products of polynomials, which [`reduction`] is about;
//! - [`extend`]: by whichever of the two the processor has.

pub mod burst;
pub mod detection;
pub mod distance;
pub mod elimination;
pub mod evaluation;
pub mod extend;
pub mod field;
pub mod linear;
pub mod mixed;
pub mod odd;
pub mod orbit;
pub mod powers;
pub mod products;
pub mod reduction;
pub mod residue;
pub mod superposition;
pub mod two_bits;
pub mod words;
pub mod wrong_bits;

//! All damage within the fault model of a codeword is detected.

#[cfg(verus_only)]
use super::{burst::*, distance::*, residue::*};
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// Damage within the fault model never turns one codeword into another. The codewords have up to 32,767 bits; what
/// their CRCs cover beside them is as long as it likes.
pub proof fn theorem_crc64_detects(prefix: Seq<u8>, read: Seq<u8>, written: Seq<u8>)
    requires
        crc_matches(prefix, read),
        crc_matches(prefix, written),
        read.len() == written.len(),
        8 * read.len() <= 32_767,
        tolerable_codeword(read, written),
    ensures
        read == written,
{
    if wrong_bits(read, written).len() <= 7 {
        theorem_seven_bits_detected(prefix, read, written);
    } else {
        let start = choose|start: int| #[trigger]
            wrong_only_within(read, written, start, start + 64);
        theorem_burst_detected(prefix, read, written, start);
    }
}

} // verus!

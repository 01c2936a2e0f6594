//! Codewords in an image, and what reading them says of them.
#[cfg(verus_only)]
use crate::{codeword::*, damage::*, region_id::RegionId, trusted::region::*};
use vstd::prelude::*;

verus! {

/// The 32 bytes at `addr`.
pub open spec fn line(image: Seq<u8>, addr: int) -> Seq<u8> {
    image.subrange(addr, addr + 32)
}

/// What reading a codeword says about what was written.
pub proof fn lemma_codeword_read(
    view: RegionView,
    addr: int,
    chunk: Seq<u8>,
    at: int,
    id: RegionId,
    tag: u64,
)
    requires
        0 <= addr,
        0 <= at,
        at + 32 <= chunk.len(),
        addr + chunk.len() <= view.volatile.len(),
        read_as(view.medium, view.volatile, addr, chunk),
    ensures
        ({
            let read = chunk.subrange(at, at + 32);
            let written = line(view.volatile, addr + at);
            &&& decoded(id, tag, read) is None ==> decoded(id, tag, written) is None || damaged_in(
                view.medium,
                addr + at,
                32,
            )
            &&& !damaged_in(view.medium, addr + at, 32) ==> read == written
            &&& decoded(id, tag, read) is Some && (!damaged_in(view.medium, addr + at, 32)
                || tolerable_at(view.medium, addr + at, 32) && decoded(id, tag, written) is Some)
                ==> written == codeword(id, tag, payload_of(read))
        }),
{
    let read = chunk.subrange(at, at + 32);
    let written = line(view.volatile, addr + at);
    if !damaged_in(view.medium, addr + at, 32) {
        lemma_undamaged_read(view.medium, view.volatile, addr, chunk, at, 32);
        assert forall|j: int| 0 <= j < 32 implies read[j] == written[j] by {
            assert(chunk[at + j] == view.volatile[addr + (at + j)]);
        }
        assert(read =~= written);
    } else {
        if decoded(id, tag, read) is Some && tolerable_at(view.medium, addr + at, 32) && decoded(
            id,
            tag,
            written,
        ) is Some {
            lemma_tolerable_read(view.medium, view.volatile, addr, chunk, at, 32);
            lemma_damage_detected(id, tag, read, written);
        }
    }
}

} // verus!

//! What was read makes of any image: readings are to images what writes are to a region.
use crate::trusted::guarded::*;
#[cfg(verus_only)]
use crate::{
    codeword::*, codewords::*, image::*, region_id::RegionId, trusted::region::update_bytes,
};
use core::fmt;
use vstd::prelude::*;

verus! {

/// Readings change no image's length.
pub proof fn lemma_as_read_len(image: Seq<u8>, readings: Seq<Reading>)
    ensures
        as_read(image, readings).len() == image.len(),
    decreases readings.len(),
{
    if readings.len() > 0 {
        lemma_as_read_len(image, readings.drop_last());
    }
}

/// One more reading is one more write.
pub proof fn lemma_as_read_push(image: Seq<u8>, readings: Seq<Reading>, reading: Reading)
    ensures
        as_read(image, readings.push(reading)) == update_bytes(
            as_read(image, readings),
            reading.addr,
            reading.bytes,
        ),
        as_read(image, readings.push(reading)).len() == image.len(),
        as_read(image, readings).len() == image.len(),
{
    lemma_as_read_len(image, readings);
    assert(readings.push(reading).drop_last() =~= readings);
}

/// Whether the last readings, those behind `before`, make this run of the bytes at `addr` in any image of `len` bytes, and
/// leave the others alone.
pub open spec fn run_read(
    len: int,
    before: Seq<Reading>,
    after: Seq<Reading>,
    addr: int,
    id: RegionId,
    tag: u64,
    payloads: Seq<Payload>,
) -> bool {
    forall|image: Seq<u8>|
        image.len() == len ==> run_holds(#[trigger] as_read(image, after), addr, id, tag, payloads)
            && same_outside(
            as_read(image, after),
            as_read(image, before),
            addr,
            addr + 32 * payloads.len(),
        )
}

/// Reading a chunk of codewords makes the run longer.
pub proof fn lemma_chunk_read(
    len: int,
    before: Seq<Reading>,
    readings: Seq<Reading>,
    addr: int,
    id: RegionId,
    tag: u64,
    payloads: Seq<Payload>,
    from: int,
    chunk: Seq<u8>,
)
    requires
        0 <= addr,
        0 <= from <= payloads.len(),
        addr + 32 * payloads.len() <= len,
        chunk.len() == 32 * (payloads.len() - from),
        run_read(len, before, readings, addr, id, tag, payloads.take(from)),
        forall|i: int|
            from <= i < payloads.len() ==> chunk.subrange(32 * (i - from), 32 * (i - from) + 32)
                == codeword(id, (tag + i) as u64, #[trigger] payloads[i]),
    ensures
        run_read(
            len,
            before,
            readings.push(Reading { addr: addr + 32 * from, bytes: chunk }),
            addr,
            id,
            tag,
            payloads,
        ),
{
    let reading = Reading { addr: addr + 32 * from, bytes: chunk };
    assert forall|image: Seq<u8>| image.len() == len implies run_holds(
        #[trigger] as_read(image, readings.push(reading)),
        addr,
        id,
        tag,
        payloads,
    ) && same_outside(
        as_read(image, readings.push(reading)),
        as_read(image, before),
        addr,
        addr + 32 * payloads.len(),
    ) by {
        lemma_as_read_push(image, readings, reading);
        let s = as_read(image, readings.push(reading));
        let t = as_read(image, readings);
        assert forall|i: int| 0 <= i < payloads.len() implies codeword_is(
            s,
            addr,
            id,
            tag,
            i,
            #[trigger] payloads[i],
        ) by {
            let a = addr + 32 * i;
            if i < from {
                assert(codeword_is(t, addr, id, tag, i, payloads.take(from)[i]));
                assert(line(s, a) =~= line(t, a));
            } else {
                let at = 32 * (i - from);
                assert(line(s, a) =~= chunk.subrange(at, at + 32));
            }
        }
    }
}

} // verus!
impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readings")
    }
}

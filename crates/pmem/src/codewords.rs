//! Runs of codewords, one behind the other: read and written many at a time.
use crate::codeword::*;
use crate::region_id::RegionId;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{damage::*, image::*, readings::*};
use vstd::prelude::*;

verus! {

/// How many bytes of codewords are written or read at a time.
const CHUNK: usize = 4096;

/// The 32 bytes at `addr`.
pub open spec fn line(image: Seq<u8>, addr: int) -> Seq<u8> {
    image.subrange(addr, addr + 32)
}

/// Whether codeword `i` of a run at `addr` holds `p`.
pub open spec fn codeword_is(
    image: Seq<u8>,
    addr: int,
    id: RegionId,
    tag: u64,
    i: int,
    p: Payload,
) -> bool {
    line(image, addr + 32 * i) == codeword(id, (tag + i) as u64, p)
}

/// Whether the run at `addr` holds these payloads.
pub open spec fn run_holds(
    image: Seq<u8>,
    addr: int,
    id: RegionId,
    tag: u64,
    payloads: Seq<Payload>,
) -> bool {
    forall|i: int|
        0 <= i < payloads.len() ==> codeword_is(image, addr, id, tag, i, #[trigger] payloads[i])
}

/// Whether codeword `i` of the run at `addr` is valid.
pub open spec fn codeword_valid(image: Seq<u8>, addr: int, id: RegionId, tag: u64, i: int) -> bool {
    decoded(id, (tag + i) as u64, line(image, addr + 32 * i)) is Some
}

/// What a medium must be like for codeword `i` of the run at `addr` to read as what was written: undamaged there, or valid
/// and damaged within the fault model.
pub open spec fn codeword_trustworthy(
    view: RegionView,
    addr: int,
    id: RegionId,
    tag: u64,
    i: int,
) -> bool {
    ||| !damaged_in(view.medium, addr + 32 * i, 32)
    ||| tolerable_at(view.medium, addr + 32 * i, 32) && codeword_valid(
        view.volatile,
        addr,
        id,
        tag,
        i,
    )
}

/// Whether that is so for all codewords of the run.
pub open spec fn run_trustworthy(
    view: RegionView,
    addr: int,
    id: RegionId,
    tag: u64,
    len: int,
) -> bool {
    forall|i: int| 0 <= i < len ==> #[trigger] codeword_trustworthy(view, addr, id, tag, i)
}

/// Why a run cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunError {
    /// The codeword with this index is not valid.
    Corrupt(u64),
    /// The device could not read.
    Io(IoError),
}

/// A run that holds payloads is valid, and holds no others.
pub proof fn lemma_run_holds(
    image: Seq<u8>,
    addr: int,
    id: RegionId,
    tag: u64,
    payloads: Seq<Payload>,
)
    requires
        run_holds(image, addr, id, tag, payloads),
    ensures
        forall|i: int|
            0 <= i < payloads.len() ==> #[trigger] codeword_valid(image, addr, id, tag, i),
        forall|i: int|
            0 <= i < payloads.len() ==> payload_of(line(image, addr + 32 * i))
                == #[trigger] payloads[i],
{
    assert forall|i: int| 0 <= i < payloads.len() implies #[trigger] codeword_valid(
        image,
        addr,
        id,
        tag,
        i,
    ) && payload_of(line(image, addr + 32 * i)) == payloads[i] by {
        assert(codeword_is(image, addr, id, tag, i, payloads[i]));
        lemma_decoded_of_codeword(id, (tag + i) as u64, payloads[i]);
    }
    assert forall|i: int| 0 <= i < payloads.len() implies payload_of(line(image, addr + 32 * i))
        == #[trigger] payloads[i] by {
        assert(codeword_valid(image, addr, id, tag, i));
    }
}

/// A run is where its bytes are: images that agree on them agree on it.
pub proof fn lemma_run_same(
    s: Seq<u8>,
    t: Seq<u8>,
    addr: int,
    id: RegionId,
    tag: u64,
    payloads: Seq<Payload>,
)
    requires
        run_holds(t, addr, id, tag, payloads),
        0 <= addr,
        addr + 32 * payloads.len() <= s.len() == t.len(),
        forall|a: int| addr <= a < addr + 32 * payloads.len() ==> #[trigger] s[a] == t[a],
    ensures
        run_holds(s, addr, id, tag, payloads),
{
    assert forall|i: int| 0 <= i < payloads.len() implies codeword_is(
        s,
        addr,
        id,
        tag,
        i,
        #[trigger] payloads[i],
    ) by {
        assert(codeword_is(t, addr, id, tag, i, payloads[i]));
        assert(line(s, addr + 32 * i) =~= line(t, addr + 32 * i));
    }
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

/// Writes a run of codewords.
pub fn write_run<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    id: RegionId,
    tag: u64,
    payloads: &[Payload],
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        addr + 32 * payloads@.len() <= old(region)@.volatile.len(),
        tag + payloads@.len() <= u64::MAX,
        forall|image: Seq<u8>|
            same_outside(image, old(region)@.durable, addr as int, addr + 32 * payloads@.len())
                ==> #[trigger] permission.permits(image),
    ensures
        final(region).inv(),
        final(region)@.medium == old(region)@.medium,
        final(region)@.failed == (r is Err),
        same_outside(
            final(region)@.durable,
            old(region)@.durable,
            addr as int,
            addr + 32 * payloads@.len(),
        ),
        same_outside(
            final(region)@.volatile,
            old(region)@.volatile,
            addr as int,
            addr + 32 * payloads@.len(),
        ),
        r is Ok ==> run_holds(final(region)@.volatile, addr as int, id, tag, payloads@),
{
    let ghost before = region@;
    let ghost end = addr + 32 * payloads@.len();
    let mut chunk: Vec<u8> = Vec::with_capacity(CHUNK);
    let mut done: usize = 0;
    proof {
        region.lemma_inv();
    }
    while done < payloads.len()
        invariant
            region.inv(),
            !region@.failed,
            before == old(region)@,
            region@.medium == before.medium,
            before.volatile.len() == before.durable.len() <= u64::MAX,
            addr + 32 * payloads@.len() == end <= before.volatile.len(),
            tag + payloads@.len() <= u64::MAX,
            done <= payloads@.len(),
            same_outside(region@.durable, before.durable, addr as int, end),
            same_outside(region@.volatile, before.volatile, addr as int, end),
            forall|image: Seq<u8>|
                same_outside(image, before.durable, addr as int, end)
                    ==> #[trigger] permission.permits(image),
            forall|i: int|
                0 <= i < done ==> codeword_is(
                    region@.volatile,
                    addr as int,
                    id,
                    tag,
                    i,
                    #[trigger] payloads@[i],
                ),
        decreases payloads@.len() - done,
    {
        let next = fill(&mut chunk, id, tag, payloads, done);
        let here_addr = addr + 32 * done as u64;
        let ghost here = region@;
        proof {
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    here.durable,
                    here_addr as int,
                    chunk@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, here.durable, here_addr as int, chunk@);
                assert(same_outside(image, before.durable, addr as int, end));
            }
        }
        let r = region.write(here_addr, chunk.as_slice(), Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, here.durable, here_addr as int, chunk@);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, here.volatile, here_addr as int, chunk@);
            }
        }
        r?;
        proof {
            assert forall|i: int| 0 <= i < next implies codeword_is(
                region@.volatile,
                addr as int,
                id,
                tag,
                i,
                #[trigger] payloads@[i],
            ) by {
                let a = addr + 32 * i;
                if i < done {
                    assert(codeword_is(here.volatile, addr as int, id, tag, i, payloads@[i]));
                    assert(line(region@.volatile, a) =~= line(here.volatile, a));
                } else {
                    let at = 32 * (i - done);
                    assert(line(region@.volatile, a) =~= chunk@.subrange(at, at + 32));
                }
            }
        }
        done = next;
    }
    Ok(())
}

/// Fills `chunk` with the codewords of the payloads from `from` on; returns where it stopped.
fn fill(chunk: &mut Vec<u8>, id: RegionId, tag: u64, payloads: &[Payload], from: usize) -> (next:
    usize)
    requires
        from < payloads@.len(),
        tag + payloads@.len() <= u64::MAX,
    ensures
        from < next <= payloads@.len(),
        final(chunk)@.len() == 32 * (next - from),
        forall|i: int|
            from <= i < next ==> final(chunk)@.subrange(32 * (i - from), 32 * (i - from) + 32)
                == codeword(id, (tag + i) as u64, #[trigger] payloads@[i]),
{
    chunk.clear();
    let mut next = from;
    while next < payloads.len() && next - from < CHUNK / 32
        invariant
            from <= next <= payloads@.len(),
            tag + payloads@.len() <= u64::MAX,
            chunk@.len() == 32 * (next - from),
            forall|i: int|
                from <= i < next ==> chunk@.subrange(32 * (i - from), 32 * (i - from) + 32)
                    == codeword(id, (tag + i) as u64, #[trigger] payloads@[i]),
        decreases payloads@.len() - next,
    {
        let buf = encode(id, tag + next as u64, payloads[next]);
        let ghost before = chunk@;
        chunk.extend_from_slice(&buf);
        proof {
            let at = 32 * (next - from);
            assert(chunk@.subrange(at, at + 32) =~= buf@);
            assert forall|i: int| from <= i < next implies chunk@.subrange(
                32 * (i - from),
                32 * (i - from) + 32,
            ) == codeword(id, (tag + i) as u64, #[trigger] payloads@[i]) by {
                assert(chunk@.subrange(32 * (i - from), 32 * (i - from) + 32) =~= before.subrange(
                    32 * (i - from),
                    32 * (i - from) + 32,
                ));
            }
        }
        next += 1;
    }
    next
}

/// Reads a run of `len` codewords. The medium may hold anything.
pub fn read_run<R: Region, P: CrashPermission>(
    region: &Guarded<R, P>,
    addr: u64,
    id: RegionId,
    tag: u64,
    len: usize,
    readings: &mut Readings,
) -> (r: Result<Vec<Payload>, RunError>)
    requires
        region.inv(),
        addr % 32 == 0,
        addr + 32 * len <= region@.volatile.len(),
        tag + len <= u64::MAX,
    ensures
        r matches Ok(payloads) ==> payloads@.len() == len && (run_trustworthy(
            region@,
            addr as int,
            id,
            tag,
            len as int,
        ) ==> run_holds(region@.volatile, addr as int, id, tag, payloads@)),
        r matches Ok(payloads) ==> run_read(
            region@.volatile.len() as int,
            old(readings)@,
            final(readings)@,
            addr as int,
            id,
            tag,
            payloads@,
        ),
        r matches Err(RunError::Corrupt(i)) ==> i < len && (!codeword_valid(
            region@.volatile,
            addr as int,
            id,
            tag,
            i as int,
        ) || damaged_in(region@.medium, addr + 32 * i, 32)),
        r matches Err(RunError::Io(_)) ==> damaged_in(region@.medium, addr as int, 32 * len as int),
{
    let mut payloads: Vec<Payload> = Vec::with_capacity(len);
    let mut chunk: Vec<u8> = vec![0u8; CHUNK];
    let ghost before = readings@;
    proof {
        region.lemma_inv();
    }
    while payloads.len() < len
        invariant
            before == old(readings)@,
            run_read(
                region@.volatile.len() as int,
                before,
                readings@,
                addr as int,
                id,
                tag,
                payloads@,
            ),
            payloads@.len() <= len,
            region.inv(),
            addr % 32 == 0,
            addr + 32 * len <= region@.volatile.len() <= u64::MAX,
            tag + len <= u64::MAX,
            chunk@.len() == CHUNK,
            run_trustworthy(region@, addr as int, id, tag, len as int) ==> run_holds(
                region@.volatile,
                addr as int,
                id,
                tag,
                payloads@,
            ),
        decreases len - payloads@.len(),
    {
        let from = payloads.len();
        let count = if len - from < CHUNK / 32 {
            len - from
        } else {
            CHUNK / 32
        };
        let chunk_addr = addr + 32 * from as u64;
        chunk.truncate(32 * count);
        let ghost first = payloads@;
        let ghost readings_before = readings@;
        match region.read(chunk_addr, chunk.as_mut_slice(), readings) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    lemma_damaged_part(
                        region@.medium,
                        chunk_addr as int,
                        32 * count as int,
                        addr as int,
                        32 * len as int,
                    );
                }
                return Err(RunError::Io(e));
            },
        }
        let mut k: usize = 0;
        while k < count
            invariant
                k <= count,
                from + count <= len,
                payloads@.len() == from + k,
                region.inv(),
                addr % 32 == 0,
                addr + 32 * len <= region@.volatile.len() <= u64::MAX,
                tag + len <= u64::MAX,
                chunk_addr == addr + 32 * from,
                chunk@.len() == 32 * count,
                first.len() == from,
                payloads@.take(from as int) =~= first,
                forall|i: int|
                    from <= i < payloads@.len() ==> chunk@.subrange(
                        32 * (i - from),
                        32 * (i - from) + 32,
                    ) == codeword(id, (tag + i) as u64, #[trigger] payloads@[i]),
                read_as(region@.medium, region@.volatile, chunk_addr as int, chunk@),
                run_trustworthy(region@, addr as int, id, tag, len as int) ==> run_holds(
                    region@.volatile,
                    addr as int,
                    id,
                    tag,
                    payloads@,
                ),
            decreases count - k,
        {
            let bytes = vstd::slice::slice_subrange(chunk.as_slice(), 32 * k, 32 * k + 32);
            let index = (from + k) as u64;
            let decoded = decode(id, tag + index, bytes);
            proof {
                lemma_codeword_read(
                    region@,
                    chunk_addr as int,
                    chunk@,
                    32 * k as int,
                    id,
                    (tag + index) as u64,
                );
                if run_trustworthy(region@, addr as int, id, tag, len as int) {
                    assert(codeword_trustworthy(region@, addr as int, id, tag, index as int));
                }
            }
            match decoded {
                Some(p) => payloads.push(p),
                None => return Err(RunError::Corrupt(index)),
            }
            k += 1;
        }
        proof {
            lemma_chunk_read(
                region@.volatile.len() as int,
                before,
                readings_before,
                addr as int,
                id,
                tag,
                payloads@,
                from as int,
                chunk@,
            );
        }
        if count < CHUNK / 32 {
            return Ok(payloads);
        }
    }
    Ok(payloads)
}

} // verus!

//! Reading the superblock, which may hold anything.
use super::*;
use pmem::codeword::decode;
#[cfg(verus_only)]
use pmem::{
    bytes::*,
    codeword::*,
    readings::*,
    trusted::bytes::{u64_at, u64_from_le},
};

verus! {

/// What is true of the superblock once it was read.
pub(super) open spec fn superblock_read(
    region: RegionView,
    id: RegionId,
    logs: int,
    lines: int,
) -> bool {
    &&& shape_fits(logs, lines, region.volatile.len() as int)
    &&& open_sound(region) ==> superblock_is(region.volatile, id, logs, lines)
}

/// Whether an error says what is wrong with a region that is opened.
pub(super) open spec fn error_right(region: RegionView, e: OpenError) -> bool {
    &&& open_refused(region, e)
    &&& recover(region.volatile) is Some || e is Io ==> metadata_damaged(region)
}

/// Whether readings make this superblock of the first bytes of any image of `len` bytes.
pub(super) open spec fn superblock_in_readings(
    len: int,
    readings: Seq<Reading>,
    id: RegionId,
    logs: int,
    lines: int,
) -> bool {
    forall|image: Seq<u8>|
        image.len() == len ==> superblock_is(#[trigger] as_read(image, readings), id, logs, lines)
}

/// A superblock that reads well is one, whatever else there is.
proof fn lemma_superblock_in_readings(
    len: int,
    readings: Seq<Reading>,
    buf: Seq<u8>,
    id: RegionId,
    logs: int,
    lines: int,
)
    requires
        buf.len() == 64,
        len >= 64,
        decoded(NO_ID, ID_TAG, buf.subrange(32, 64)) == Some(id_payload(id, lines)),
        decoded(id, HEADER_TAG, buf.subrange(0, 32)) == Some(header(logs, len)),
    ensures
        superblock_in_readings(
            len,
            readings.push(Reading { addr: 0, bytes: buf }),
            id,
            logs,
            lines,
        ),
{
    let reading = Reading { addr: 0, bytes: buf };
    assert forall|image: Seq<u8>| image.len() == len implies superblock_is(
        #[trigger] as_read(image, readings.push(reading)),
        id,
        logs,
        lines,
    ) by {
        lemma_as_read_push(image, readings, reading);
        let s = as_read(image, readings.push(reading));
        assert(line(s, 0) =~= buf.subrange(0, 32));
        assert(line(s, 32) =~= buf.subrange(32, 64));
    }
}

/// The superblock that was read is that of the logs that the region holds.
pub(super) proof fn lemma_superblock_unique(
    region: RegionView,
    id: RegionId,
    logs: int,
    lines: int,
    c: Contents,
)
    requires
        superblock_read(region, id, logs, lines),
        open_sound(region),
        holds(region.volatile, c),
    ensures
        c.id == id,
        c.logs() == logs,
        c.lines == lines,
{
    lemma_superblock_says(region.volatile, id, logs, lines, c.id, c.logs(), c.lines);
}

/// A region of which a superblock was read is not unformatted, unless its first bytes are damaged.
pub(super) proof fn lemma_not_unformatted(region: RegionView, id: RegionId, logs: int, lines: int)
    requires
        superblock_read(region, id, logs, lines),
        found(region.volatile) is Unformatted,
    ensures
        damaged_in(region.medium, 0, 64),
{
    if open_sound(region) {
        let p = header(logs, region.volatile.len() as int);
        lemma_decoded_of_codeword(id, HEADER_TAG, p);
        assert(line(region.volatile, 0).subrange(0, 8) =~= region.volatile.subrange(0, 8));
        assert(u64_at(region.volatile, 0) == MAGIC);
    }
}

/// Where what `open` returns of logs cannot be relied on, their metadata is damaged.
pub(super) proof fn lemma_unsound_is_damaged(region: RegionView)
    requires
        recover(region.volatile) is Some,
        !open_sound(region),
    ensures
        metadata_damaged(region),
{
    let c = contents_of(region.volatile);
    let (medium, layout) = (region.medium, c.layout());
    let end = spec_data_start(c.logs(), c.lines);
    lemma_journal_layout(c.id, c.logs(), c.lines, region.volatile.len() as int);
    if !tolerable_at(medium, 0, 32) {
        lemma_damaged_part(medium, 0, 32, 0, end);
    } else if !tolerable_at(medium, 32, 32) {
        lemma_damaged_part(medium, 32, 32, 0, end);
    } else if !layout.tolerable(region) {
        layout.lemma_intolerable(region);
        lemma_journals_damaged(medium, layout, end);
    }
}

/// Damage to the journals is damage before the rings.
pub(super) proof fn lemma_journals_damaged(medium: Medium, layout: JournalLayout, end: int)
    requires
        !layout.undamaged(medium),
        layout.a + layout.len <= end,
        layout.b + layout.len <= end,
        layout.selector + 8 <= end,
    ensures
        damaged_in(medium, 0, end),
{
    if damaged_in(medium, layout.selector as int, 8) {
        lemma_damaged_part(medium, layout.selector as int, 8, 0, end);
    } else if damaged_in(medium, layout.a as int, layout.len as int) {
        lemma_damaged_part(medium, layout.a as int, layout.len as int, 0, end);
    } else {
        lemma_damaged_part(medium, layout.b as int, layout.len as int, 0, end);
    }
}

/// Damage among the bytes that were read as metadata is damage to the metadata.
pub(super) proof fn lemma_metadata_damaged(
    region: RegionView,
    id: RegionId,
    logs: int,
    lines: int,
    addr: int,
    len: int,
)
    requires
        damaged_in(region.medium, addr, len),
        0 <= addr,
        addr + len <= 64 || superblock_read(region, id, logs, lines) && addr + len
            <= spec_data_start(logs, lines),
    ensures
        metadata_damaged(region),
{
    lemma_damaged_not_empty(region.medium, addr, len);
    if recover(region.volatile) is Some {
        let c = contents_of(region.volatile);
        let end = spec_data_start(c.logs(), c.lines);
        if !open_sound(region) {
            lemma_unsound_is_damaged(region);
        } else if addr + len <= 64 {
            lemma_damaged_part(region.medium, addr, len, 0, end);
        } else {
            lemma_superblock_unique(region, id, logs, lines, c);
            lemma_damaged_part(region.medium, addr, len, 0, end);
        }
    } else if found(region.volatile) is Unformatted {
        if addr + len <= 64 {
            lemma_damaged_part(region.medium, addr, len, 0, 64);
        } else {
            lemma_not_unformatted(region, id, logs, lines);
        }
    }
}

/// What reading the superblock says, if the region holds logs.
proof fn lemma_superblock_read(region: RegionView, buf: Seq<u8>, c: Contents)
    requires
        holds(region.volatile, c),
        buf.len() == 64,
        region.volatile.len() >= 64,
        read_as(region.medium, region.volatile, 0, buf),
    ensures
        ({
            let first = buf.subrange(0, 32);
            let second = buf.subrange(32, 64);
            let trusted = tolerable_at(region.medium, 0, 32) && tolerable_at(
                region.medium,
                ID_ADDR as int,
                32,
            );
            &&& !damaged_in(region.medium, 0, 64) ==> {
                &&& decoded(NO_ID, ID_TAG, second) == Some(id_payload(c.id, c.lines))
                &&& decoded(c.id, HEADER_TAG, first) == Some(
                    header(c.logs(), region.volatile.len() as int),
                )
            }
            &&& decoded(NO_ID, ID_TAG, second) is None ==> damaged_in(
                region.medium,
                ID_ADDR as int,
                32,
            )
            &&& decoded(c.id, HEADER_TAG, first) is None ==> damaged_in(region.medium, 0, 32)
            &&& trusted && decoded(NO_ID, ID_TAG, second) is Some ==> decoded(NO_ID, ID_TAG, second)
                == Some(id_payload(c.id, c.lines))
            &&& trusted && decoded(c.id, HEADER_TAG, first) is Some ==> decoded(
                c.id,
                HEADER_TAG,
                first,
            ) == Some(header(c.logs(), region.volatile.len() as int))
            &&& payload_of(first).a == u64_from_le(buf.subrange(0, 8))
        }),
{
    let image = region.volatile;
    let first = buf.subrange(0, 32);
    let second = buf.subrange(32, 64);
    let h = header(c.logs(), image.len() as int);
    lemma_codeword_read(region, 0, buf, 0, c.id, HEADER_TAG);
    lemma_codeword_read(region, 0, buf, 32, NO_ID, ID_TAG);
    lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(c.id, c.lines));
    lemma_decoded_of_codeword(c.id, HEADER_TAG, h);
    if decoded(NO_ID, ID_TAG, second) is Some {
        lemma_decoded_of_codeword(NO_ID, ID_TAG, payload_of(second));
    }
    if decoded(c.id, HEADER_TAG, first) is Some {
        lemma_decoded_of_codeword(c.id, HEADER_TAG, payload_of(first));
    }
    if !damaged_in(region.medium, 0, 64) {
        lemma_undamaged_read(region.medium, image, 0, buf, 0, 64);
        assert(first =~= line(image, 0));
        assert(second =~= line(image, 32));
    }
    assert(first.subrange(0, 8) =~= buf.subrange(0, 8));
}

/// Whether a payload is that of some superblock's first codeword, beside a second one with so many lines.
spec fn is_header(p: Payload, lines: int, region_len: int) -> bool {
    exists|logs: int|
        shape_fits(logs, lines, region_len) && p == #[trigger] header(logs, region_len)
}

/// The version and the number of logs, out of one integer.
proof fn lemma_header(logs: int, region_len: int)
    requires
        0 <= logs <= MAX_LOGS,
    ensures
        header(logs, region_len).b == VERSION + logs * 0x1_0000_0000,
        header(logs, region_len).b % 0x1_0000_0000 == VERSION,
        header(logs, region_len).b / 0x1_0000_0000 == logs,
{
}

/// What the superblock's bytes are like when they are refused with an error.
spec fn superblock_error(buf: Seq<u8>, region_len: int, e: OpenError) -> bool {
    let second = decoded(NO_ID, ID_TAG, buf.subrange(32, 64));
    let id = RegionId { lo: second->0.a, hi: second->0.b };
    let first = decoded(id, HEADER_TAG, buf.subrange(0, 32));
    match e {
        OpenError::Unformatted => u64_from_le(buf.subrange(0, 8)) != MAGIC,
        OpenError::Corrupt(c) => {
            &&& u64_from_le(buf.subrange(0, 8)) != 0
            &&& c.part is Superblock
            &&& if c.address == 0 {
                second is Some && (first is None || !is_header(
                    first->0,
                    second->0.c as int,
                    region_len,
                ))
            } else {
                c.address == ID_ADDR && second is None
            }
        },
        OpenError::UnsupportedVersion { .. } | OpenError::WrongLength { .. } => {
            &&& u64_from_le(buf.subrange(0, 8)) != 0
            &&& second is Some && first is Some
            &&& !is_header(first->0, second->0.c as int, region_len)
        },
        _ => false,
    }
}

/// Those errors are right.
proof fn lemma_superblock_refused(region: RegionView, buf: Seq<u8>, e: OpenError)
    requires
        buf.len() == 64,
        region.volatile.len() >= 64,
        read_as(region.medium, region.volatile, 0, buf),
        superblock_error(buf, region.volatile.len() as int, e),
    ensures
        open_refused(region, e),
        recover(region.volatile) is Some ==> damaged_in(region.medium, 0, 64),
{
    if !damaged_in(region.medium, 0, 64) {
        lemma_undamaged_read(region.medium, region.volatile, 0, buf, 0, 64);
        assert(buf.subrange(0, 8) =~= region.volatile.subrange(0, 8));
    }
    if recover(region.volatile) is Some {
        let c = contents_of(region.volatile);
        lemma_superblock_read(region, buf, c);
        assert(is_header(
            header(c.logs(), region.volatile.len() as int),
            c.lines,
            region.volatile.len() as int,
        ));
    }
}

/// What the superblock's bytes say.
fn parse(buf: &[u8; 64], len: u64) -> (r: Result<(RegionId, u64, u64), OpenError>)
    ensures
        r matches Ok((id, logs, lines)) ==> {
            &&& shape_fits(logs as int, lines as int, len as int)
            &&& decoded(NO_ID, ID_TAG, buf@.subrange(32, 64)) == Some(id_payload(id, lines as int))
            &&& decoded(id, HEADER_TAG, buf@.subrange(0, 32)) == Some(
                header(logs as int, len as int),
            )
        },
        r matches Err(e) ==> superblock_error(buf@, len as int, e),
{
    let magic = pmem::bytes::get_u64(buf, 0);
    let second = decode(NO_ID, ID_TAG, vstd::slice::slice_subrange(buf, 32, 64));
    if magic == 0 || (magic != MAGIC && second.is_none()) {
        return Err(OpenError::Unformatted);
    }
    let (id, lines) = match second {
        Some(p) => (RegionId { lo: p.a, hi: p.b }, p.c),
        None => return Err(
            OpenError::Corrupt(Corruption { part: Part::Superblock, address: ID_ADDR }),
        ),
    };
    let corrupt = OpenError::Corrupt(Corruption { part: Part::Superblock, address: 0 });
    let p = match decode(id, HEADER_TAG, vstd::slice::slice_subrange(buf, 0, 32)) {
        Some(p) if p.a == MAGIC => p,
        _ => return Err(corrupt),
    };
    let version = p.b % 0x1_0000_0000;
    let logs = p.b / 0x1_0000_0000;
    proof {
        assert forall|n: int|
            shape_fits(n, lines as int, len as int) && p == #[trigger] header(
                n,
                len as int,
            ) implies version == VERSION && logs == n && p.c == len by {
            lemma_header(n, len as int);
        }
    }
    if version != VERSION {
        return Err(OpenError::UnsupportedVersion { version });
    }
    if p.c != len {
        return Err(OpenError::WrongLength { recorded: p.c, actual: len });
    }
    if !is_shape_possible(logs, lines, len) {
        return Err(corrupt);
    }
    proof {
        lemma_header(logs as int, len as int);
        assert(p == header(logs as int, len as int));
    }
    Ok((id, logs, lines))
}

impl Core {
    /// Reads the superblock: the region's id, the number of logs, and how many lines each journal has for records.
    pub(super) fn read_superblock<R: Region>(
        region: &Guarded<R, Permission>,
        readings: &mut Readings,
    ) -> (r: Result<(RegionId, u64, u64), OpenError>)
        requires
            region.inv(),
            region@.volatile.len() >= MIN_LEN,
        ensures
            r matches Ok((id, logs, lines)) ==> {
                &&& superblock_read(region@, id, logs as int, lines as int)
                &&& superblock_in_readings(
                    region@.volatile.len() as int,
                    final(readings)@,
                    id,
                    logs as int,
                    lines as int,
                )
            },
            r matches Err(e) ==> error_right(region@, e),
    {
        let mut buf = [0u8;64];
        let len = region.get().len();
        proof {
            region.lemma_inv();
        }
        match region.read(0, &mut buf, readings) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    lemma_metadata_damaged(region@, NO_ID, 0, 0, 0, 64);
                }
                return Err(OpenError::Io(e));
            },
        }
        match parse(&buf, len) {
            Ok((id, logs, lines)) => {
                proof {
                    lemma_superblock_right(region@, buf@, id, logs as int, lines as int);
                    lemma_superblock_in_readings(
                        region@.volatile.len() as int,
                        old(readings)@,
                        buf@,
                        id,
                        logs as int,
                        lines as int,
                    );
                }
                Ok((id, logs, lines))
            },
            Err(e) => {
                proof {
                    lemma_superblock_refused(region@, buf@, e);
                    if recover(region@.volatile) is Some {
                        lemma_metadata_damaged(region@, NO_ID, 0, 0, 0, 64);
                    }
                }
                Err(e)
            },
        }
    }
}

/// A superblock that reads well is the one that was written.
proof fn lemma_superblock_right(
    region: RegionView,
    buf: Seq<u8>,
    id: RegionId,
    logs: int,
    lines: int,
)
    requires
        buf.len() == 64,
        region.volatile.len() >= 64,
        read_as(region.medium, region.volatile, 0, buf),
        shape_fits(logs, lines, region.volatile.len() as int),
        decoded(NO_ID, ID_TAG, buf.subrange(32, 64)) == Some(id_payload(id, lines)),
        decoded(id, HEADER_TAG, buf.subrange(0, 32)) == Some(
            header(logs, region.volatile.len() as int),
        ),
    ensures
        superblock_read(region, id, logs, lines),
{
    if open_sound(region) {
        lemma_codeword_read(region, 0, buf, 32, NO_ID, ID_TAG);
        if recover(region.volatile) is None {
            if damaged_in(region.medium, 0, 32) {
                lemma_metadata_damaged(region, id, logs, lines, 0, 32);
            }
            if damaged_in(region.medium, 32, 32) {
                lemma_metadata_damaged(region, id, logs, lines, 32, 32);
            }
        } else {
            let c = contents_of(region.volatile);
            lemma_superblock_read(region, buf, c);
            lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(c.id, c.lines));
            lemma_decoded_of_codeword(
                c.id,
                HEADER_TAG,
                header(c.logs(), region.volatile.len() as int),
            );
        }
        lemma_codeword_read(region, 0, buf, 0, id, HEADER_TAG);
    }
}

} // verus!

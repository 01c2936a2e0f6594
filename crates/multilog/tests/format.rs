//! The bytes on the medium, field by field: the format cannot change unnoticed. `docs/format.md` describes it.

mod common;

use common::image::{self, change, push_record, record, word};
use common::{image_of, with_lines, ID};
use crc::{Crc, CRC_64_XZ};

/// The CRC of the codeword at `addr`, with the prefix that the format gives it.
fn crc_at(image: &[u8], addr: usize, prefix: [u64; 3]) -> u64 {
    let crc = Crc::<u64>::new(&CRC_64_XZ);
    let mut digest = crc.digest();
    for word in prefix {
        digest.update(&word.to_le_bytes());
    }
    digest.update(&image[addr..addr + 24]);
    digest.finalize()
}

/// The codeword at `addr` holds these integers and the CRC over them, the id and the tag.
fn assert_codeword(image: &[u8], addr: usize, tag: u64, payload: [u64; 3]) {
    for (i, value) in payload.into_iter().enumerate() {
        assert_eq!(word(image, addr + 8 * i), value, "word {i} at {addr}");
    }
    let crc = crc_at(image, addr, [ID.lo, ID.hi, tag]);
    assert_eq!(word(image, addr + 24), crc, "CRC at {addr}");
}

fn assert_zero(image: &[u8], from: usize, to: usize) {
    assert_eq!(image[from..to], vec![0; to - from], "{from} to {to}");
}

#[test]
fn the_crc_is_crc_64_xz() {
    let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(b"123456789");
    assert_eq!(crc, 0x995d_c9bb_df19_39fa);
}

/// The entry of a journal's snapshot at `addr` is that of a log, as of this number.
fn assert_entry(image: &[u8], addr: usize, number: u64, log: u64, words: [u64; 4]) {
    for (i, value) in words.into_iter().enumerate() {
        assert_eq!(word(image, addr + 8 * i), value, "word {i} at {addr}");
    }
    assert_zero(image, addr + 32, addr + 56);
    let mut covered = Vec::new();
    for word in [ID.lo, ID.hi, number, log] {
        covered.extend(word.to_le_bytes());
    }
    covered.extend(&image[addr..addr + 56]);
    let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(&covered);
    assert_eq!(word(image, addr + 56), crc, "CRC at {addr}");
}

/// Three logs: each journal has a header, three entries, and two lines for records.
#[test]
fn new_logs() {
    let image = with_lines(&[100, 64, 1], 2).into_region().into_vec();
    assert_eq!(image.len(), 1089);

    assert_eq!(&image[..8], b"multilog");
    assert_eq!(word(&image, 0), 0x676f_6c69_746c_756d);
    assert_codeword(&image, 0, 0, [word(b"multilog", 0), 3 << 32 | 2, 1089]);
    assert_eq!(word(&image, 32), 0x0123_4567_89ab_cdef);
    assert_eq!(word(&image, 40), 0xfedc_ba98_7654_3210);
    assert_eq!(word(&image, 48), 2);
    assert_eq!(word(&image, 56), crc_at(&image, 32, [0, 0, 1]));

    assert_eq!(word(&image, 64), 0x6e1f_93a5_c478_2bd1);
    assert_zero(&image, 72, 128);

    assert_codeword(&image, 128, 0x3_0000_0000, [0, 0, 0]);
    assert_zero(&image, 160, 192);
    assert_entry(&image, 192, 0, 0, [896, 100, 0, 0]);
    assert_entry(&image, 256, 0, 1, [1024, 64, 0, 0]);
    assert_entry(&image, 320, 0, 2, [1088, 1, 0, 0]);
    assert_zero(&image, 384, 1089);
}

#[test]
fn the_other_writer_agrees() {
    for (capacities, lines) in [(vec![1], 1), (vec![64, 64], 7), (vec![65, 1, 63, 64], 3)] {
        let image = with_lines(&capacities, lines as u64)
            .into_region()
            .into_vec();
        assert!(
            image == image::new_logs(&capacities, lines),
            "{capacities:?}"
        );
    }
}

#[test]
fn logs_after_commits() {
    let mut logs = with_lines(&[4, 10], 2);
    let new = logs.into_region().into_vec();
    assert_eq!(new.len(), 842);
    logs = common::open(&new).unwrap();

    // The first append after opening switches to journal B.
    logs.stage_append(0, b"abc").unwrap();
    logs.commit().unwrap();
    let first = logs.into_region().into_vec();
    assert_eq!(word(&first, 64), 0x91e0_6c5a_3b87_d42e);
    assert_eq!(first[..64], new[..64]);
    assert_eq!(first[72..448], new[72..448], "the rest and journal A");
    assert_codeword(&first, 448, 0x3_0000_0001, [0, 0, 0]);
    assert_entry(&first, 512, 0, 0, [768, 4, 0, 0]);
    assert_entry(&first, 576, 0, 1, [832, 10, 0, 0]);
    assert_eq!(first[640..704], record(1, &[change(0, 0, 3, Some(b"abc"))]));
    assert_zero(&first, 704, 768);
    assert_eq!(&first[768..772], b"abc\0");

    // The first commit after opening switches to journal A, and the others where there is no room; position 4 lies where position
    // 0 was.
    logs = common::open(&first).unwrap();
    logs.stage_advance_head(0, 2).unwrap();
    logs.commit().unwrap();
    let second = image_of(&logs);
    assert_eq!(word(&second, 64), 0x6e1f_93a5_c478_2bd1);
    assert_codeword(&second, 128, 0x3_0000_0000, [1, 0, 0]);
    assert_entry(&second, 192, 1, 0, [768, 4, 0, 3]);
    assert_eq!(second[320..384], record(2, &[change(0, 2, 3, None)]));
    logs.stage_append(0, b"de").unwrap();
    logs.stage_append(1, b"0123456789").unwrap();
    logs.commit().unwrap();
    logs.stage_truncate(1, 9).unwrap();
    logs.commit().unwrap();
    let last = logs.into_region().into_vec();
    assert_eq!(word(&last, 64), 0x6e1f_93a5_c478_2bd1);
    assert_codeword(&last, 448, 0x3_0000_0001, [2, 0, 0]);
    assert_entry(&last, 512, 2, 0, [768, 4, 2, 3]);
    assert_entry(&last, 576, 2, 1, [832, 10, 0, 0]);
    let both = [
        change(0, 2, 5, Some(b"de")),
        change(1, 0, 10, Some(b"0123456789")),
    ];
    assert_eq!(last[640..768], record(3, &both));
    assert_codeword(&last, 128, 0x3_0000_0000, [3, 0, 0]);
    assert_entry(&last, 192, 3, 0, [768, 4, 2, 5]);
    assert_entry(&last, 256, 3, 1, [832, 10, 0, 10]);
    assert_eq!(last[320..384], record(4, &[change(1, 0, 9, None)]));
    assert_zero(&last, 384, 448);
    assert_eq!(&last[768..772], b"ebcd");
    assert_eq!(&last[832..842], b"0123456789");
    assert_zero(&last, 772, 832);
}

/// Records end with their CRC. The CRC of all that ends so is the same.
#[test]
fn the_mixed_crc_tells_records_apart() {
    let with_crc = |bytes: &[u8]| {
        let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(bytes);
        [bytes, &crc.to_le_bytes()[..]].concat()
    };
    let (one, other) = (with_crc(b"one"), with_crc(b"two"));
    assert_eq!(image::crc_of(&[], &one), image::crc_of(&[], &other));
    assert_ne!(image::mixed_crc(&one), image::mixed_crc(&other));
    assert_eq!(
        image::mixed_crc(&[0xff, 0x0e, 0x81]),
        image::crc_of(&[], &[0x03, 0x16, 0x81])
    );
}

/// The words of a record, so that it is not only compared with what writes it here.
#[test]
fn a_record_of_two_changes() {
    let mut logs = with_lines(&[8, 8], 2);
    logs.stage_append(0, b"ab").unwrap();
    logs.stage_append(1, b"123456789"[..8].as_ref()).unwrap();
    logs.commit().unwrap();
    let image = logs.into_region().into_vec();
    let crc = |bytes: &[u8]| Crc::<u64>::new(&CRC_64_XZ).checksum(bytes);
    assert_codeword(&image, 320, 0x5_0000_0000, [1, 96, crc(&image[352..448])]);
    let words = [352, 360, 368, 376].map(|addr| word(&image, addr));
    assert_eq!(
        words,
        [0xc000_0000_0000_0000, 0, 2, image::mixed_crc(b"ab")]
    );
    let words = [384, 392, 400, 408].map(|addr| word(&image, addr));
    assert_eq!(
        words,
        [0xc000_0000_0000_0001, 0, 8, image::mixed_crc(b"12345678")]
    );
    assert_zero(&image, 416, 448);
}

/// Of more bytes than that the record has no CRC.
#[test]
fn appends_of_more_than_512_mapped_bytes_are_not_checked() {
    for len in [512, 513] {
        let mut logs = with_lines(&[10_000], 2);
        let bytes = common::pattern(1, len);
        logs.stage_append(0, &bytes).unwrap();
        logs.commit().unwrap();
        let mut right = image::new_logs(&[10_000], 2);
        let checked = (len <= 512).then_some(&bytes[..]);
        push_record(&mut right, &[change(0, 0, len as u64, checked)]);
        let (start, _) = image::ring(&right, 0);
        right[start..start + len].copy_from_slice(&bytes);
        assert!(logs.into_region().into_vec() == right, "{len}");
    }
}

/// All bytes of a region: the example in `docs/format.md`, of which this is the CRC.
#[test]
fn the_region_in_the_document() {
    let mut logs = with_lines(&[16, 20], 2);
    logs.stage_append(0, b"hello, world").unwrap();
    logs.stage_append(1, b"abc").unwrap();
    logs.commit().unwrap();
    logs.stage_advance_head(0, 7).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, b"; and on").unwrap();
    logs.commit().unwrap();
    let image = logs.into_region().into_vec();
    let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(&image);
    assert_eq!((image.len(), crc), (852, 0x336a_c7df_eeba_0e4c));
}

#[test]
fn rings_begin_on_cache_lines() {
    for capacities in [vec![1], vec![64, 64], vec![65, 1, 63, 64], vec![7; 9]] {
        let image = common::in_memory(&capacities).into_region().into_vec();
        let mut floor = image::usual_metadata_end(capacities.len()) as u64;
        assert_eq!(floor as usize, image::metadata_end(&image));
        for (log, &capacity) in capacities.iter().enumerate() {
            let start = floor.next_multiple_of(64);
            assert_entry(
                &image,
                192 + 64 * log,
                0,
                log as u64,
                [start, capacity, 0, 0],
            );
            floor = start + capacity;
        }
        assert_eq!(floor, image.len() as u64);
    }
}

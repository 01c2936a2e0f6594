//! The bytes on the medium, field by field: the format cannot change unnoticed. `docs/format.md` describes it.

mod common;

use common::image::word;
use common::{in_memory, ID};
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

/// Three logs: the directory and the copies of the table each have room for four.
#[test]
fn new_logs() {
    let image = in_memory(&[100, 64, 1]).into_region().into_vec();
    assert_eq!(image.len(), 705);

    assert_eq!(&image[..8], b"multilog");
    assert_eq!(word(&image, 0), 0x676f_6c69_746c_756d);
    assert_codeword(&image, 0, 0, [word(b"multilog", 0), 3 << 32 | 1, 705]);
    assert_eq!(word(&image, 32), 0x0123_4567_89ab_cdef);
    assert_eq!(word(&image, 40), 0xfedc_ba98_7654_3210);
    assert_zero(&image, 48, 56);
    assert_eq!(word(&image, 56), crc_at(&image, 32, [0, 0, 1]));

    assert_eq!(word(&image, 64), 0x6e1f_93a5_c478_2bd1);
    assert_zero(&image, 72, 128);

    assert_codeword(&image, 128, 0x1_0000_0000, [512, 100, 0]);
    assert_codeword(&image, 160, 0x1_0000_0001, [640, 64, 0]);
    assert_codeword(&image, 192, 0x1_0000_0002, [704, 1, 0]);
    assert_zero(&image, 224, 256);

    for copy in [256, 384] {
        assert_codeword(&image, copy, 0x2_0000_0000, [0, 0, 0]);
        assert_codeword(&image, copy + 32, 0x2_0000_0001, [0, 0, 0]);
        assert_codeword(&image, copy + 64, 0x2_0000_0002, [0, 0, 0]);
        assert_zero(&image, copy + 96, copy + 128);
    }
    assert_zero(&image, 512, 705);
}

#[test]
fn logs_after_commits() {
    let mut logs = in_memory(&[4, 10]);
    let new = logs.into_region().into_vec();
    logs = common::open(&new).unwrap();

    // The first commit goes to copy B.
    logs.stage_append(0, b"abc").unwrap();
    logs.commit().unwrap();
    let first = logs.into_region().into_vec();
    assert_eq!(word(&first, 64), 0x91e0_6c5a_3b87_d42e);
    assert_eq!(first[..64], new[..64]);
    assert_eq!(first[72..256], new[72..256], "the rest and copy A");
    assert_codeword(&first, 256, 0x2_0000_0000, [1, 0, 3]);
    assert_codeword(&first, 288, 0x2_0000_0001, [0, 0, 0]);
    assert_eq!(&first[320..324], b"abc\0");

    // The second one goes to copy A; position 4 lies where position 0 was.
    logs = common::open(&first).unwrap();
    logs.stage_advance_head(0, 2).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, b"de").unwrap();
    logs.stage_append(1, b"0123456789").unwrap();
    logs.commit().unwrap();
    logs.stage_truncate(1, 9).unwrap();
    logs.commit().unwrap();
    let last = logs.into_region().into_vec();
    assert_eq!(word(&last, 64), 0x6e1f_93a5_c478_2bd1);
    assert_codeword(&last, 192, 0x2_0000_0000, [3, 2, 5]);
    assert_codeword(&last, 224, 0x2_0000_0001, [4, 0, 9]);
    assert_codeword(&last, 256, 0x2_0000_0000, [3, 2, 5]);
    assert_codeword(&last, 288, 0x2_0000_0001, [3, 0, 10]);
    assert_eq!(&last[320..324], b"ebcd");
    assert_eq!(&last[384..394], b"0123456789");
    assert_zero(&last, 324, 384);
}

/// All bytes of a small region, so that what the fields above leave out is held as well.
#[test]
fn the_whole_of_a_region() {
    let mut logs = in_memory(&[4]);
    logs.stage_append(0, b"abc").unwrap();
    logs.commit().unwrap();
    let image = logs.into_region().into_vec();
    let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(&image);
    assert_eq!((image.len(), crc), (324, 0x93af_f075_2bcf_4a4f));
}

#[test]
fn rings_begin_on_cache_lines() {
    for capacities in [vec![1], vec![64, 64], vec![65, 1, 63, 64], vec![7; 9]] {
        let image = in_memory(&capacities).into_region().into_vec();
        let mut floor = common::image::metadata_end(capacities.len()) as u64;
        for (log, &capacity) in capacities.iter().enumerate() {
            let start = floor.next_multiple_of(64);
            let tag = 0x1_0000_0000 + log as u64;
            assert_codeword(&image, 128 + 32 * log, tag, [start, capacity, 0]);
            floor = start + capacity;
        }
        assert_eq!(floor, image.len() as u64);
    }
}

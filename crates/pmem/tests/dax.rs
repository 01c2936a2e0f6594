//! Mapped files: what is stored, what is refused, and by which device a file is opened.
//!
//! No persistent memory is needed: all stores are tried in a mapping of an ordinary file, where they change the same
//! bytes. `docs/dax-run.md` is a run on persistent memory, emulated.

mod skipping;

use pmem::{
    AnyRegion, DaxOptions, DaxRegion, Durability, FileError, FileOptions, FileRegion, IoError,
    IoOperation, Region, Stores,
};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ALL: [Stores; 5] = [
    Stores::NonTemporal,
    Stores::Clwb,
    Stores::Clflushopt,
    Stores::Clflush,
    Stores::Ordinary,
];

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

fn mapped() -> DaxOptions {
    DaxOptions {
        survive_process_crash_only: true,
        ..DaxOptions::default()
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn every_kind_of_store_changes_its_range_and_nothing_else() {
    let available: Vec<Stores> = ALL.into_iter().filter(|s| s.is_available()).collect();
    assert!(available.contains(&Stores::Ordinary));
    for stores in available {
        let (_dir, path) = place();
        let options = DaxOptions {
            stores: Some(stores),
            ..mapped()
        };
        let mut region = DaxRegion::create(&path, 512, &options).unwrap();
        assert_eq!(region.stores(), stores);
        let mut expected = vec![0u8; 512];
        let mut value = 1u8;
        for start in 0..72 {
            for len in (0..160).chain([250, 440]) {
                let written: Vec<u8> = (0..len)
                    .map(|i| value.wrapping_mul(31).wrapping_add(i as u8))
                    .collect();
                region.write(start as u64, &written).unwrap();
                expected[start..start + len].copy_from_slice(&written);
                let found = region.borrow(0, 512).unwrap();
                assert!(
                    found == expected,
                    "{stores:?}: {len} bytes at {start} went wrong"
                );
                value = value.wrapping_add(1);
            }
        }
        region.flush().unwrap();
        drop(region);
        assert_eq!(bytes(&path), expected);
    }
}

#[test]
fn the_last_bytes_of_a_file_of_any_length_can_be_written_and_read() {
    for len in [1, 7, 8, 9, 63, 65, 4095, 4096, 4097] {
        let (_dir, path) = place();
        let mut region = DaxRegion::create(&path, len, &mapped()).unwrap();
        assert_eq!(region.len(), len);
        region.write(len - 1, &[0xee]).unwrap();
        region.write(len, &[]).unwrap();
        let mut last = [0];
        region.read(len - 1, &mut last).unwrap();
        assert_eq!(last, [0xee]);
        assert_eq!(region.borrow(len, 0), Some(&[][..]));
        drop(region);
        let mut expected = vec![0; len as usize];
        expected[len as usize - 1] = 0xee;
        assert_eq!(bytes(&path), expected);
        let region = DaxRegion::open(&path, &mapped()).unwrap();
        assert_eq!(region.borrow(0, len as usize), Some(&expected[..]));
    }
}

#[test]
#[should_panic(expected = "outside of the region")]
fn a_write_behind_the_end_is_caught() {
    let (_dir, path) = place();
    let mut region = DaxRegion::create(&path, 16, &mapped()).unwrap();
    let _ = region.write(u64::MAX, &[1, 2]);
}

#[test]
#[should_panic(expected = "outside of the region")]
fn a_read_behind_the_end_is_caught() {
    let (_dir, path) = place();
    let region = DaxRegion::create(&path, 16, &mapped()).unwrap();
    region.borrow(9, 8);
}

#[test]
fn what_is_not_persistent_memory_is_mapped_only_on_request() {
    let (_dir, path) = place();
    let refused = DaxRegion::create(&path, 64, &DaxOptions::default());
    assert_eq!(refused.unwrap_err(), FileError::NotPersistentMemory);
    assert!(!path.exists());

    let region = DaxRegion::create(&path, 64, &mapped()).unwrap();
    assert_eq!(region.durability(), Durability::ProcessCrash);
    assert_eq!(region.stores(), Stores::Ordinary);
    drop(region);
    let refused = DaxRegion::open(&path, &DaxOptions::default());
    assert_eq!(refused.unwrap_err(), FileError::NotPersistentMemory);
    assert_eq!(bytes(&path), [0; 64]);
}

#[test]
fn stores_that_are_not_durable_do_not_promise_to_survive_a_power_cut() {
    let (_dir, path) = place();
    let options = DaxOptions {
        stores: Some(Stores::Ordinary),
        ..DaxOptions::default()
    };
    let refused = DaxRegion::create(&path, 64, &options);
    assert_eq!(refused.unwrap_err(), FileError::StoresUnavailable);
}

#[test]
fn a_file_with_holes_is_not_mapped() {
    let (_dir, path) = place();
    File::create(&path).unwrap().set_len(1 << 20).unwrap();
    let refused = DaxRegion::open(&path, &mapped());
    assert_eq!(refused.unwrap_err(), FileError::Holes);
    let region = AnyRegion::open(&path, &FileOptions::default()).unwrap();
    assert!(matches!(region, AnyRegion::File(_)));
}

#[test]
fn a_region_opened_to_read_refuses_writes_and_then_flushes() {
    let (_dir, path) = place();
    drop(DaxRegion::create(&path, 64, &mapped()).unwrap());
    for prefault in [false, true] {
        let options = DaxOptions {
            read_only: true,
            prefault,
            ..mapped()
        };
        let mut region = DaxRegion::open(&path, &options).unwrap();
        region.flush().unwrap();
        let refused = |operation| IoError {
            operation,
            errno: 9,
        };
        assert_eq!(
            region.write(0, &[1]).unwrap_err(),
            refused(IoOperation::Write)
        );
        assert_eq!(region.flush().unwrap_err(), refused(IoOperation::Flush));
        assert_eq!(region.borrow(0, 64), Some(&[0; 64][..]));
    }
    assert_eq!(bytes(&path), [0; 64]);
}

#[test]
fn a_prefaulted_region_has_its_pages() {
    let (_dir, path) = place();
    let len = 4 << 20;
    let resident = || {
        let statm = fs::read_to_string("/proc/self/statm").unwrap();
        let shared: u64 = statm.split(' ').nth(2).unwrap().parse().unwrap();
        4096 * shared
    };
    let lazy = DaxRegion::create(&path, len, &mapped()).unwrap();
    let before = resident();
    drop(lazy);
    let options = DaxOptions {
        prefault: true,
        ..mapped()
    };
    let region = DaxRegion::open(&path, &options).unwrap();
    assert!(resident() >= before + len / 2);
    drop(region);
}

#[test]
fn a_mapped_file_is_locked() {
    let (_dir, path) = place();
    let region = DaxRegion::create(&path, 64, &mapped()).unwrap();
    let locked = FileRegion::open(&path, &FileOptions::default());
    assert_eq!(locked.unwrap_err(), FileError::Locked);
    let locked = DaxRegion::open(&path, &mapped());
    assert_eq!(locked.unwrap_err(), FileError::Locked);
    drop(region);
    DaxRegion::open(&path, &mapped()).unwrap();
}

#[test]
fn any_region_is_written_and_synced_where_memory_is_not_persistent() {
    let (_dir, path) = place();
    let mut calls = 0;
    let options = FileOptions::default();
    let mut region = AnyRegion::create(&path, 100, &options, &mut |_| calls += 1).unwrap();
    assert!(calls > 0);
    assert!(matches!(region, AnyRegion::File(_)));
    assert_eq!(region.len(), 100);
    region.write(93, b"durable").unwrap();
    region.flush().unwrap();
    drop(region);
    let region = AnyRegion::open(&path, &options).unwrap();
    let mut found = [0; 7];
    region.read(93, &mut found).unwrap();
    assert_eq!(&found, b"durable");
    assert_eq!(region.borrow(93, 7), None);
}

#[test]
fn a_file_system_in_memory_promises_no_more_than_that() {
    let shm = Path::new("/dev/shm");
    if !shm.is_dir() {
        return skipping::skip("there is no /dev/shm");
    }
    let dir = tempfile::tempdir_in(shm).unwrap();
    let options = FileOptions::default();
    let region = AnyRegion::create(&dir.path().join("region"), 64, &options, &mut |_| ()).unwrap();
    assert_eq!(region.durability(), Durability::ProcessCrash);
}

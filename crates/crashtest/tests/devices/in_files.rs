//! Devices in files: with each kind of store that this processor has, in memory and on a disk, and opened again.

use crate::agree::{agree, agrees_at_all, Model};
use crate::dirty::Watched;
use crashtest::places;
use crashtest::totals::tell;
use crashtest::worker::DeviceKind;
use fastrand::Rng;
use pmem::{AnyRegion, Concat, MemRegion, Region};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Lengths that end words, lines, pages, and not.
const LENGTHS: [u64; 6] = [1, 9, 64, 4_095, 4_096, 9_001];

fn folders() -> Vec<TempDir> {
    let places = places::memory().into_iter().chain([places::temporary()]);
    places
        .map(|place| tempfile::tempdir_in(place).unwrap())
        .collect()
}

fn is_mapped(region: &AnyRegion) -> bool {
    matches!(region, AnyRegion::Dax(_))
}

/// Works on a file, opens it again, and works on.
fn agrees(kind: DeviceKind, path: &Path, len: u64) {
    let mut region = kind.create(path, len, len.is_multiple_of(2)).unwrap();
    let mut model = Model::new(len, &[], is_mapped(&region));
    assert_eq!(model.mapped, matches!(kind, DeviceKind::Mapped(_)));
    model.files = vec![path.to_path_buf()];
    for seed in 0..3 {
        agree(&mut region, &mut model, seed, 200);
        drop(region);
        assert!(fs::read(path).unwrap() == model.bytes, "{kind} in {path:?}");
        region = kind.open(path).unwrap();
    }
    agrees_at_all(&region, &model);
}

#[test]
#[cfg_attr(miri, ignore = "it makes system calls that Miri does not know")]
fn each_device_of_any_length() {
    for folder in folders() {
        for kind in DeviceKind::all() {
            for len in LENGTHS {
                agrees(kind, &folder.path().join(format!("{kind}-{len}")), len);
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "it makes system calls that Miri does not know")]
fn each_device_reads_what_another_one_wrote() {
    let len = 4_500;
    for folder in folders() {
        let path = folder.path().join("region");
        drop(DeviceKind::File.create(&path, len, false).unwrap());
        let mut model = Model::new(len, &[], false);
        model.files = vec![path.clone()];
        for (seed, kind) in DeviceKind::all().into_iter().cycle().take(30).enumerate() {
            let mut region = kind.open(&path).unwrap();
            model.mapped = is_mapped(&region);
            agree(&mut region, &mut model, seed as u64, 50);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "it makes system calls that Miri does not know")]
fn each_pair_of_devices() {
    let (first_len, second_len) = (4_160, 4_105);
    for folder in folders() {
        for first in DeviceKind::all() {
            for second in DeviceKind::all() {
                let paths = ["first", "second"].map(|name| folder.path().join(name));
                let parts = (
                    first.create(&paths[0], first_len, false).unwrap(),
                    second.create(&paths[1], second_len, false).unwrap(),
                );
                let mut model = Model::new(first_len + second_len, &[first_len], false);
                model.files = paths.to_vec();
                let mut whole = Concat::new(parts.0, parts.1).unwrap();
                agree(&mut whole, &mut model, 1, 120);
                drop(whole);
                let parts = (
                    first.open(&paths[0]).unwrap(),
                    second.open(&paths[1]).unwrap(),
                );
                let mut whole = Concat::new(parts.0, parts.1).unwrap();
                agree(&mut whole, &mut model, 2, 120);
                drop(whole);
                let found = paths.each_ref().map(|path| fs::read(path).unwrap());
                assert!(found.concat() == model.bytes, "{first} and {second}");
                for path in paths {
                    fs::remove_file(path).unwrap();
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "it makes system calls that Miri does not know")]
fn memory_beside_each_device() {
    for folder in folders() {
        for kind in DeviceKind::all() {
            let path = folder.path().join(kind.to_string());
            let memory = MemRegion::new(128);
            let mut whole = Concat::new(memory, kind.create(&path, 200, false).unwrap()).unwrap();
            agree(&mut whole, &mut Model::new(328, &[128], false), 1, 300);
        }
    }
}

/// Writes here and there, and expects what a flush leaves to be on the medium. False: the kernel does not show that here.
fn is_synced<R: Region>(mut region: R, paths: &[PathBuf]) -> bool {
    let watched: Vec<Watched> = paths.iter().map(|path| Watched::new(path)).collect();
    let dirty = || watched.iter().map(Watched::dirty).sum::<u64>();
    if dirty() > 0 {
        return false;
    }
    let mut rng = Rng::with_seed(1);
    let mut seen = 0;
    for _ in 0..40 {
        for _ in 0..rng.usize(1..4) {
            region.write(rng.u64(..region.len()), b"x").unwrap();
        }
        // The kernel may have been quicker, but not often.
        seen += u64::from(dirty() > 0);
        region.flush().unwrap();
        assert_eq!(dirty(), 0, "bytes are dirty in {paths:?}");
    }
    seen > 20
}

#[test]
#[cfg_attr(miri, ignore = "it makes system calls that Miri does not know")]
fn a_flush_leaves_no_page_to_be_written() {
    let folder = tempfile::tempdir_in(places::temporary()).unwrap();
    let paths = ["first", "second"].map(|name| folder.path().join(name));
    let mut shown = true;
    for kind in [DeviceKind::File, DeviceKind::Any] {
        for path in &paths {
            let _ = fs::remove_file(path);
        }
        let first = kind.create(&paths[0], 40_000, false).unwrap();
        let second = kind.create(&paths[1], 9_001, false).unwrap();
        if is_mapped(&first) {
            continue;
        }
        shown &= is_synced(second, &paths[1..]);
        let second = kind.open(&paths[1]).unwrap();
        shown &= is_synced(Concat::new(first, second).unwrap(), &paths);
    }
    if !shown {
        tell("SKIPPED: the kernel shows no dirty pages here, so no flush was seen");
    }
}

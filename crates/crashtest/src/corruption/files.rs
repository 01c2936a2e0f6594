//! Files that were cut off or extended, as the library and the tool open them.

use super::base::Base;
use super::judge::{fault, observed, same};
use super::oracle;
use super::trial::tried;
use crate::places;
use crate::totals::{Totals, Violation};
use multilog::{FileError, FileOptions, FileRegion, MultiLog};
use std::fs::File;
use std::path::Path;

/// Cuts a file of the base's bytes to each length, extends it, and opens what is left, to write and as `plog check` does.
pub fn lengths(base: &Base, step: usize, totals: &mut Totals) {
    // What is cut off is the same on any medium, and each opening syncs.
    let place = places::memory().unwrap_or_else(places::temporary);
    let folder = tempfile::tempdir_in(place).expect("a temporary folder");
    let path = folder.path().join("logs");
    for len in (0..=base.image.len() + 64)
        .step_by(step)
        .chain([base.image.len()])
    {
        let mut image = base.image.clone();
        image.resize(len, 0);
        std::fs::write(&path, &base.image).expect("a file");
        let file = File::options().write(true).open(&path).expect("the file");
        file.set_len(len as u64).expect("another length");
        drop(file);
        totals.corruptions += 1;
        if let Err(what) = tried(&base.name, &image, || judge(&path, &image)) {
            let how = format!("{}: a file cut off or extended to {len} bytes", base.name);
            totals.violations.push(Violation { what, how });
        }
    }
}

fn judge(path: &Path, image: &[u8]) -> Result<(), String> {
    for read_only in [true, false] {
        let options = FileOptions {
            read_only,
            ..FileOptions::default()
        };
        let right = oracle::collection(image);
        match FileRegion::open(path, &options) {
            Ok(region) => match MultiLog::open(region) {
                Ok(logs) => {
                    same("open", Ok(observed(&logs)?), right)?;
                    same("check", logs.check().map(drop), Ok(()))?;
                }
                Err(refused) => same("open", Err(fault(refused.error)?), right)?,
            },
            Err(error) => {
                same("the file", error, FileError::Empty)?;
                same("the length of what is called empty", image.len(), 0)?;
            }
        }
    }
    let kept = std::fs::read(path).map_err(|error| error.to_string())?;
    same("the file after opening it", kept, image.to_vec())
}

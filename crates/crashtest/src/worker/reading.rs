//! What users read: the bytes of all logs, copied and in place, and the records in them.

use crate::workload::records::records;
use crate::workload::{Fault, State, Subject};
use multilog::{Region, RegionId};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Reads all logs in each way, which are to be `right`.
///
/// # Errors
/// The first error of the device, or what was not as it is to be.
pub fn read_all<R: Region, S: Subject<R>>(subject: &S, right: &State) -> Result<(), Fault> {
    same("the logs", &subject.committed()?, right)?;
    for (number, log) in (0..).zip(right) {
        if let Some(bytes) = subject.committed_in_place(number)? {
            same("the bytes in place", &bytes, &log.data)?;
        }
        let expected = records(subject.region_id(), number, log);
        same("the records", &subject.records(number)?, &expected)?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, right: &T) -> Result<(), Fault> {
    match found == right {
        true => Ok(()),
        false => Err(Fault::Unexpected(format!(
            "{what}: {found:?} instead of {right:?}"
        ))),
    }
}

/// The id of the region in a file.
///
/// # Errors
/// The file is not there, cannot be read or is too short to hold one.
pub fn id_in(path: &Path) -> io::Result<RegionId> {
    let (file, mut lo, mut hi) = (File::open(path)?, [0; 8], [0; 8]);
    file.read_exact_at(&mut lo, 32)?;
    file.read_exact_at(&mut hi, 40)?;
    Ok(RegionId {
        lo: u64::from_le_bytes(lo),
        hi: u64::from_le_bytes(hi),
    })
}

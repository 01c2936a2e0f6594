//! Logs to measure, on each kind of region.

use crate::measure::Failure;
use crate::report;
use multilog::layout::{required_len_with_journal, JOURNAL_LINES};
use multilog::RegionId;
use multilog::{
    DaxOptions, DaxRegion, Durability, FileError, FileOptions, FileRegion, MemRegion, MultiLog,
    Refused, Region, Stores,
};
use pmemlog::PmemLog;
use rustix::fs::statvfs;
use std::fs;
use std::path::Path;

/// The bytes of a cache line, to which everything that is measured is aligned.
pub const LINE: usize = 64;

/// A region in memory, for logs of these capacities, all of its pages present.
pub fn memory(capacities: &[u64]) -> Result<MemRegion, Failure> {
    let len = usize::try_from(region_len(capacities)?)?;
    let mut region = MemRegion::new(len);
    region.write(0, &vec![0; len])?;
    Ok(region)
}

/// A region in a new file that is written and synced.
pub fn file(path: &Path, capacities: &[u64]) -> Result<FileRegion, Failure> {
    let len = region_len(capacities)?;
    Ok(FileRegion::create(path, len, &FileOptions::default())?)
}

/// How files are mapped.
#[derive(Clone, Copy)]
pub struct Dax<'a> {
    /// Where they are.
    pub dir: &'a Path,
    stores: Stores,
    survives: Durability,
}

impl Dax<'_> {
    /// Finds out what the data of files in `dir` survive that are mapped and stored to like this: a power cut on
    /// persistent memory; elsewhere a crash of the process only, though they are stored to as if it were. In that case
    /// it also returns why.
    pub fn probe(dir: &Path, stores: Stores) -> Result<(Dax<'_>, Option<FileError>), Failure> {
        let path = dir.join("probe");
        let mut dax = Dax {
            dir,
            stores,
            survives: Durability::PowerCut,
        };
        let len = LINE as u64;
        let why = match DaxRegion::create(&path, len, &dax.options()) {
            Ok(_) => None,
            Err(error @ (FileError::NotPersistentMemory | FileError::StoresUnavailable)) => {
                dax.survives = Durability::ProcessCrash;
                DaxRegion::create(&path, len, &dax.options())?;
                Some(error)
            }
            Err(error) => return Err(error.into()),
        };
        fs::remove_file(&path)?;
        Ok((dax, why))
    }

    /// A region in a new file that is mapped.
    pub fn create(self, path: &Path, capacities: &[u64]) -> Result<DaxRegion, Failure> {
        self.create_with_journal(path, capacities, JOURNAL_LINES)
    }

    /// The same for journals that have so many lines.
    pub fn create_with_journal(
        self,
        path: &Path,
        capacities: &[u64],
        lines: u64,
    ) -> Result<DaxRegion, Failure> {
        let len = required_len_with_journal(capacities, lines).ok_or(TOO_LARGE)?;
        Ok(DaxRegion::create(path, len, &self.options())?)
    }

    /// The region in a file that [`Dax::create`] left, its pages not yet present.
    pub fn open(self, path: &Path) -> Result<DaxRegion, Failure> {
        let prefault = false;
        let options = DaxOptions {
            prefault,
            ..self.options()
        };
        Ok(DaxRegion::open(path, &options)?)
    }

    /// What the data survive, once they are flushed.
    pub fn survives(self) -> Durability {
        self.survives
    }

    fn options(self) -> DaxOptions {
        DaxOptions {
            prefault: true,
            stores: Some(self.stores),
            survive_process_crash_only: self.survives == Durability::ProcessCrash,
            ..DaxOptions::default()
        }
    }
}

/// Whether the file system that `dir` is on has room for so many bytes more. Where it has not, it says what is left out
/// for that.
pub fn has_room(dir: &Path, bytes: u64, left_out: &str) -> Result<bool, Failure> {
    let stat = statvfs(dir)?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < bytes {
        report::say(&format!(
            "{left_out}: skipped: {} has {} MiB free, and this takes {} MiB",
            dir.display(),
            free >> 20,
            bytes.div_ceil(1 << 20),
        ));
    }
    Ok(free >= bytes)
}

pub fn region_len(capacities: &[u64]) -> Result<u64, Failure> {
    multilog::required_len(capacities).ok_or_else(|| TOO_LARGE.into())
}

const TOO_LARGE: &str = "no region has room for such logs";

/// One log, past its first append.
pub fn one<R: Region>(region: R, capacity: u64) -> Result<PmemLog<R>, Failure> {
    let mut log = PmemLog::create(region, Some(capacity)).map_err(Refused::into_error)?;
    log.append(&[0; LINE])?;
    log.advance_head(LINE as u64)?;
    Ok(log)
}

/// Many logs, past their first commit.
pub fn many<R: Region>(region: R, capacities: &[u64]) -> Result<MultiLog<R>, Failure> {
    many_with_journal(region, capacities, JOURNAL_LINES)
}

/// The same with journals of so many lines.
pub fn many_with_journal<R: Region>(
    region: R,
    capacities: &[u64],
    lines: u64,
) -> Result<MultiLog<R>, Failure> {
    let id = RegionId { lo: 1, hi: 2 };
    let mut logs = MultiLog::create_with_journal(region, capacities, lines, id, false)
        .map_err(Refused::into_error)?;
    for log in 0..logs.log_count() {
        logs.stage_append(log, &[0; LINE])?;
    }
    logs.commit()?;
    empty(&mut logs)?;
    Ok(logs)
}

/// Empties all logs, in a commit.
pub fn empty<R: Region>(logs: &mut MultiLog<R>) -> Result<(), Failure> {
    for log in 0..logs.log_count() {
        if let Some(info) = logs.info(log) {
            logs.stage_advance_head(log, info.tail)?;
        }
    }
    Ok(logs.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_nothing_and_not_for_everything() {
        let dir = tempfile::tempdir().unwrap();
        assert!(has_room(dir.path(), 0, "nothing").unwrap());
        assert!(!has_room(dir.path(), u64::MAX, "everything").unwrap());
    }

    #[test]
    fn files_in_memory_survive_no_power_cut_and_it_is_said_why() {
        let dir = tempfile::tempdir_in("/dev/shm").unwrap();
        let (dax, why) = Dax::probe(dir.path(), Stores::NonTemporal).unwrap();
        assert_eq!(dax.survives(), Durability::ProcessCrash);
        assert_eq!(why, Some(FileError::NotPersistentMemory));
        let path = dir.path().join("log");
        let created = dax.create(&path, &[64]).unwrap().durability();
        let opened = dax.open(&path).unwrap().durability();
        assert_eq!((created, opened), (dax.survives(), dax.survives()));
    }
}

//! Logs to measure, on each kind of region.

use crate::measure::Failure;
use multilog::{
    DaxOptions, DaxRegion, FileError, FileOptions, FileRegion, MemRegion, MultiLog, Region, Stores,
};
use pmemlog::PmemLog;
use std::path::Path;

/// The bytes of a cache line, to which everything that is measured is aligned.
pub const LINE: usize = 64;

/// A region in memory, for logs of these capacities.
pub fn memory(capacities: &[u64]) -> Result<MemRegion, Failure> {
    Ok(MemRegion::new(usize::try_from(region_len(capacities)?)?))
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
    pub stores: Stores,
}

impl Dax<'_> {
    /// A region in a new file that is mapped. Where there is no persistent memory it survives a crash of the process
    /// only, and is stored to as if it were persistent memory.
    pub fn create(self, path: &Path, capacities: &[u64]) -> Result<DaxRegion, Failure> {
        let len = region_len(capacities)?;
        let persistent = DaxOptions {
            prefault: true,
            stores: Some(self.stores),
            ..DaxOptions::default()
        };
        match DaxRegion::create(path, len, &persistent) {
            Err(FileError::NotPersistentMemory | FileError::StoresUnavailable) => {}
            created => return Ok(created?),
        }
        let survive_process_crash_only = true;
        Ok(DaxRegion::create(
            path,
            len,
            &DaxOptions {
                survive_process_crash_only,
                ..persistent
            },
        )?)
    }
}

pub fn region_len(capacities: &[u64]) -> Result<u64, Failure> {
    multilog::required_len(capacities).ok_or_else(|| "no region has room for such logs".into())
}

/// One log that is past the first commit after opening, which writes a whole copy of the table.
pub fn one<R: Region>(region: R, capacity: u64) -> Result<PmemLog<R>, Failure> {
    let mut log = PmemLog::create(region, Some(capacity))?;
    log.append(&[0; LINE])?;
    log.advance_head(LINE as u64)?;
    Ok(log)
}

/// Many logs, past their first commit.
pub fn many<R: Region>(region: R, capacities: &[u64]) -> Result<MultiLog<R>, Failure> {
    let mut logs = MultiLog::create(region, capacities)?;
    for log in 0..logs.log_count() {
        logs.stage_append(log, &[0; LINE])?;
    }
    logs.commit()?;
    empty(&mut logs)?;
    Ok(logs)
}

/// Empties all logs, in a commit, and makes another one, so that no commit that is timed writes again what this one did.
pub fn empty<R: Region>(logs: &mut MultiLog<R>) -> Result<(), Failure> {
    for log in 0..logs.log_count() {
        if let Some(info) = logs.info(log) {
            logs.stage_advance_head(log, info.tail)?;
        }
    }
    logs.commit()?;
    logs.stage_append(0, &[0; LINE])?;
    Ok(logs.commit()?)
}

//! `plog records --follow`: printing records as they come.

use crate::failure::Failure;
use crate::records::Reader;
use crate::{logs, output};
use multilog::AnyRegion;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// How long a file keeps the same time of change at most, though it is changed again: clocks go in ticks, and FAT's are the
/// longest.
const TICK: Duration = Duration::from_secs(2);

/// After how many looks at a file in use the user is told what is waited for.
const PATIENCE: u32 = 10;

/// When a file was changed, as far as it can be known.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Change {
    time: SystemTime,
    /// Whether the next change will have another time.
    settled: bool,
}

impl Change {
    /// None where it cannot be told: opening the file will tell why.
    fn of(path: &Path) -> Option<Change> {
        let time = fs::metadata(path).and_then(|file| file.modified()).ok()?;
        let age = SystemTime::now().duration_since(time);
        let settled = age.is_ok_and(|age| age > TICK);
        Some(Change { time, settled })
    }
}

/// Prints what there is and what comes, until nobody reads it.
pub fn follow(reader: &mut Reader<'_>) -> Result<Infallible, Failure> {
    let path = &reader.args.file;
    // A change that had not settled when it was read is read again when it has: there may have been two.
    let mut read: Option<Change> = None;
    let mut in_use = 0;
    loop {
        let change = Change::of(path);
        if read.is_none() || change != read {
            match logs::open_to_read_unless_in_use(path)? {
                Some(logs) => {
                    reader.print_on(&logs)?;
                    // A mapped file may be changed without it.
                    let tells = matches!(logs.region(), AnyRegion::File(_));
                    read = change.filter(|_| tells);
                    in_use = 0;
                }
                None => in_use += 1,
            }
            if in_use == PATIENCE {
                reader.complain(
                    &"the file is in use by somebody who may write to it; waiting until it is closed",
                );
            }
        }
        output::wait(INTERVAL)?;
    }
}

//! Opens images and checks open logs with the production code, and compares what that says with the oracle.

use super::oracle::{self, Collection, Contents, Fault, Log, Part};
use super::shared::Shared;
use multilog::{
    AppendError, CheckError, CommitError, Corruption, MemRegion, MultiLog, OpenError, Region,
};

/// The position behind the last one that can be given out.
const END: u64 = u64::MAX;

/// The largest number of a commit.
pub const LAST_COMMIT: u64 = u64::MAX / 2;

/// More commits than the journals of the bases have lines for.
const ROUNDS: u8 = 7;

/// The oracle's words for an error of `open`.
pub fn fault(error: OpenError) -> Result<Fault, String> {
    Ok(match error {
        OpenError::TooSmall { len, required } => Fault::TooSmall { len, required },
        OpenError::Unformatted => Fault::Unformatted,
        OpenError::UnsupportedVersion { version } => Fault::UnsupportedVersion { version },
        OpenError::WrongLength { recorded, actual } => Fault::WrongLength { recorded, actual },
        OpenError::Corrupt(corruption) => corrupt(corruption)?,
        other => return Err(format!("open: {other:?}")),
    })
}

fn corrupt(corruption: Corruption) -> Result<Fault, String> {
    let part = match corruption.part {
        multilog::Part::Superblock => Part::Superblock,
        multilog::Part::Selector => Part::Selector,
        multilog::Part::Header => Part::Header,
        multilog::Part::Entry { log } => Part::Entry(log),
        multilog::Part::Records { len } => Part::Records { len },
        other => return Err(format!("an unknown part: {other:?}")),
    };
    let address = corruption.address;
    Ok(Fault::Corrupt { part, address })
}

/// Says where the production code and the oracle differ.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, right: T) -> Result<(), String> {
    match found == right {
        true => Ok(()),
        false => Err(format!(
            "{what}: {found:?}, where the format says {right:?}"
        )),
    }
}

/// Whatever the bytes are, `open` says of them what the format does; and logs that are opened can be used.
pub fn judge_open(image: &[u8]) -> Result<Result<Collection, Fault>, String> {
    let contents = oracle::open(image);
    let right = contents.as_ref().map(|found| found.collection(image));
    let right = right.map_err(|fault| *fault);
    match MultiLog::open(MemRegion::from_vec(image.to_vec())) {
        Err(refused) => same("open", &Err(fault(refused.error)?), &right)?,
        Ok(logs) => {
            let found = observed(&logs)?;
            same("open", &Ok(found.clone()), &right)?;
            same("check right after open", logs.check().map(drop), Ok(()))?;
            let commit = contents.map_or(0, |found| found.commit());
            use_logs(logs, found, commit)?;
        }
    }
    Ok(right)
}

/// The logs as a user sees them.
pub fn observed<R: Region>(logs: &MultiLog<R>) -> Result<Collection, String> {
    let log = |log: u64| {
        let info = logs.info(log).ok_or_else(|| format!("no log {log}"))?;
        let len = info
            .tail
            .checked_sub(info.head)
            .filter(|&len| len <= info.capacity);
        let len = len.ok_or_else(|| format!("impossible: {info:?}"))?;
        same("free", info.free, info.capacity - len)?;
        let staged = (info.staged_head, info.staged_tail);
        same(
            "what is staged right after open",
            staged,
            (info.head, info.tail),
        )?;
        let mut bytes = vec![0; len as usize];
        logs.read(log, info.head, &mut bytes)
            .map_err(|error| format!("read: {error:?}"))?;
        if let Ok((front, back)) = logs.read_in_place(log, info.head, len) {
            same("bytes in place", [front, back].concat(), bytes.clone())?;
        }
        Ok::<_, String>(Log {
            head: info.head,
            capacity: info.capacity,
            bytes,
        })
    };
    let id = logs.region_id();
    Ok(Collection {
        id: [id.lo, id.hi],
        logs: (0..logs.log_count()).map(log).collect::<Result<_, _>>()?,
    })
}

/// Appends a byte to each log that has room and commits, until both journals were filled: that does what it says and no more,
/// whatever the other journal and other bytes that are not read had been before.
fn use_logs(
    mut logs: MultiLog<MemRegion>,
    mut model: Collection,
    mut commit: u64,
) -> Result<(), String> {
    for round in 0..ROUNDS {
        let mut staged = model.clone();
        for (i, log) in (0..).zip(&mut staged.logs) {
            let right = if log.tail() == END {
                Err(AppendError::PositionOverflow)
            } else if log.bytes.len() as u64 == log.capacity {
                Err(AppendError::Full {
                    requested: 1,
                    available: 0,
                })
            } else {
                Ok(log.tail())
            };
            same("append", logs.stage_append(i, &[round]), right)?;
            if right.is_ok() {
                log.bytes.push(round);
            } else if !log.bytes.is_empty() {
                let moved = logs.stage_advance_head(i, log.head + 1);
                same("advance", moved, Ok(()))?;
                log.bytes.remove(0);
                log.head += 1;
            }
        }
        same("check after staging", logs.check().map(drop), Ok(()))?;
        let right = match (staged != model, commit < LAST_COMMIT) {
            (true, false) => Err(CommitError::Exhausted),
            (changes, _) => {
                commit += u64::from(changes);
                model = staged;
                Ok(())
            }
        };
        same("commit", logs.commit(), right)?;
        same("check after a commit", logs.check().map(drop), Ok(()))?;
        logs.abort();
    }
    let image = logs.into_region().into_vec();
    same("after commits", oracle::collection(&image), Ok(model))?;
    let found = oracle::open(&image).map(|found| found.commit());
    same("the last commit", found, Ok(commit))
}

/// Logs that are open, and the medium under them.
pub struct Opened {
    logs: MultiLog<Shared>,
    medium: Shared,
    sound: Vec<u8>,
    contents: Contents,
}

impl Opened {
    /// Opens what must be an image of logs.
    pub fn new(image: &[u8]) -> Result<Opened, String> {
        let medium = Shared::new(image.to_vec());
        let opened = MultiLog::open(medium.clone()).map_err(|error| format!("open: {error:?}"));
        Ok(Opened {
            logs: opened?,
            medium,
            sound: image.to_vec(),
            contents: oracle::open(image).map_err(|fault| format!("oracle: {fault:?}"))?,
        })
    }

    /// When the medium becomes this, of the same length, `check` names what the logs rely on and is no longer there,
    /// or says that there is no such thing; and of the sound medium again that it is sound.
    pub fn judge_check(&self, image: &[u8]) -> Result<(), String> {
        self.medium.set_bytes(image);
        let found = self.logs.check().map(drop);
        self.medium.set_bytes(&self.sound);
        let found = match found {
            Ok(()) => Ok(()),
            Err(CheckError::Corrupt(corruption)) => Err(corrupt(corruption)?),
            Err(other) => return Err(format!("check: {other:?}")),
        };
        same("check", found, oracle::check(image, &self.contents))
    }
}

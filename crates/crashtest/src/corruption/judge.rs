//! Opens images and checks open logs with the production code, and compares what that says with the oracle.

use super::oracle::{self, Collection, Contents, Fault, Log, Part};
use super::shared::Shared;
use multilog::{AppendError, CheckError, Corruption, MemRegion, MultiLog, OpenError, Region};

/// The position behind the last one that can be given out.
const END: u64 = u64::MAX;

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
        multilog::Part::Directory { log } => Part::Directory(log),
        multilog::Part::Entry { log } => Part::Entry(log),
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
    let right = oracle::collection(image);
    match MultiLog::open(MemRegion::from_vec(image.to_vec())) {
        Err(refused) => same("open", &Err(fault(refused.error)?), &right)?,
        Ok(logs) => {
            let found = observed(&logs)?;
            same("open", &Ok(found.clone()), &right)?;
            same("check right after open", logs.check().map(drop), Ok(()))?;
            use_logs(logs, found)?;
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

/// Appends a byte to each log and commits, twice, so that both copies are written: that does what it says and no more,
/// whatever the idle copy and other bytes that are not read had been before.
fn use_logs(mut logs: MultiLog<MemRegion>, mut model: Collection) -> Result<(), String> {
    for round in 0..2 {
        for (i, log) in (0..).zip(&mut model.logs) {
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
            }
        }
        same("commit", logs.commit(), Ok(()))?;
        same("check after a commit", logs.check().map(drop), Ok(()))?;
    }
    let image = logs.into_region().into_vec();
    same("after two commits", oracle::collection(&image), Ok(model))
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

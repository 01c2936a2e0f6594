//! The same of images that are opened as a single log, with `pmemlog`.

use super::judge::{fault, same, LAST_COMMIT};
use super::oracle;
use super::oracle::{Collection, Fault, Log};
use pmemlog::{AppendError, MemRegion, OpenError, PmemLog, Refused};

/// `PmemLog::open` says what the format does; and a log that is opened can be used.
pub fn judge_single(image: &[u8], right: &Result<Collection, Fault>) -> Result<(), String> {
    let opened = PmemLog::open(MemRegion::from_vec(image.to_vec())).map_err(Refused::into_error);
    match (opened, right) {
        (Err(OpenError::Region(error)), right) => {
            let found = fault(error)?;
            same("pmemlog: open", Some(found), right.as_ref().err().copied())
        }
        (Err(OpenError::NotOneLog { logs }), Ok(right)) if right.logs.len() != 1 => {
            same("pmemlog: logs", logs, right.logs.len() as u64)
        }
        (Ok(log), Ok(right)) if right.logs.len() == 1 => {
            let commit = oracle::open(image).map_or(0, |found| found.commit());
            use_log(log, right.logs[0].clone(), commit)
        }
        (opened, right) => Err(format!(
            "pmemlog: open: {:?}, where the format says {right:?}",
            opened.err()
        )),
    }
}

fn use_log(mut log: PmemLog<MemRegion>, mut model: Log, commit: u64) -> Result<(), String> {
    let found = (log.head(), log.tail(), log.capacity());
    same("pmemlog", found, (model.head, model.tail(), model.capacity))?;
    let mut bytes = vec![0; model.bytes.len()];
    same("pmemlog: read", log.read(model.head, &mut bytes), Ok(()))?;
    same("pmemlog: bytes", &bytes, &model.bytes)?;
    same("pmemlog: check", log.check().map(drop), Ok(()))?;
    let right = if model.tail() == u64::MAX {
        Err(AppendError::PositionOverflow)
    } else if model.bytes.len() as u64 == model.capacity {
        Err(AppendError::Full {
            requested: 1,
            available: 0,
        })
    } else if commit == LAST_COMMIT {
        Err(AppendError::Exhausted)
    } else {
        Ok(model.tail())
    };
    same("pmemlog: append", log.append(&[7]), right)?;
    if right.is_ok() {
        model.bytes.push(7);
    }
    let found = oracle::collection(&log.into_region().into_vec());
    same(
        "pmemlog: after an append",
        found.map(|found| found.logs),
        Ok(vec![model]),
    )
}

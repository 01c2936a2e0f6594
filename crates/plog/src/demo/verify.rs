//! Comparing the logs that a kill left with what had been acknowledged as durable.

use super::model::{fill, Extent, Model, LOGS};
use multilog::{CheckError, MultiLog, ReadError, Region};
use std::fmt::{self, Display, Formatter};

/// What a kill left, when it is what it must be.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The logs, after the last acknowledged commit or, if it is there, the one behind.
    pub model: Model,
    /// How many bytes of the logs have been compared.
    pub bytes: u64,
}

/// What a kill left, when it is not what it must be; or the reason why that is not known.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// Something that had been acknowledged is not there.
    Lost(String),
    /// Something is there that is neither acknowledged nor one entire commit.
    Torn(String),
    /// The logs could not be read.
    Unread(String),
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Lost(what) => write!(f, "LOST: {what}"),
            Finding::Torn(what) => write!(f, "TORN: {what}"),
            Finding::Unread(what) => write!(f, "could not be verified: {what}"),
        }
    }
}

/// Compares `logs` with `acknowledged`, the state after the last acknowledged commit, to which one more commit may
/// have been added, entirely.
pub fn verify<R: Region>(logs: &MultiLog<R>, acknowledged: &Model) -> Result<Found, Finding> {
    let model = classify(acknowledged, &extents(logs)?)?;
    let mut bytes = 0;
    for (log, extent) in model.extents.iter().enumerate() {
        compare(logs, log, *extent, acknowledged.extents[log].tail)?;
        bytes += extent.tail - extent.head;
    }
    logs.check().map_err(|error| match error {
        CheckError::Io(_) => Finding::Unread(error.to_string()),
        _ => Finding::Lost(error.to_string()),
    })?;
    Ok(Found { model, bytes })
}

/// Where the logs begin and end.
pub fn extents<R: Region>(logs: &MultiLog<R>) -> Result<[Extent; LOGS], Finding> {
    if logs.log_count() != LOGS as u64 {
        let what = format!("there are {} logs, not {LOGS}", logs.log_count());
        return Err(Finding::Lost(what));
    }
    let mut extents = [Extent::default(); LOGS];
    for (log, extent) in (0..).zip(&mut extents) {
        let info = logs
            .info(log)
            .ok_or_else(|| Finding::Lost(format!("there is no log {log}")))?;
        (extent.head, extent.tail) = (info.head, info.tail);
    }
    Ok(extents)
}

/// The model with these extents: `acknowledged`, or the one behind it.
fn classify(acknowledged: &Model, found: &[Extent; LOGS]) -> Result<Model, Finding> {
    let next = acknowledged.next();
    for model in [*acknowledged, next] {
        if model.extents == *found {
            return Ok(model);
        }
    }
    for (log, extent) in found.iter().enumerate() {
        let (least, most) = (acknowledged.extents[log], next.extents[log]);
        if extent.tail < least.tail || extent.head > most.head {
            return Err(Finding::Lost(format!(
                "commit {} was acknowledged as durable, after which log {log} goes from {} to {}; \
                 it goes from {} to {}",
                acknowledged.commit, least.head, least.tail, extent.head, extent.tail
            )));
        }
        if *extent != least && *extent != most {
            return Err(Finding::Torn(format!(
                "log {log} goes from {} to {}, which is neither commit {} nor commit {}",
                extent.head, extent.tail, acknowledged.commit, next.commit
            )));
        }
    }
    let there = |log: &usize| found[*log] == next.extents[*log];
    let (on, off): (Vec<_>, Vec<_>) = acknowledged.changed(&next).into_iter().partition(there);
    Err(Finding::Torn(format!(
        "commit {} is there on logs {on:?}, but not on logs {off:?}",
        next.commit
    )))
}

/// Compares a log's bytes with what they must be. Those before `acknowledged` had been acknowledged.
fn compare<R: Region>(
    logs: &MultiLog<R>,
    log: usize,
    extent: Extent,
    acknowledged: u64,
) -> Result<(), Finding> {
    let mut found = vec![0; (extent.tail - extent.head) as usize];
    logs.read(log as u64, extent.head, &mut found)
        .map_err(|error| match error {
            ReadError::Io(_) => Finding::Unread(format!("log {log}: {error}")),
            _ => Finding::Lost(format!("log {log}: {error}")),
        })?;
    let mut expected = vec![0; found.len()];
    fill(log, extent.head, &mut expected);
    let differs = found.iter().zip(&expected).position(|(f, e)| f != e);
    match differs.map(|at| extent.head + at as u64) {
        None => Ok(()),
        Some(position) if position < acknowledged => Err(Finding::Lost(format!(
            "the byte at position {position} of log {log} is not what was committed there"
        ))),
        Some(position) => Err(Finding::Torn(format!(
            "the last commit is there, but not its byte at position {position} of log {log}"
        ))),
    }
}

#[cfg(test)]
mod tests;

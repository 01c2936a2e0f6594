//! What is in an image, as the production code says.

use super::left::Left;
use crate::corruption::trial::caught;
use crate::workload::records::{self, Item};
use crate::workload::{Fault, State, Subject};
use multilog::RegionId;

/// Logs in a region, with the region's id, and the records that they are when they are read so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Logs {
    id: [u64; 2],
    pub state: State,
    records: Vec<Vec<Item>>,
}

/// Logs, or a region that holds none.
pub type Found = Option<Logs>;

impl Logs {
    /// What is to be found when the logs of this region are in this state.
    pub fn expected(id: RegionId, state: &State) -> Logs {
        let numbered = (0..).zip(state);
        Logs {
            id: [id.lo, id.hi],
            state: state.clone(),
            records: numbered
                .map(|(number, log)| records::records(id, number, log))
                .collect(),
        }
    }

    pub fn id(&self) -> RegionId {
        let [lo, hi] = self.id;
        RegionId { lo, hi }
    }
}

/// Opens an image, checks it, and reads all that is in it, in each way that there is.
pub fn look<S: Subject<Left>>(left: &Left) -> Result<Found, Fault> {
    attempt(|| match S::open(left.clone()) {
        Ok(logs) => read(&logs, left.lends()).map(Some),
        Err(Fault::Unformatted) => Ok(None),
        Err(fault) => Err(fault),
    })
}

fn read<S: Subject<Left>>(logs: &S, lends: bool) -> Result<Logs, Fault> {
    logs.check()?;
    let (id, state) = (logs.region_id(), logs.committed()?);
    for (number, log) in (0..).zip(&state) {
        let right = lends.then(|| log.data.clone());
        let found = logs.committed_in_place(number)?;
        if found != right {
            let what = format!("log {number} in place: {found:?} instead of {right:?}");
            return Err(Fault::Unexpected(what));
        }
    }
    let numbers = 0..state.len() as u64;
    Ok(Logs {
        id: [id.lo, id.hi],
        records: numbers
            .map(|log| logs.records(log))
            .collect::<Result<_, _>>()?,
        state,
    })
}

/// What the production code returns, or what it panicked with.
pub fn attempt<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let mut returned = None;
    let panicked = caught(|| {
        returned = Some(work());
        Ok(())
    });
    panicked.map_err(Fault::Panic)?;
    returned.unwrap_or_else(|| Err(Fault::Panic("nothing was returned".to_string())))
}

//! What the records hold: MessagePack, which describes itself, so that any type that implements serde's traits will do.

use openraft::{LogId, NodeId, Vote};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The beginning of each record in a state log, which says whose it is: this store's, in its first version.
const MAGIC: &[u8; 8] = b"oraftml1";

/// The bytes that a state record takes at most, so that the log can hold two: MessagePack of three log ids with node ids of
/// some hundred bytes.
pub(crate) const STATE_CAPACITY: u64 = 4096;

/// All that a group keeps beside its entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct GroupState<N: NodeId> {
    pub(crate) vote: Option<Vote<N>>,
    pub(crate) committed: Option<LogId<N>>,
    pub(crate) purged: Option<LogId<N>>,
}

impl<N: NodeId> Default for GroupState<N> {
    fn default() -> Self {
        GroupState {
            vote: None,
            committed: None,
            purged: None,
        }
    }
}

impl<N: NodeId> GroupState<N> {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, rmp_serde::encode::Error> {
        let mut bytes = MAGIC.to_vec();
        rmp_serde::encode::write(&mut bytes, self)?;
        Ok(bytes)
    }

    pub(crate) fn decode(record: &[u8]) -> Result<Self, String> {
        let state = record
            .strip_prefix(MAGIC)
            .ok_or("it does not begin as the state of a Raft group does")?;
        rmp_serde::from_slice(state).map_err(|error| error.to_string())
    }
}

/// An entry as a record's payload.
pub(crate) fn encode_entry<E: Serialize>(entry: &E) -> Result<Vec<u8>, rmp_serde::encode::Error> {
    rmp_serde::to_vec(entry)
}

/// The entry in a record's payload.
pub(crate) fn decode_entry<E: DeserializeOwned>(
    payload: &[u8],
) -> Result<E, rmp_serde::decode::Error> {
    rmp_serde::from_slice(payload)
}

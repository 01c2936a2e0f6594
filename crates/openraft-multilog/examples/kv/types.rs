//! What the service is about.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};
use std::io::Cursor;

openraft::declare_raft_types!(
    /// Keys and values, both text.
    pub TypeConfig:
        D = Set,
        R = Done,
);

/// The bytes of the longest key. The shortest has one.
pub const LONGEST_KEY: usize = 1 << 10;

/// The bytes of the longest value.
pub const LONGEST_VALUE: usize = 16 << 10;

/// Sets a key to a value. That it be done twice does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    pub key: String,
    pub value: String,
}

impl Display for Set {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}

/// It was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

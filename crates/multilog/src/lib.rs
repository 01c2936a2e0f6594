//! A collection of append-only logs in which a commit is atomic across any of them.

#![cfg_attr(not(verus_only), deny(missing_docs))]

pub mod layout;
pub mod trusted;

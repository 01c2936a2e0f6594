//! What a record is to those who read it.

#[cfg(verus_only)]
use crate::{records::errors::RecordError, trusted::record_contract::RecordView};
use std::ops::Deref;
use vstd::prelude::*;

verus! {

/// A record's payload.
#[derive(Debug)]
pub enum Payload<'a> {
    /// The bytes where they lie.
    InPlace(&'a [u8]),
    /// A copy of them: the device is not mapped into memory, or they go round the end of the log's ring.
    Copied(Vec<u8>),
}

impl<'a> Payload<'a> {
    /// The bytes.
    pub open spec fn view(&self) -> Seq<u8> {
        match self {
            Payload::InPlace(bytes) => bytes@,
            Payload::Copied(bytes) => bytes@,
        }
    }

    /// The bytes.
    pub fn as_slice(&self) -> (r: &[u8])
        ensures
            r@ == self@,
    {
        match self {
            Payload::InPlace(bytes) => bytes,
            Payload::Copied(bytes) => bytes.as_slice(),
        }
    }
}

/// A record that was read, and whose CRCs are right.
///
/// It dereferences to its payload.
#[derive(Debug)]
pub struct Record<'a> {
    position: u64,
    next: u64,
    payload: Payload<'a>,
}

impl<'a> Record<'a> {
    /// What it is.
    pub closed spec fn view(&self) -> RecordView {
        RecordView { position: self.position, next: self.next, payload: self.payload@ }
    }

    pub(super) fn new(position: u64, next: u64, payload: Payload<'a>) -> (r: Self)
        ensures
            r@ == (RecordView { position, next, payload: payload@ }),
    {
        Record { position, next, payload }
    }

    /// The position where it starts.
    pub fn position(&self) -> (r: u64)
        ensures
            r == self@.position,
    {
        self.position
    }

    /// The position behind it, where the next record starts.
    pub fn next_position(&self) -> (r: u64)
        ensures
            r == self@.next,
    {
        self.next
    }

    /// Its payload.
    pub fn payload(&self) -> (r: &[u8])
        ensures
            r@ == self@.payload,
    {
        self.payload.as_slice()
    }

    /// Its payload: where it lies, or the copy that was made to read it.
    pub fn into_payload(self) -> (r: Payload<'a>)
        ensures
            r@ == self@.payload,
    {
        self.payload
    }
}

} // verus!

impl Deref for Payload<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Deref for Record<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.payload()
    }
}

impl AsRef<[u8]> for Record<'_> {
    fn as_ref(&self) -> &[u8] {
        self.payload()
    }
}

//! Every device against an executable model of one, which is an array of bytes.
//!
//! Those in memory also run under Miri:
//! `MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p crashtest --test devices in_memory`

mod agree;
mod in_files;
mod in_memory;

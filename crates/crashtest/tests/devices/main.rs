//! Every device against an executable model of one, which is an array of bytes.
//!
//! That a flush of a file is a sync shows in the kernel's account of dirty pages, on a disk; `pmem/tests/file_syscalls.rs`
//! sees the call itself. What a fence does to a mapped file no program can see: `docs/dax-run.md`.
//!
//! Those in memory also run under Miri:
//! `MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p crashtest --test devices in_memory`

mod agree;
mod dirty;
mod in_files;
mod in_memory;

//! What can be chosen about a region in a mapped file, and what data survive.
use crate::trusted::stores::Stores;
use crate::FileOptions;
use std::fmt;

/// How to create or open a [`DaxRegion`](crate::DaxRegion).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaxOptions {
    /// The permission bits of a file that is created, less the process's umask. Default: `0o600`.
    pub mode: u32,
    /// Whether a file is opened for reading only. Every write then fails with `EBADF`. Default: false.
    pub read_only: bool,
    /// Whether the file need not be on persistent memory. The data then survive a crash of the process and not of the
    /// machine, for which nothing is done. Default: false.
    pub survive_process_crash_only: bool,
    /// Whether all pages are made present at once, which takes Linux 5.14. It finds pages that cannot be reached,
    /// poisoned ones among them, and spares the first store in each page its fault. Default: false.
    pub prefault: bool,
    /// How bytes are stored. Default: non-temporal stores, or ordinary ones to survive a crash of the process only.
    pub stores: Option<Stores>,
}

impl Default for DaxOptions {
    fn default() -> Self {
        DaxOptions::from(FileOptions::default())
    }
}

impl From<FileOptions> for DaxOptions {
    fn from(options: FileOptions) -> Self {
        DaxOptions {
            mode: options.mode,
            read_only: options.read_only,
            survive_process_crash_only: false,
            prefault: options.prefault,
            stores: None,
        }
    }
}

/// What the data of a region survive, once they are flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A crash of the machine, a power cut included.
    PowerCut,
    /// A crash of the process only: the data are in memory that loses them without power.
    ProcessCrash,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Durability::PowerCut => "a power cut",
            Durability::ProcessCrash => "a crash of the process, not a power cut",
        })
    }
}

impl fmt::Display for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stores::NonTemporal => "non-temporal stores",
            Stores::Clwb => "stores and clwb",
            Stores::Clflushopt => "stores and clflushopt",
            Stores::Clflush => "stores and clflush",
            Stores::Ordinary => "ordinary stores",
        })
    }
}

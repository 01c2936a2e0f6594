//! What can be chosen about a region in a file.
/// How to create or open a [`FileRegion`](crate::FileRegion).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileOptions {
    /// The permission bits of a file that is created, less the process's umask. Default: `0o600`.
    pub mode: u32,
    /// Whether a file is created as a hole instead of being written with zeros. That takes no time, but then
    /// flushes take longer, and a write may find the disk full. Default: false.
    pub sparse: bool,
    /// Whether a file is opened for reading only. Every write then fails with `EBADF`. Default: false.
    pub read_only: bool,
    /// Whether all pages of a file that is mapped are made present at once, which takes Linux 5.14. Pages that cannot be
    /// reached, poisoned ones among them, are then found; elsewhere they end the process at the first access, by SIGBUS.
    /// Default: false.
    pub prefault: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        FileOptions {
            mode: 0o600,
            sparse: false,
            read_only: false,
            prefault: false,
        }
    }
}

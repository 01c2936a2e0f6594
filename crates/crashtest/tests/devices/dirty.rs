//! Whether a file has pages that are yet to be written to the medium, as the kernel says.

use rustix::mm::{mmap, munmap, MapFlags, ProtFlags};
use std::ffi::c_void;
use std::fs::{self, File};
use std::path::Path;
use std::ptr;

const PAGE: usize = 4_096;

/// A mapping of a file, of whose pages the kernel keeps account.
pub struct Watched {
    start: *mut c_void,
    len: usize,
}

impl Watched {
    pub fn new(path: &Path) -> Watched {
        let file = File::open(path).unwrap();
        let len = file.metadata().unwrap().len() as usize;
        // SAFETY: a mapping at an address of the kernel's choice overlaps nothing that is there.
        let start = unsafe {
            mmap(
                ptr::null_mut(),
                len,
                ProtFlags::READ,
                MapFlags::SHARED,
                file,
                0,
            )
        };
        let start = start.unwrap();
        Watched { start, len }
    }

    /// The bytes in dirty pages.
    pub fn dirty(&self) -> u64 {
        for at in (0..self.len).step_by(PAGE) {
            // Pages that are not present in the mapping do not count.
            // SAFETY: within the mapping, which nobody makes shorter.
            unsafe { self.start.cast::<u8>().add(at).read_volatile() };
        }
        let begins = format!("{:x}-", self.start as usize);
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = maps.lines().skip_while(|line| !line.starts_with(&begins));
        lines.next().expect("the mapping");
        let is_header = |line: &&str| line.split(' ').next().is_some_and(|w| w.contains('-'));
        let dirty = lines
            .take_while(|line| !is_header(line))
            .filter_map(|line| {
                let (name, size) = line.split_once(':')?;
                let kilobytes: u64 = size.trim().strip_suffix(" kB")?.parse().ok()?;
                name.ends_with("_Dirty").then_some(1_024 * kilobytes)
            });
        dirty.sum()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: it is this value's own, and nothing is borrowed from it.
        let _ = unsafe { munmap(self.start, self.len) };
    }
}

//! libpmemlog, the log for persistent memory of the Persistent Memory Development Kit (Debian: libpmemlog1).
//!
//! An append copies the bytes behind the log's end, with non-temporal stores if there are 256 or more, else with
//! ordinary ones that it flushes; then it stores and flushes the new end: two fences, a lock of the process and no
//! system call. Neither the bytes nor the end have a checksum.
//!
//! It is told to take any mapping for persistent memory (`PMEM_IS_PMEM_FORCE`); otherwise, on memory that is not, it
//! would call `msync`. So an append does what it would do on persistent memory, whatever the file is on. It survives a
//! power cut where the library has mapped the file with `MAP_SYNC`, which it tries first.

use super::Peer;
use crate::classes::Class;
use libloading::Library;
use multilog::Durability;
use std::error::Error;
use std::ffi::{c_char, c_int, c_longlong, c_void, CStr, CString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::NonNull;

pub const NAME: &str = "libpmemlog";

const LIBRARY: &str = "libpmemlog.so.1";

/// What a pool has besides the bytes: 8 KiB, at 1.12. More does no harm.
const METADATA: u64 = 64 << 10;

/// The smallest pool, PMEMLOG_MIN_POOL.
const SMALLEST: u64 = 2 << 20;

/// What a log is filled with before it is used, again and again.
const FILLING: [u8; 4 << 10] = [0; 4 << 10];

/// The library's own type.
type Pool = NonNull<c_void>;

/// The functions that are used, as <libpmemlog.h> declares them.
struct Functions {
    create: unsafe extern "C" fn(*const c_char, usize, u32) -> Option<Pool>,
    append: unsafe extern "C" fn(Pool, *const c_void, usize) -> c_int,
    nbyte: unsafe extern "C" fn(Pool) -> usize,
    tell: unsafe extern "C" fn(Pool) -> c_longlong,
    rewind: unsafe extern "C" fn(Pool),
    close: unsafe extern "C" fn(Pool),
    errormsg: unsafe extern "C" fn() -> *const c_char,
    /// Behind the functions, so that it is unloaded after the last call.
    _library: Library,
}

pub struct Libpmemlog {
    functions: Functions,
    pool: Pool,
    survives: Durability,
}

impl Libpmemlog {
    /// Creates a log in a new file.
    pub fn create(path: &Path, capacity: u64) -> io::Result<Libpmemlog> {
        std::env::set_var("PMEM_IS_PMEM_FORCE", "1");
        let functions = Functions::load()?;
        let size = capacity.saturating_add(METADATA).max(SMALLEST);
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let name = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: `name` is a string that ends with a zero byte and outlives the call, which keeps no pointer to it.
        let pool = unsafe { (functions.create)(name.as_ptr(), size, 0o600) };
        let pool = pool.ok_or_else(|| functions.last_error())?;
        let mut log = Libpmemlog {
            functions,
            pool,
            survives: Durability::ProcessCrash,
        };
        if is_mapped_with_sync(&path.canonicalize()?)? {
            log.survives = Durability::PowerCut;
        }
        log.fill()?;
        Ok(log)
    }

    /// Fills the log once and empties it, so that no page is touched for the first time when it is measured.
    fn fill(&mut self) -> io::Result<()> {
        for _ in 0..self.capacity() / FILLING.len() as u64 {
            self.append(&FILLING)?;
        }
        self.rewind();
        Ok(())
    }

    fn capacity(&self) -> u64 {
        // SAFETY: the pool is open: it came from `create`, and only `drop` closes it.
        unsafe { (self.functions.nbyte)(self.pool) as u64 }
    }

    fn free(&self) -> u64 {
        // SAFETY: the pool is open, as in `capacity`.
        let used = unsafe { (self.functions.tell)(self.pool) };
        self.capacity().saturating_sub(used.unsigned_abs())
    }

    fn rewind(&mut self) {
        // SAFETY: the pool is open, as in `capacity`, and nothing points into it: the library hands out no pointers.
        unsafe { (self.functions.rewind)(self.pool) }
    }
}

impl Peer for Libpmemlog {
    fn name(&self) -> &'static str {
        NAME
    }

    fn class(&self) -> Class {
        Class {
            survives: self.survives,
            checksummed: false,
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // SAFETY: the pool is open, as in `capacity`; the library reads the bytes that the slice has, and keeps no
        // pointer to them.
        let status =
            unsafe { (self.functions.append)(self.pool, bytes.as_ptr().cast(), bytes.len()) };
        match status {
            0 => Ok(()),
            _ => Err(self.functions.last_error()),
        }
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        if self.free() < needed {
            self.rewind();
        }
        Ok(())
    }
}

impl Drop for Libpmemlog {
    fn drop(&mut self) {
        // SAFETY: the pool is open, as in `capacity`, and this value, which is the only one with it, ends here.
        unsafe { (self.functions.close)(self.pool) }
    }
}

impl Functions {
    fn load() -> io::Result<Functions> {
        // SAFETY: loading runs the library's initializers. They are those of a released library of the system, which
        // are made to be run by any process that links it; they read the environment and ask the processor what it is.
        let library = unsafe { Library::new(LIBRARY) }.map_err(not_loaded)?;
        // SAFETY: each symbol is read with the type that the header of version 1 of the library declares for it, which
        // the `.so.1` in the library's name promises; `Option<Pool>` is a pointer that may be null, and `mode_t` is
        // `u32` on Linux. The pointers stay valid as long as the library is loaded, and it is in the same value as they
        // are.
        unsafe {
            Ok(Functions {
                create: symbol(&library, "pmemlog_create")?,
                append: symbol(&library, "pmemlog_append")?,
                nbyte: symbol(&library, "pmemlog_nbyte")?,
                tell: symbol(&library, "pmemlog_tell")?,
                rewind: symbol(&library, "pmemlog_rewind")?,
                close: symbol(&library, "pmemlog_close")?,
                errormsg: symbol(&library, "pmemlog_errormsg")?,
                _library: library,
            })
        }
    }

    /// Why the call before this one failed.
    fn last_error(&self) -> io::Error {
        // SAFETY: the function takes nothing and returns null or a string that stays as it is until this thread's next
        // call into the library; it is copied before that.
        let message = unsafe {
            let message = (self.errormsg)();
            (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
        };
        io::Error::other(message.unwrap_or_else(|| "it does not say why it failed".into()))
    }
}

/// Whether the file is mapped, and with `MAP_SYNC` wherever it is.
fn is_mapped_with_sync(path: &Path) -> io::Result<bool> {
    let maps = fs::read_to_string("/proc/self/smaps")?;
    Ok(all_have_sync(&maps, &path.to_string_lossy()))
}

/// The same, by what the kernel says of each mapping: a line that ends with the file's name, and later one with flags.
fn all_have_sync(maps: &str, path: &str) -> bool {
    let mut of_file = false;
    let mut synchronous = Vec::new();
    for line in maps.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            if of_file {
                synchronous.push(flags.split_whitespace().any(|flag| flag == "sf"));
            }
            of_file = false;
        } else if line.ends_with(path) {
            of_file = true;
        }
    }
    !synchronous.is_empty() && synchronous.iter().all(|synchronous| *synchronous)
}

fn not_loaded(error: libloading::Error) -> io::Error {
    // The error names what was called, its source says why that failed.
    let why = error
        .source()
        .map_or(error.to_string(), |why| why.to_string());
    io::Error::other(format!("{why} (Debian's package libpmemlog1 has it)"))
}

/// # Safety
///
/// `T` is the type of a pointer to the function of that name.
unsafe fn symbol<T: Copy>(library: &Library, name: &str) -> io::Result<T> {
    // SAFETY: as the caller promises.
    let symbol = unsafe { library.get::<T>(name) }.map_err(io::Error::other)?;
    Ok(*symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_survives_a_power_cut_if_all_its_mappings_have_sync() {
        let of = |path: &str, flags: &str| {
            format!("7f00-7f10 rw-s 00000000 00:19 7 {path}\nRss: 4 kB\nVmFlags: rd wr {flags}\n")
        };
        let mine = |flags: &[&str]| {
            let mut maps = of("/other", "sf");
            maps.extend(flags.iter().map(|flags| of("/mine", flags)));
            all_have_sync(&(maps + &of("/another", "")), "/mine")
        };
        assert!(mine(&["sh sf"]));
        assert!(mine(&["sf", "sh sf"]));
        assert!(!mine(&["sf", "sh"]));
        assert!(!mine(&["sh"]));
        assert!(!mine(&[]));
    }
}

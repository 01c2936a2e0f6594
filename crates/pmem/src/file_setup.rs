//! Creating and opening files for regions. Nothing here is relied on by a proof: a region may hold anything when it
//! is opened.
use crate::any_region::AnyRegion;
use crate::dax_options::DaxOptions;
use crate::errors::FileError;
use crate::file_options::FileOptions;
use crate::trusted::dax::DaxRegion;
use crate::trusted::file::{check_limit, FileRegion, LockedFile};
use rustix::fs::{flock, fstatvfs, FlockOperation, OFlags};
use rustix::io::Errno;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

impl FileRegion {
    /// Creates the file at `path` with `len` zero bytes. On return they, the file and its name are durable.
    ///
    /// # Errors
    /// - [`FileError::AlreadyExists`]: there is something at `path`; it is left as it is.
    /// - [`FileError::Empty`]: `len` is zero.
    /// - [`FileError::NotFound`]: there is no such directory.
    /// - [`FileError::PermissionDenied`], [`FileError::Locked`], [`FileError::Io`] (a full disk, for example).
    ///
    /// Whichever it is, no file is left behind.
    pub fn create(path: &Path, len: u64, options: &FileOptions) -> Result<FileRegion, FileError> {
        Self::create_with_progress(path, len, options, &mut |_| ())
    }

    /// [`FileRegion::create`] that calls `progress` as it goes, with the number of bytes written so far.
    ///
    /// # Errors
    /// As [`FileRegion::create`].
    pub fn create_with_progress(
        path: &Path,
        len: u64,
        options: &FileOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<FileRegion, FileError> {
        let (mode, sparse) = (options.mode, options.sparse);
        let file = LockedFile::create(path, len, mode, sparse, progress)?;
        Ok(Self::new(file, len))
    }

    /// Opens the file at `path`, or the one that a symbolic link there leads to. Its length is the region's. What
    /// others have written to it is made durable before it is read.
    ///
    /// # Errors
    /// - [`FileError::NotFound`], [`FileError::PermissionDenied`].
    /// - [`FileError::NotAFile`]: what is there is a directory, a pipe, a device or a socket.
    /// - [`FileError::Empty`]: the file has no bytes.
    /// - [`FileError::Locked`]: it is open elsewhere; reading only, it is open elsewhere for writing.
    /// - [`FileError::Io`].
    pub fn open(path: &Path, options: &FileOptions) -> Result<FileRegion, FileError> {
        let (file, len) = LockedFile::open(path, options.read_only)?;
        Self::settled(file, len)
    }
}

impl DaxRegion {
    /// Creates the file at `path` with `len` zero bytes, and maps it. On return they, the file and its name are durable.
    ///
    /// # Errors
    /// Those of [`FileRegion::create`] and of mapping it, see [`DaxRegion::open`]. Whichever it is, no file is left
    /// behind.
    pub fn create(path: &Path, len: u64, options: &DaxOptions) -> Result<DaxRegion, FileError> {
        let file = LockedFile::create(path, len, options.mode, false, &mut |_| ())?;
        DaxRegion::map(file, len, options).map_err(|(error, _)| removed(path, error))
    }

    /// Opens the file at `path`, or the one that a symbolic link there leads to, and maps it. Its length is the
    /// region's. What others have written to it is made durable before it is read.
    ///
    /// # Errors
    /// Those of [`FileRegion::open`], and:
    /// - [`FileError::NotPersistentMemory`]: the file system does not map it with `MAP_SYNC`.
    /// - [`FileError::Holes`]: parts of the file have no place on the medium yet.
    /// - [`FileError::StoresUnavailable`]: `options.stores` are none of this processor's, or not durable.
    pub fn open(path: &Path, options: &DaxOptions) -> Result<DaxRegion, FileError> {
        let (file, len) = LockedFile::open(path, options.read_only)?;
        DaxRegion::map(file, len, options).map_err(|(error, _)| error)
    }
}

impl AnyRegion {
    /// Creates the file at `path` with `len` zero bytes, and calls `progress` with the number of bytes written so far.
    ///
    /// # Errors
    /// As [`FileRegion::create`].
    pub fn create(
        path: &Path,
        len: u64,
        options: &FileOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<AnyRegion, FileError> {
        let file = LockedFile::create(path, len, options.mode, options.sparse, progress)?;
        match DaxRegion::map(file, len, &(*options).into()) {
            Ok(mapped) => Ok(AnyRegion::Dax(mapped)),
            Err((_, Some(file))) => Ok(AnyRegion::File(FileRegion::new(file, len))),
            Err((error, None)) => Err(removed(path, error)),
        }
    }

    /// Opens the file at `path`: mapped, if it is on persistent memory and has no holes, else as any file.
    ///
    /// # Errors
    /// As [`FileRegion::open`].
    pub fn open(path: &Path, options: &FileOptions) -> Result<AnyRegion, FileError> {
        let (file, len) = LockedFile::open(path, options.read_only)?;
        match DaxRegion::map(file, len, &(*options).into()) {
            Ok(mapped) => Ok(AnyRegion::Dax(mapped)),
            Err((_, Some(file))) => FileRegion::settled(file, len).map(AnyRegion::File),
            Err((error, None)) => Err(error),
        }
    }
}

impl LockedFile {
    /// Creates a file of zeros, and locks it. If that fails no file is left behind.
    fn create(
        path: &Path,
        len: u64,
        mode: u32,
        sparse: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<LockedFile, FileError> {
        if len == 0 {
            return Err(FileError::Empty);
        }
        let mut open = fs::OpenOptions::new();
        open.read(true).write(true).create_new(true).mode(mode);
        let file = LockedFile(open.open(path).map_err(FileError::during("create"))?);
        let created = file
            .lock(FlockOperation::NonBlockingLockExclusive)
            .and_then(|()| fill(&file.0, len, sparse, progress))
            .and_then(|()| sync_directory(path));
        match created {
            Ok(()) => Ok(file),
            Err(error) => Err(removed(path, error)),
        }
    }

    /// Opens and locks a file, and says how long it is.
    fn open(path: &Path, read_only: bool) -> Result<(LockedFile, u64), FileError> {
        let mut open = fs::OpenOptions::new();
        // Without O_NONBLOCK, opening a pipe to read would wait for somebody who writes.
        open.read(true)
            .write(!read_only)
            .custom_flags(OFlags::NONBLOCK.bits() as i32);
        let file = LockedFile(open.open(path).map_err(|error| match fs::metadata(path) {
            Ok(found) if !found.is_file() => FileError::not_a_file(found.file_type()),
            _ => FileError::during("open")(error),
        })?);
        file.lock(if read_only {
            FlockOperation::NonBlockingLockShared
        } else {
            FlockOperation::NonBlockingLockExclusive
        })?;
        let found = file.0.metadata().map_err(FileError::during("inspect"))?;
        if !found.is_file() {
            return Err(FileError::not_a_file(found.file_type()));
        }
        if found.len() == 0 {
            return Err(FileError::Empty);
        }
        Ok((file, found.len()))
    }

    fn lock(&self, how: FlockOperation) -> Result<(), FileError> {
        flock(&self.0, how).map_err(|error| match error {
            Errno::WOULDBLOCK => FileError::Locked,
            error => FileError::during("lock")(error),
        })
    }
}

/// Removes a file whose creation has failed.
fn removed(path: &Path, error: FileError) -> FileError {
    // Nothing more can be done about a file that can neither be finished nor removed.
    let _ = fs::remove_file(path);
    error
}

/// Makes `file` `len` zero bytes long, durably.
fn fill(
    file: &File,
    len: u64,
    sparse: bool,
    progress: &mut dyn FnMut(u64),
) -> Result<(), FileError> {
    // A length that cannot be had is refused before it fills what room there is.
    let step = match sparse {
        true => "set the length of",
        false => "write",
    };
    check_limit(len).map_err(FileError::during(step))?;
    if sparse {
        file.set_len(len).map_err(FileError::during(step))?;
    } else {
        let found = fstatvfs(file).map_err(FileError::during("inspect the file system of"))?;
        if len / found.f_frsize.max(1) > found.f_bfree {
            return Err(FileError::during(step)(Errno::NOSPC));
        }
        let zeros = vec![0; 1 << 20];
        let mut done = 0;
        while done < len {
            let chunk = (len - done).min(zeros.len() as u64);
            file.write_all_at(&zeros[..chunk as usize], done)
                .map_err(FileError::during(step))?;
            done += chunk;
            progress(done);
        }
    }
    file.sync_all().map_err(FileError::during("sync"))
}

/// Makes the name `path` durable.
fn sync_directory(path: &Path) -> Result<(), FileError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let synced = File::open(parent).and_then(|directory| directory.sync_all());
    synced.map_err(FileError::during("sync the directory of"))
}

//! Where a picture goes: in place of nothing but a picture, and of that only when all of the new one is written.

use crate::failure::Failure;
use crate::output;
use multilog::{FileError, RegionId};
use std::fs::{self, File, FileType, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How a picture begins.
const START: &[u8] = b"<svg";

/// Where a picture goes.
pub enum Target {
    /// Standard output, whatever that is.
    StandardOutput,
    /// A device that takes bytes, such as /dev/null.
    Device,
    /// A file, and its permissions if it is there.
    File(PathBuf, Option<Permissions>),
}

impl Target {
    /// What `out` names. Refused is what holds anything but a picture, above all the logs in `store`, and what is no place
    /// for one.
    pub fn of(out: &Path, store: &Path) -> Result<Target, Failure> {
        let about = |what: &dyn std::fmt::Display| Failure::about(out, what);
        let found = match fs::metadata(out) {
            Ok(found) => found,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(about(&error)),
            Err(_) if out.is_symlink() => {
                return Err(about(&"this is a link to a file that does not exist"));
            }
            Err(_) => return Ok(Target::File(out.to_path_buf(), None)),
        };
        if fs::metadata(store).is_ok_and(|store| same(&store, &found)) {
            let what = "this is the file with the logs; a picture would replace them";
            return Err(about(&what));
        }
        let kind = found.file_type();
        if standard_output().is_ok_and(|stdout| same(&stdout, &found)) {
            Ok(Target::StandardOutput)
        } else if kind.is_char_device() {
            Ok(Target::Device)
        } else if !kind.is_file() {
            let kind = name_of(kind);
            Err(about(&FileError::NotAFile { kind }))
        } else if !may_be_replaced(out).map_err(|error| about(&error))? {
            Err(about(
                &"this is not a picture, and a picture would replace it; OUT may be a new file, an empty one, or one that \
                  begins with <svg",
            ))
        } else {
            // Behind a link it is the file that is replaced, not the link.
            let file = fs::canonicalize(out).map_err(|error| about(&error))?;
            Ok(Target::File(file, Some(found.permissions())))
        }
    }

    /// Writes the picture to where `out`, which this was made of, names.
    pub fn write(&self, out: &Path, picture: &[u8]) -> Result<(), Failure> {
        let written = match self {
            Target::StandardOutput => return output::write(picture),
            Target::Device => OpenOptions::new()
                .write(true)
                .open(out)
                .and_then(|mut device| device.write_all(picture)),
            Target::File(file, permissions) => {
                let id = RegionId::random().map_err(|e| Failure::Said(e.to_string()))?;
                let beside = file.with_file_name(format!(".plog-inspect-{id}"));
                replace(file, permissions.as_ref(), &beside, picture)
            }
        };
        let what = "could not write the picture";
        written.map_err(|error| Failure::about(out, format_args!("{what}: {error}")))
    }
}

fn same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

fn standard_output() -> io::Result<Metadata> {
    File::from(io::stdout().as_fd().try_clone_to_owned()?).metadata()
}

/// What is no file is called as it is where logs are opened.
fn name_of(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Whether the file is empty or a picture. Who may not write to it is not to replace it either.
fn may_be_replaced(path: &Path) -> io::Result<bool> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut start = Vec::new();
    file.take(START.len() as u64).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == START)
}

/// Puts a new file in the place of `file`, or leaves that as it is. The name `beside` is nobody's.
fn replace(
    file: &Path,
    permissions: Option<&Permissions>,
    beside: &Path,
    picture: &[u8],
) -> io::Result<()> {
    let fill = |mut new: File| {
        if let Some(permissions) = permissions {
            new.set_permissions(permissions.clone())?;
        }
        new.write_all(picture)?;
        // Else a crash could leave the new name with nothing in it.
        new.sync_all()?;
        fs::rename(beside, file)
    };
    fill(File::create_new(beside)?).inspect_err(|_| {
        // Nothing more can be done about a file that cannot be removed.
        let _ = fs::remove_file(beside);
    })
}

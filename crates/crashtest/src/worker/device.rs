//! The devices in files, by name.

use pmem::{AnyRegion, DaxOptions, DaxRegion, FileError, FileOptions, FileRegion, Stores};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

const ALL_STORES: [Stores; 5] = [
    Stores::NonTemporal,
    Stores::Clwb,
    Stores::Clflushopt,
    Stores::Clflush,
    Stores::Ordinary,
];

/// A device in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    File,
    /// The one that suits the medium.
    Any,
    /// A mapping of a file on any medium.
    Mapped(Stores),
}

impl DeviceKind {
    /// All that this processor has.
    pub fn all() -> Vec<DeviceKind> {
        let stores = ALL_STORES
            .into_iter()
            .filter(|stores| stores.is_available());
        [DeviceKind::File, DeviceKind::Any]
            .into_iter()
            .chain(stores.map(DeviceKind::Mapped))
            .collect()
    }

    /// Creates a file of zeros. A mapped one is never sparse.
    pub fn create(self, path: &Path, len: u64, sparse: bool) -> Result<AnyRegion, FileError> {
        let options = FileOptions {
            sparse,
            ..FileOptions::default()
        };
        match self {
            DeviceKind::File => FileRegion::create(path, len, &options).map(AnyRegion::File),
            DeviceKind::Any => AnyRegion::create(path, len, &options, &mut |_| ()),
            DeviceKind::Mapped(stores) => {
                DaxRegion::create(path, len, &mapped(stores)).map(AnyRegion::Dax)
            }
        }
    }

    pub fn open(self, path: &Path) -> Result<AnyRegion, FileError> {
        match self {
            DeviceKind::File => {
                FileRegion::open(path, &FileOptions::default()).map(AnyRegion::File)
            }
            DeviceKind::Any => AnyRegion::open(path, &FileOptions::default()),
            DeviceKind::Mapped(stores) => {
                DaxRegion::open(path, &mapped(stores)).map(AnyRegion::Dax)
            }
        }
    }
}

/// Prefaulted, so that all calls are made that a mapping can be made with.
fn mapped(stores: Stores) -> DaxOptions {
    DaxOptions {
        survive_process_crash_only: true,
        prefault: true,
        stores: Some(stores),
        ..DaxOptions::default()
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceKind::Mapped(stores) => write!(f, "{stores:?}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for DeviceKind {
    type Err = ();

    fn from_str(name: &str) -> Result<DeviceKind, ()> {
        let mut all = DeviceKind::all().into_iter();
        all.find(|kind| kind.to_string() == name).ok_or(())
    }
}

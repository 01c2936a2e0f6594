//! Where the demonstration keeps its logs.

use crate::failure::Failure;
use multilog::RegionId;
use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A file to be created: the user's, or one in a temporary directory of its own, which is removed in the end.
pub struct Place {
    file: PathBuf,
    directory: Option<PathBuf>,
}

impl Place {
    /// The file that the user named, or a temporary one.
    pub fn new(named: Option<&Path>) -> Result<Place, Failure> {
        if let Some(file) = named {
            return Ok(Place {
                file: file.to_path_buf(),
                directory: None,
            });
        }
        let id = RegionId::random().map_err(|e| Failure::Said(e.to_string()))?;
        let directory = env::temp_dir().join(format!("plog-demo-{id}"));
        DirBuilder::new()
            .mode(0o700)
            .create(&directory)
            .map_err(|e| Failure::about(&directory, e))?;
        Ok(Place {
            file: directory.join("demo.plog"),
            directory: Some(directory),
        })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether the file goes with this.
    pub fn is_temporary(&self) -> bool {
        self.directory.is_some()
    }

    /// Leaves the file where it is.
    pub fn keep(&mut self) {
        self.directory = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            // What cannot be removed is left to whoever cleans temporary directories.
            let _ = fs::remove_dir_all(directory);
        }
    }
}

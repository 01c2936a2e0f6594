//! Why a region was refused, together with the region.
use core::fmt;
use std::error::Error;
use vstd::prelude::*;

verus! {

/// Why nothing could be made of a region, and the region, given back.
///
/// With `?` it becomes the error alone, and the region is dropped: a file is closed and unlocked.
pub struct Refused<R, E> {
    /// Why.
    pub error: E,
    /// The region that was refused.
    pub region: R,
}

impl<R, E> Refused<R, E> {
    /// The error alone. The region is dropped.
    pub fn into_error(self) -> (r: E)
        ensures
            r == self.error,
    {
        self.error
    }
}

} // verus!
/// It says nothing of the region, so that a region of any type will do.
impl<R, E: fmt::Debug> fmt::Debug for Refused<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut refused = f.debug_struct("Refused");
        refused.field("error", &self.error).finish_non_exhaustive()
    }
}

/// What the error says.
impl<R, E: fmt::Display> fmt::Display for Refused<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<R, E: Error> Error for Refused<R, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileError;

    /// Neither `Debug` nor `Display`.
    struct Anything;

    #[test]
    fn it_says_what_its_error_says() {
        let refused = Refused {
            error: FileError::Locked,
            region: Anything,
        };
        assert_eq!(refused.to_string(), FileError::Locked.to_string());
        assert_eq!(format!("{refused:?}"), "Refused { error: Locked, .. }");
        let error: Box<dyn Error> = Box::new(refused);
        assert!(error.source().is_none());
    }
}

//! Two regions as one: what is refused, what can be borrowed, and that one part's failure shuts both.

use pmem::{Concat, ConcatError, IoError, IoOperation, MemRegion, Region};

/// A region of which one operation fails, with an `errno` of choice.
struct Failing {
    inner: MemRegion,
    fails: Option<(IoOperation, i32)>,
}

impl Failing {
    fn attempt(&self, operation: IoOperation) -> Result<(), IoError> {
        match self.fails {
            Some((failing, errno)) if failing == operation => Err(IoError { operation, errno }),
            _ => Ok(()),
        }
    }
}

impl Region for Failing {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.attempt(IoOperation::Read)?;
        self.inner.read(addr, buf)
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.attempt(IoOperation::Write)?;
        self.inner.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.attempt(IoOperation::Flush)
    }
}

fn mem(len: usize) -> MemRegion {
    MemRegion::new(len)
}

fn sound(len: usize) -> Failing {
    Failing {
        inner: mem(len),
        fails: None,
    }
}

fn failing(len: usize, operation: IoOperation, errno: i32) -> Failing {
    Failing {
        inner: mem(len),
        fails: Some((operation, errno)),
    }
}

#[test]
fn the_first_length_must_be_a_multiple_of_64() {
    let error = Concat::new(mem(96), mem(64)).err();
    assert_eq!(error, Some(ConcatError::Misaligned { len: 96 }));
    assert_eq!(
        error.unwrap().to_string(),
        "the first region is 96 bytes long, which is not a multiple of 64"
    );
    assert_eq!(Concat::new(mem(128), mem(1)).unwrap().len(), 129);
    assert_eq!(Concat::new(mem(0), mem(1)).unwrap().len(), 1);
}

/// A region that is longer than any memory, and never used.
struct Endless;

impl Region for Endless {
    fn len(&self) -> u64 {
        u64::MAX - 63
    }

    fn read(&self, _addr: u64, _buf: &mut [u8]) -> Result<(), IoError> {
        unimplemented!()
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        unimplemented!()
    }

    fn write(&mut self, _addr: u64, _bytes: &[u8]) -> Result<(), IoError> {
        unimplemented!()
    }

    fn flush(&mut self) -> Result<(), IoError> {
        Ok(())
    }
}

#[test]
fn the_sum_of_the_lengths_must_fit() {
    assert_eq!(
        Concat::new(Endless, mem(64)).err(),
        Some(ConcatError::TooLong)
    );
    assert_eq!(Concat::new(Endless, mem(63)).unwrap().len(), u64::MAX);
}

#[test]
fn regions_that_cannot_be_flushed_are_refused() {
    let error = IoError {
        operation: IoOperation::Flush,
        errno: 5,
    };
    let first = Concat::new(failing(64, IoOperation::Flush, 5), mem(64));
    assert_eq!(first.err(), Some(ConcatError::Io(error)));
    let second = Concat::new(mem(64), failing(64, IoOperation::Flush, 5));
    assert_eq!(second.err(), Some(ConcatError::Io(error)));
    assert!(ConcatError::Io(error)
        .to_string()
        .starts_with("flush failed: "));
}

#[test]
fn what_lies_in_one_mapped_part_can_be_borrowed() {
    let mut region = Concat::new(mem(64), mem(64)).unwrap();
    region.write(62, b"abcd").unwrap();
    assert_eq!(region.borrow(62, 2), Some(&b"ab"[..]));
    assert_eq!(region.borrow(64, 2), Some(&b"cd"[..]));
    assert_eq!(region.borrow(63, 2), None);
    assert_eq!(region.borrow(128, 0), Some(&b""[..]));

    let region = Concat::new(mem(64), sound(64)).unwrap();
    assert!(region.borrow(0, 64).is_some());
    assert!(region.borrow(64, 1).is_none());
}

/// Makes the failing part fail, heals it, and sees that the whole refuses nevertheless, with the first `errno`.
fn stays_shut<A: Region, B: Region>(
    region: Concat<A, B>,
    fail: impl FnOnce(&mut Concat<A, B>) -> Result<(), IoError>,
    operation: IoOperation,
) -> (A, B) {
    let mut region = region;
    assert_eq!(
        fail(&mut region),
        Err(IoError {
            operation,
            errno: 28
        })
    );
    for addr in [0, 63, 64] {
        let error = IoError {
            operation: IoOperation::Write,
            errno: 28,
        };
        assert_eq!(region.write(addr, b"no"), Err(error), "at {addr}");
    }
    assert_eq!(region.write(0, b"").unwrap_err().errno, 28);
    let error = IoError {
        operation: IoOperation::Flush,
        errno: 28,
    };
    assert_eq!(region.flush(), Err(error));
    region.into_parts()
}

#[test]
fn a_failed_write_to_the_first_part_shuts_both() {
    let region = Concat::new(failing(64, IoOperation::Write, 28), mem(64)).unwrap();
    let (first, second) = stays_shut(region, |r| r.write(60, b"12345678"), IoOperation::Write);
    assert_eq!(first.inner.into_vec(), [0; 64]);
    assert_eq!(second.into_vec(), [0; 64]);
}

#[test]
fn a_failed_write_to_the_second_part_shuts_both() {
    let region = Concat::new(mem(64), failing(64, IoOperation::Write, 28)).unwrap();
    let (first, second) = stays_shut(region, |r| r.write(70, b"12"), IoOperation::Write);
    assert_eq!(first.into_vec(), [0; 64]);
    assert_eq!(second.inner.into_vec(), [0; 64]);
}

#[test]
fn a_failed_read_says_so_and_shuts_nothing() {
    let mut region = Concat::new(mem(64), failing(64, IoOperation::Read, 5)).unwrap();
    let mut buf = [0; 8];
    let error = IoError {
        operation: IoOperation::Read,
        errno: 5,
    };
    assert_eq!(region.read(60, &mut buf), Err(error));
    assert_eq!(region.read(64, &mut []), Ok(()));
    assert_eq!(region.read(0, &mut buf), Ok(()));
    assert_eq!(region.write(60, &buf), Ok(()));
    assert_eq!(region.flush(), Ok(()));
}

/// A region whose second flush fails: `Concat::new` does the first one.
struct FlushesOnce(MemRegion, u32);

impl Region for FlushesOnce {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.0.read(addr, buf)
    }

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        self.0.borrow(addr, len)
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.0.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.1 += 1;
        match self.1 {
            2 => Err(IoError {
                operation: IoOperation::Flush,
                errno: 28,
            }),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_failed_flush_of_either_part_shuts_both() {
    let region = Concat::new(FlushesOnce(mem(64), 0), mem(64)).unwrap();
    let (first, second) = stays_shut(region, Region::flush, IoOperation::Flush);
    assert_eq!(first.0.into_vec(), [0; 64]);
    assert_eq!(second.into_vec(), [0; 64]);

    let region = Concat::new(mem(64), FlushesOnce(mem(64), 0)).unwrap();
    let (first, second) = stays_shut(region, Region::flush, IoOperation::Flush);
    assert_eq!(first.into_vec(), [0; 64]);
    assert_eq!(second.0.into_vec(), [0; 64]);
}

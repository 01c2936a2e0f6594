//! Shared logs in a file whose flushes are held up until they are told what to do.

use super::devices::io_error;
use multilog::shared::{Shareable, Shared};
use multilog::{
    FileError, FileOptions, FileReader, FileRegion, IoError, IoOperation, MultiLog, Region,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What becomes of a flush that was held up.
pub enum Then {
    GoOn,
    Fail,
    Panic,
}

/// A file whose flushes wait while it is closed.
pub struct Gate {
    region: FileRegion,
    begun: Mutex<Sender<()>>,
    then: Mutex<Receiver<Then>>,
    closed: Arc<AtomicBool>,
}

impl Region for Gate {
    fn len(&self) -> u64 {
        self.region.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.region.read(addr, buf)
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.region.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        if self.closed.load(Ordering::SeqCst) {
            self.begun.lock().unwrap().send(()).unwrap();
            let then = self.then.lock().unwrap().recv().unwrap();
            match then {
                Then::GoOn => {}
                Then::Fail => return Err(io_error(IoOperation::Flush)),
                Then::Panic => panic!("the device does"),
            }
        }
        self.region.flush()
    }
}

impl Shareable for Gate {
    fn reader(&self) -> Result<Option<FileReader>, FileError> {
        self.region.reader()
    }
}

/// Logs behind a gate, which is open at first.
pub struct Gated {
    pub logs: Shared<Gate>,
    closed: Arc<AtomicBool>,
    begun: Receiver<()>,
    then: Sender<Then>,
    _dir: tempfile::TempDir,
}

impl Gated {
    /// One log of 1000 bytes.
    pub fn new() -> Gated {
        let dir = tempfile::tempdir().unwrap();
        let len = multilog::required_len(&[1000]).unwrap();
        let options = FileOptions::default();
        let region = FileRegion::create(&dir.path().join("f"), len, &options).unwrap();
        let ((begin, begun), (then, told)) = (channel(), channel());
        let closed = Arc::new(AtomicBool::new(false));
        let gate = Gate {
            region,
            begun: Mutex::new(begin),
            then: Mutex::new(told),
            closed: closed.clone(),
        };
        let logs = Shared::new(MultiLog::create(gate, &[1000]).unwrap()).unwrap();
        Gated {
            logs,
            closed,
            begun,
            then,
            _dir: dir,
        }
    }

    /// Holds up all flushes from now on.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Waits until a flush is held up.
    pub fn wait_for_flush(&self) {
        self.begun.recv().unwrap();
    }

    /// Whether a flush was held up of which nobody knows.
    pub fn has_flushed(&self) -> bool {
        self.begun.try_recv().is_ok()
    }

    /// Tells the flush that is held up, or the next one that is.
    pub fn tell(&self, then: Then) {
        self.then.send(then).unwrap();
    }

    /// Lets the flush that is held up go on, and all others.
    pub fn open(&self) {
        self.closed.store(false, Ordering::SeqCst);
        self.tell(Then::GoOn);
    }
}

/// Runs this, and fails if it does not end: on a deadlock too.
pub fn in_time(run: impl FnOnce() + Send + 'static) {
    let (done, is_done) = channel();
    let running = thread::spawn(move || {
        run();
        done.send(()).unwrap();
    });
    match is_done.recv_timeout(Duration::from_secs(30)) {
        Ok(()) => {}
        Err(RecvTimeoutError::Disconnected) => panic!("{:?}", running.join()),
        Err(RecvTimeoutError::Timeout) => panic!("it is stuck"),
    }
}

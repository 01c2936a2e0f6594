//! One kill, and what it left.

use super::model::Model;
use super::verify::{verify, Finding, Found};
use crate::failure::Failure;
use crate::logs;
use multilog::{AnyRegion, MultiLog, OpenError};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// SIGKILL has this number on every Unix.
const SIGKILL: i32 = 9;

/// What one kill left.
pub struct Round {
    /// How many commits the writer had acknowledged.
    pub acknowledged: u64,
    /// What was found, and whether it is what it must be.
    pub result: Result<Found, Finding>,
}

/// Lets a writer commit for so long, kills it, and verifies the logs, which stood as in `start`.
pub fn run(path: &Path, start: &Model, delay: Duration) -> Result<Round, Failure> {
    let said = kill_writer(path, start.commit, delay)?;
    let mut model = *start;
    // What follows the last newline is nothing that the writer had said.
    for line in said
        .split_inclusive(|&b| b == b'\n')
        .filter(|line| line.ends_with(b"\n"))
    {
        model = model.next();
        if line != format!("{}\n", model.commit).as_bytes() {
            let line = String::from_utf8_lossy(line);
            let what = format!("the writer said {line:?} instead of {}", model.commit);
            return Err(Failure::about(path, what));
        }
    }
    Ok(Round {
        acknowledged: model.commit - start.commit,
        result: open_and_verify(path, &model)?,
    })
}

fn open_and_verify(path: &Path, model: &Model) -> Result<Result<Found, Finding>, Failure> {
    let region = AnyRegion::open(path, &logs::read_only()).map_err(|e| Failure::about(path, e))?;
    Ok(match MultiLog::open(region) {
        Ok(logs) => verify(&logs, model),
        Err(refused) if matches!(refused.error, OpenError::Io(_)) => {
            return Err(Failure::about(path, refused))
        }
        Err(error) => Err(Finding::Lost(format!("the logs cannot be opened: {error}"))),
    })
}

/// Starts a writer, kills it after `delay`, and returns what it had said till then.
fn kill_writer(path: &Path, after: u64, delay: Duration) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer::start(path, after)
        .map_err(|e| Failure::about(path, format_args!("could not start the writer: {e}")))?;
    // Read while it runs, or it would stop as soon as the pipe is full.
    let listener = writer
        .0
        .stdout
        .take()
        .map(|pipe| thread::spawn(move || listen(pipe)));
    thread::sleep(delay);
    let status = writer
        .kill()
        .map_err(|e| Failure::about(path, format_args!("could not kill the writer: {e}")))?;
    let said = listener.and_then(|l| l.join().ok());
    match said {
        Some(Ok(said)) if status.signal() == Some(SIGKILL) => Ok(said),
        Some(Ok(_)) => Err(Failure::about(
            path,
            format_args!("the writer ended before it was killed: {status}"),
        )),
        _ => Err(Failure::about(path, "the writer could not be heard")),
    }
}

fn listen(mut pipe: ChildStdout) -> std::io::Result<Vec<u8>> {
    let mut said = Vec::new();
    pipe.read_to_end(&mut said)?;
    Ok(said)
}

/// A process that is killed when this is dropped, if not before.
struct Writer(Child);

impl Writer {
    fn start(path: &Path, after: u64) -> std::io::Result<Writer> {
        Command::new(std::env::current_exe()?)
            .arg("demo-writer")
            .arg("--after")
            .arg(after.to_string())
            .arg("--")
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map(Writer)
    }

    fn kill(&mut self) -> std::io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It is gone already, but for an early return.
        let _ = self.kill();
    }
}

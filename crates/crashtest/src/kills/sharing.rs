//! A process whose threads share logs.

use super::{was_killed, Kind, Process, Round, Victim};
use crate::worker::sharing::{logs_of, payload, Sharing, THREADS};
use crate::worker::DeviceKind;
use fastrand::Rng;
use multilog::MultiLog;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub struct Sharers<'a> {
    executable: &'a Path,
    task: Sharing,
}

/// How many records of each thread there are.
type Counts = [u64; THREADS as usize];

impl<'a> Sharers<'a> {
    pub fn new(executable: &'a Path, device: DeviceKind, path: PathBuf) -> Sharers<'a> {
        let task = Sharing { device, path };
        Sharers { executable, task }
    }

    /// Lets it work for a random time; returns what it said.
    fn kill(&self, rng: &mut Rng) -> io::Result<Result<String, String>> {
        let mut process = Process(self.task.command(self.executable).spawn()?);
        let mut pipe = process.0.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        // The first line says that there are logs.
        let mut said = vec![0; 8];
        pipe.read_exact(&mut said)?;
        thread::sleep(Duration::from_micros(rng.u64(..6_000)));
        let status = process.kill()?;
        pipe.read_to_end(&mut said)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        Ok(match was_killed(status) {
            true => Ok(said),
            false => Err(format!("it ended before it was killed: {said}")),
        })
    }

    /// What is in the file: in both logs all records of each thread, in order, without a gap.
    fn found(&self) -> Result<Counts, String> {
        let region = self.task.device.open(&self.task.path);
        let region = region.map_err(|error| error.to_string())?;
        let logs = MultiLog::open(region).map_err(|error| error.to_string())?;
        let mut counts = [[0; 2]; THREADS as usize];
        for log in 0..2 {
            for record in logs.records(log) {
                let record = record.map_err(|error| error.to_string())?;
                let text = String::from_utf8_lossy(&record).into_owned();
                let thread = text.split(' ').next().and_then(|word| word.parse().ok());
                let thread: u64 = thread.filter(|t| *t < THREADS).ok_or(text)?;
                let next = &mut counts[thread as usize][log as usize];
                // Skipping those that do not go to this log.
                while !logs_of(thread, *next).contains(&log) {
                    *next += 1;
                }
                if *record != payload(thread, *next) {
                    return Err(format!(
                        "record {next} of thread {thread} is not in log {log}"
                    ));
                }
                *next += 1;
            }
        }
        let both = (0..).zip(counts).map(|(thread, [a, b])| {
            let count = a.max(b);
            // Whatever comes before the last one is in each log that it belongs to.
            for (log, mut next) in (0..).zip([a, b]) {
                while next < count && !logs_of(thread, next).contains(&log) {
                    next += 1;
                }
                if next < count {
                    return Err(format!(
                        "record {next} of thread {thread} is in one log only"
                    ));
                }
            }
            Ok(count)
        });
        let both: Result<Vec<u64>, String> = both.collect();
        both?.try_into().map_err(|_| "not all threads".to_string())
    }
}

/// How many records of each thread were acknowledged.
fn acknowledged(said: &str) -> Result<Counts, String> {
    let mut counts = [0; THREADS as usize];
    for line in said.lines().filter(|line| *line != "created") {
        let (thread, number) = line.split_once(' ').ok_or(line)?;
        let thread: usize = thread.parse().map_err(|_| line)?;
        let number: u64 = number.parse().map_err(|_| line)?;
        let count = counts.get_mut(thread).ok_or(line)?;
        if *count != number {
            return Err(format!(
                "thread {thread} said {number} after {count} records"
            ));
        }
        *count += 1;
    }
    Ok(counts)
}

impl Victim for Sharers<'_> {
    fn kind(&self) -> Kind {
        Kind::Sharers
    }

    fn round(&mut self, rng: &mut Rng) -> Result<Round, String> {
        match fs::remove_file(&self.task.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        let said = self.kill(rng).map_err(|error| error.to_string())??;
        let (acknowledged, found) = (acknowledged(&said)?, self.found()?);
        let mut more = 0;
        for (acknowledged, found) in acknowledged.iter().zip(found) {
            // A thread goes on when it was told, so one of its records may be unacknowledged.
            more += match found.checked_sub(*acknowledged) {
                Some(more @ (0 | 1)) => more,
                _ => {
                    return Err(format!(
                        "{acknowledged} were acknowledged, {found} are there"
                    ))
                }
            };
        }
        Ok(Round {
            killed: true,
            acknowledged: acknowledged.iter().sum(),
            whole: more > 0,
        })
    }

    fn name(&self) -> String {
        let Sharing { device, path } = &self.task;
        format!("threads on {device} in {}", path.display())
    }
}

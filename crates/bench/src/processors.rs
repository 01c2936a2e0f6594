//! Which processors the measuring thread runs on.

use rustix::thread::{sched_getaffinity, sched_getcpu, sched_setaffinity, CpuSet};
use std::sync::OnceLock;
use std::{fs, io};

/// Those that this process was started on; none is there before the first [`stay_on_this_one`], or where they cannot be
/// told.
static ALLOWED: OnceLock<CpuSet> = OnceLock::new();

/// Keeps the scheduler from moving this thread. Where that is not allowed, the samples scatter more.
pub fn stay_on_this_one() -> io::Result<()> {
    if ALLOWED.get().is_none() {
        let _ = ALLOWED.set(sched_getaffinity(None)?);
    }
    let mut here = CpuSet::new();
    here.set(sched_getcpu());
    Ok(sched_setaffinity(None, &here)?)
}

/// Lets this thread meanwhile, and the threads that it starts for as long as they live, run on all processors that the
/// process was started on.
pub fn on_all<T>(run: impl FnOnce() -> T) -> T {
    let Some(allowed) = ALLOWED.get() else {
        return run();
    };
    let before = sched_getaffinity(None);
    warn(sched_setaffinity(None, allowed).map_err(io::Error::from));
    let ran = run();
    warn(
        before
            .and_then(|before| sched_setaffinity(None, &before))
            .map_err(io::Error::from),
    );
    ran
}

/// Says that the processors are not those that were meant.
pub fn warn(set: io::Result<()>) {
    if let Err(error) = set {
        crate::report::say(&format!(
            "warning: this thread could not be bound to its processors, so that times scatter more: {error}"
        ));
    }
}

/// Who made a processor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Maker {
    Intel,
    Amd,
    Other,
}

impl Maker {
    /// Of this machine's.
    pub fn here() -> Maker {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let vendor = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("vendor_id")?.split_once(": "));
        match vendor {
            Some((_, "GenuineIntel")) => Maker::Intel,
            Some((_, "AuthenticAMD")) => Maker::Amd,
            _ => Maker::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn processors() -> u32 {
        sched_getaffinity(None).unwrap().count()
    }

    #[test]
    fn threads_that_are_started_on_all_processors_are_not_bound_to_one() {
        let all = processors();
        stay_on_this_one().unwrap();
        assert_eq!(processors(), 1);
        let started = on_all(|| thread::spawn(processors).join().unwrap());
        assert_eq!(started, all);
        assert_eq!(processors(), 1);
    }
}

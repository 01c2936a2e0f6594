//! What logs are, in plain Rust: nothing but vectors.

use multilog::{AppendError, LogInfo, MoveError, ReadError};

/// A log as anybody would write it down.
#[derive(Clone)]
pub struct ModelLog {
    pub head: u64,
    pub data: Vec<u8>,
    pub capacity: u64,
}

impl ModelLog {
    pub fn tail(&self) -> u64 {
        self.head + self.data.len() as u64
    }
}

/// The collection: what is committed, and what the next commit makes of it.
pub struct Model {
    pub committed: Vec<ModelLog>,
    pub staged: Vec<ModelLog>,
    /// Whether the bytes can be borrowed.
    pub mapped: bool,
}

impl Model {
    pub fn new(capacities: &[u64], head: u64, mapped: bool) -> Model {
        let log = |&capacity| ModelLog {
            head,
            data: Vec::new(),
            capacity,
        };
        let logs: Vec<ModelLog> = capacities.iter().map(log).collect();
        Model {
            committed: logs.clone(),
            staged: logs,
            mapped,
        }
    }

    pub fn count(&self) -> u64 {
        self.committed.len() as u64
    }

    fn free(&self, log: usize) -> u64 {
        let used = self.staged[log].tail() - self.committed[log].head;
        self.committed[log].capacity - used
    }

    pub fn append(&mut self, log: u64, bytes: &[u8]) -> Result<u64, AppendError> {
        let logs = self.count();
        if log >= logs {
            return Err(AppendError::NoSuchLog { log, logs });
        }
        let i = log as usize;
        let (committed_tail, staged_tail) = (self.committed[i].tail(), self.staged[i].tail());
        let requested = bytes.len() as u64;
        if staged_tail < committed_tail {
            return Err(AppendError::TruncationStaged {
                committed_tail,
                staged_tail,
            });
        }
        if staged_tail.checked_add(requested).is_none() {
            return Err(AppendError::PositionOverflow);
        }
        let available = self.free(i);
        if requested > available {
            return Err(AppendError::Full {
                requested,
                available,
            });
        }
        self.staged[i].data.extend(bytes);
        Ok(staged_tail)
    }

    fn staged_log(&mut self, log: u64, position: u64) -> Result<&mut ModelLog, MoveError> {
        let logs = self.count();
        let staged = self.staged.get_mut(log as usize);
        let staged = staged.ok_or(MoveError::NoSuchLog { log, logs })?;
        let (head, tail) = (staged.head, staged.tail());
        if position < head || position > tail {
            return Err(MoveError::OutOfRange {
                position,
                head,
                tail,
            });
        }
        Ok(staged)
    }

    pub fn advance_head(&mut self, log: u64, position: u64) -> Result<(), MoveError> {
        let staged = self.staged_log(log, position)?;
        staged.data.drain(..(position - staged.head) as usize);
        staged.head = position;
        Ok(())
    }

    pub fn truncate(&mut self, log: u64, position: u64) -> Result<(), MoveError> {
        let staged = self.staged_log(log, position)?;
        staged.data.truncate((position - staged.head) as usize);
        Ok(())
    }

    pub fn read(&self, log: u64, position: u64, len: u64) -> Result<Vec<u8>, ReadError> {
        let logs = self.count();
        let committed = self.committed.get(log as usize);
        let committed = committed.ok_or(ReadError::NoSuchLog { log, logs })?;
        let (head, tail) = (committed.head, committed.tail());
        match position.checked_add(len) {
            Some(end) if head <= position && end <= tail => {}
            _ => {
                return Err(ReadError::OutOfRange {
                    position,
                    len,
                    head,
                    tail,
                });
            }
        }
        let bytes = &committed.data[(position - head) as usize..];
        Ok(bytes[..len as usize].to_vec())
    }

    pub fn info(&self, log: u64) -> Option<LogInfo> {
        let committed = self.committed.get(log as usize)?;
        let staged = &self.staged[log as usize];
        Some(LogInfo {
            head: committed.head,
            tail: committed.tail(),
            staged_head: staged.head,
            staged_tail: staged.tail(),
            capacity: committed.capacity,
            free: self.free(log as usize),
        })
    }
}

//! Damage to the medium of logs that are open and go on committing.
//!
//! What is in memory hides it until the logs are opened again; and a commit relies on the idle copy for the entries that it
//! does not write. Then, too, damage is found or does not matter.

use super::base::Base;
use super::damage::Damage;
use super::judge::judge_open;
use super::oracle;
use super::promise::keeps_promise;
use super::shared::Shared;
use multilog::MultiLog;

/// A base whose logs went on committing, on a sound medium.
pub struct GoneOn<'a> {
    before: &'a Base,
    after: Base,
}

impl<'a> GoneOn<'a> {
    pub fn new(before: &'a Base) -> Result<GoneOn<'a>, String> {
        let image = go_on(before, &[])?;
        let contents = oracle::open(&image).map_err(|fault| format!("oracle: {fault:?}"))?;
        let after = Base {
            collection: contents.collection(&image),
            contents,
            image,
            ..before.clone()
        };
        Ok(GoneOn { before, after })
    }

    /// Does the same, with damage between two commits.
    pub fn judge(&self, damages: &[Damage]) -> Result<(), String> {
        let image = go_on(self.before, damages)?;
        keeps_promise(&self.after, &image, &judge_open(&image)?)
    }
}

/// Opens the base, commits something, damages the medium, and commits two more changes: of the first log, then of the
/// last one. Returns what the medium then holds.
fn go_on(base: &Base, damages: &[Damage]) -> Result<Vec<u8>, String> {
    let medium = Shared::new(base.image.clone());
    let mut logs = MultiLog::open(medium.clone()).map_err(|error| format!("open: {error:?}"))?;
    let last = logs.log_count() - 1;
    for (round, log) in [0, 0, last].into_iter().enumerate() {
        if round == 1 {
            let mut image = medium.bytes();
            damages
                .iter()
                .for_each(|damage| damage.apply(base, &mut image));
            medium.set_bytes(&image);
        }
        let head = logs.info(log).ok_or("no log")?.head;
        let tail = logs.info(log).ok_or("no log")?.tail;
        let moved = match head < tail {
            true => logs.stage_advance_head(log, head + 1),
            false => Ok(()),
        };
        moved.map_err(|error| format!("advance: {error:?}"))?;
        if logs.info(log).ok_or("no log")?.free > 0 {
            let appended = logs.stage_append(log, &[round as u8]);
            appended.map_err(|error| format!("append: {error:?}"))?;
        }
        logs.commit()
            .map_err(|error| format!("commit: {error:?}"))?;
    }
    Ok(medium.bytes())
}

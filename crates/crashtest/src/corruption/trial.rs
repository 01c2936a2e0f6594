//! Tries damage on a base, counts it, and reports what must not happen.

use super::base::Base;
use super::damage::Damage;
use super::judge::{judge_open, Opened};
use super::judge_single::judge_single;
use super::promise::keeps_promise;
use super::under_open::GoneOn;
use super::watchdog::watched;
use crate::totals::{Totals, Violation};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Where so much goes wrong, more of it tells nothing new.
const MOST_VIOLATIONS: usize = 20;

/// All that is known to be wrong with how an image is opened, and, if it has the length of the base's, with what
/// `check` says of the base's logs when their medium becomes this.
pub fn judge(base: &Base, opened: &Opened, image: &[u8]) -> Result<(), String> {
    let found = judge_open(image)?;
    judge_single(image, &found)?;
    keeps_promise(base, image, &found)?;
    match image.len() == base.image.len() {
        true => opened.judge_check(image),
        false => Ok(()),
    }
}

/// What `judge` returns, or what it panicked with. If it hangs, this is named as `what`, done to `image`.
pub fn tried(
    what: &str,
    image: &[u8],
    judge: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    watched(what, image, || caught(judge))
}

/// What `judge` returns, or what it panicked with.
pub fn caught(judge: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or(panic.downcast_ref::<&str>().copied());
        Err(format!("a panic: {}", message.unwrap_or("of no message")))
    })
}

/// The damage that is done to one base.
pub struct Trial<'a> {
    pub base: &'a Base,
    opened: Opened,
    gone_on: GoneOn<'a>,
    violations: usize,
    totals: &'a mut Totals,
}

impl<'a> Trial<'a> {
    /// A trial of a base, which by itself is sound.
    pub fn new(base: &'a Base, totals: &'a mut Totals) -> Trial<'a> {
        let opened = Opened::new(&base.image).expect("an image that was just written");
        let gone_on = GoneOn::new(base).expect("logs that can be used");
        Trial {
            base,
            opened,
            gone_on,
            violations: 0,
            totals,
        }
    }

    /// Damages the base, and judges what becomes of that.
    pub fn damage(&mut self, damages: &[Damage]) {
        let mut image = self.base.image.clone();
        for damage in damages {
            damage.apply(self.base, &mut image);
        }
        self.judge(&image, || format!("{damages:?}"));
    }

    /// Judges an image.
    pub fn judge(&mut self, image: &[u8], how: impl FnOnce() -> String) {
        let (base, opened) = (self.base, &self.opened);
        let judged = tried(&base.name, image, || judge(base, opened, image));
        self.count(judged, how);
    }

    /// Damages the medium while the base's logs are open, between two commits, and judges what they leave.
    pub fn damage_under_open_logs(&mut self, damages: &[Damage]) {
        let (base, gone_on) = (self.base, &self.gone_on);
        let how = format!("{damages:?}, between two commits");
        let judged = tried(&how, &base.image, || gone_on.judge(damages));
        self.count(judged, || how);
    }

    fn count(&mut self, judged: Result<(), String>, how: impl FnOnce() -> String) {
        self.totals.corruptions += 1;
        if let Err(what) = judged {
            self.violations += 1;
            if self.violations <= MOST_VIOLATIONS {
                let how = format!("{}: {}", self.base.name, how());
                self.totals.violations.push(Violation { what, how });
            }
        }
    }
}

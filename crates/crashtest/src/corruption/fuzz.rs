//! What the fuzzers in `fuzz/` call, and the tests of this crate with random input: bytes decide what is damaged.

use super::base::bases;
use super::damage::Damage;
use super::judge::{judge_open, Opened};
use super::judge_single::judge_single;
use super::promise::keeps_promise;
use arbitrary::{Arbitrary, Unstructured};

/// A base, and what is done to it.
type Structured = (u8, Vec<Damage>);

/// Opens an image that `data` says: itself, or one of the bases with damage.
///
/// # Errors
/// What the production code said of it that the format does not.
pub fn open(data: &[u8]) -> Result<(), String> {
    let Some((&kind, rest)) = data.split_first() else {
        return Ok(());
    };
    if kind % 4 == 0 {
        let found = judge_open(rest)?;
        return judge_single(rest, &found);
    }
    let Some((base, damages)) = structured(rest) else {
        return Ok(());
    };
    let base = &bases()[usize::from(base) % bases().len()];
    let mut image = base.image.clone();
    damages
        .iter()
        .for_each(|damage| damage.apply(base, &mut image));
    let found = judge_open(&image)?;
    judge_single(&image, &found)?;
    keeps_promise(base, &image, &found)
}

/// Opens a base and checks it, as `plog check` does, and checks it again after damage to the medium under it.
///
/// # Errors
/// What the production code said of it that the format does not.
pub fn check(data: &[u8]) -> Result<(), String> {
    let Some((base, damages)) = structured(data) else {
        return Ok(());
    };
    let base = &bases()[usize::from(base) % bases().len()];
    let opened = Opened::new(&base.image)?;
    opened.judge_check(&base.image)?;
    let mut image = base.image.clone();
    for damage in &damages {
        damage.apply(base, &mut image);
        image.resize(base.image.len(), 0);
        opened.judge_check(&image)?;
    }
    Ok(())
}

fn structured(data: &[u8]) -> Option<Structured> {
    Structured::arbitrary_take_rest(Unstructured::new(data)).ok()
}

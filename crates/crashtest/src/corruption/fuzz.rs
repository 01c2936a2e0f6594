//! What the fuzzers in `fuzz/` call, and the tests of this crate with random input: bytes decide what is damaged.

use super::base::{bases, Base};
use super::damage::Damage;
use super::judge::{judge_open, Opened};
use super::judge_single::judge_single;
use super::promise::keeps_promise;
use arbitrary::{Arbitrary, Unstructured};

/// An image that `data` says: itself, or, with the base that it was made of, one of the bases with damage.
pub fn image(data: &[u8]) -> Option<(Vec<u8>, Option<&'static Base>)> {
    let (&kind, rest) = data.split_first()?;
    if kind % 4 == 0 {
        return Some((rest.to_vec(), None));
    }
    let (base, damages) = base_and_damage(rest)?;
    let mut image = base.image.clone();
    damages
        .iter()
        .for_each(|damage| damage.apply(base, &mut image));
    Some((image, Some(base)))
}

fn base_and_damage(data: &[u8]) -> Option<(&'static Base, Vec<Damage>)> {
    let data = Unstructured::new(data);
    let (base, damages) = <(u8, Vec<Damage>)>::arbitrary_take_rest(data).ok()?;
    Some((&bases()[usize::from(base) % bases().len()], damages))
}

/// Opens an image.
///
/// # Errors
/// What the production code said of it that the format does not.
pub fn open(data: &[u8]) -> Result<(), String> {
    let Some((image, base)) = image(data) else {
        return Ok(());
    };
    let found = judge_open(&image)?;
    judge_single(&image, &found)?;
    base.map_or(Ok(()), |base| keeps_promise(base, &image, &found))
}

/// Checks open logs, as `plog check` does, and checks them again after each damage to the medium under them.
///
/// # Errors
/// What the production code said of it that the format does not.
pub fn check(data: &[u8]) -> Result<(), String> {
    let Some((base, damages)) = base_and_damage(data) else {
        return Ok(());
    };
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

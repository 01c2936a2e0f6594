//! Doing the same to a device and to the model.

use fastrand::Rng;
use pmem::Region;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

/// What a device is compared with.
pub struct Model {
    pub bytes: Vec<u8>,
    /// Addresses at which something may go wrong, beside those at the ends of words, lines and pages.
    pub seams: Vec<u64>,
    /// Whether the bytes can be borrowed.
    pub mapped: bool,
    /// The files that hold the bytes, one behind the other, once they are flushed.
    pub files: Vec<PathBuf>,
}

impl Model {
    /// A device of zeros.
    pub fn new(len: u64, seams: &[u64], mapped: bool) -> Model {
        Model {
            bytes: vec![0; len as usize],
            seams: seams.to_vec(),
            mapped,
            files: Vec::new(),
        }
    }

    /// What a flush left is in the files.
    fn is_in_files(&self) {
        if !self.files.is_empty() {
            let files = self.files.iter().map(|path| fs::read(path).unwrap());
            assert!(
                files.collect::<Vec<_>>().concat() == self.bytes,
                "{:?}",
                self.files
            );
        }
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// An address, mostly one near an end of something.
    fn address(&self, rng: &mut Rng) -> u64 {
        let near = match rng.u8(..8) {
            0 => 0,
            1 => self.len(),
            2 | 3 if !self.seams.is_empty() => self.seams[rng.usize(..self.seams.len())],
            4 => rng.u64(..=self.len()) / 8 * 8,
            5 => rng.u64(..=self.len()) / 64 * 64,
            6 => rng.u64(..=self.len()) / 4_096 * 4_096,
            _ => rng.u64(..=self.len()),
        };
        let offset = *rng.choice(&[0, 0, 0, 1, 7, 8, 9, 63, 64, 65]).unwrap();
        match rng.bool() {
            true => near.saturating_sub(offset),
            false => (near + offset).min(self.len()),
        }
    }

    /// A range, empty ones among them.
    fn range(&self, rng: &mut Rng) -> Range<u64> {
        let start = self.address(rng);
        let end = match rng.u8(..3) {
            0 => self.address(rng),
            1 => (start + rng.u64(..20)).min(self.len()),
            _ => (start + rng.u64(..200)).min(self.len()),
        };
        start.min(end)..start.max(end)
    }

    fn slice(&self, range: &Range<u64>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }
}

/// Does so many random operations to both, and compares all that can be seen.
pub fn agree<R: Region>(region: &mut R, model: &mut Model, seed: u64, operations: u64) {
    let mut rng = Rng::with_seed(seed);
    agrees_at_all(region, model);
    for number in 0..operations {
        let range = model.range(&mut rng);
        let about = format!(
            "seed {seed}, operation {number}, {range:?} of {}",
            model.len()
        );
        match rng.u8(..8) {
            0..=3 => {
                let bytes: Vec<u8> = range.clone().map(|_| rng.u8(..)).collect();
                region.write(range.start, &bytes).unwrap();
                model.bytes[range.start as usize..range.end as usize].copy_from_slice(&bytes);
                let around = range.start.saturating_sub(70)..(range.end + 70).min(model.len());
                assert_eq!(
                    read(region, &around),
                    model.slice(&around),
                    "write, {about}"
                );
            }
            4 | 5 => assert_eq!(read(region, &range), model.slice(&range), "read, {about}"),
            6 => borrows(region, model, &range),
            _ => {
                region.flush().unwrap();
                model.is_in_files();
            }
        }
    }
    agrees_at_all(region, model);
}

/// Compares all bytes.
pub fn agrees_at_all<R: Region>(region: &R, model: &Model) {
    let all = 0..model.len();
    assert_eq!(region.len(), model.len());
    assert!(read(region, &all) == model.bytes, "all bytes");
    for address in [0, model.len()] {
        assert!(read(region, &(address..address)).is_empty());
        borrows(region, model, &(address..address));
    }
    borrows(region, model, &all);
}

/// Reads into a buffer that holds other bytes.
fn read<R: Region>(region: &R, range: &Range<u64>) -> Vec<u8> {
    let mut buf = vec![0xa5; (range.end - range.start) as usize];
    region.read(range.start, &mut buf).unwrap();
    buf
}

/// Only a device in parts may have bytes that lie in one place and others that do not.
fn borrows<R: Region>(region: &R, model: &Model, range: &Range<u64>) {
    let len = (range.end - range.start) as usize;
    match region.borrow(range.start, len) {
        Some(bytes) => assert_eq!(bytes, model.slice(range)),
        None => assert!(!model.mapped, "{range:?} cannot be borrowed"),
    }
}

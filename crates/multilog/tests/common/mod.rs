//! What the scenarios share. Each of them is a binary of its own and uses a part of it.
#![allow(dead_code)]

pub mod devices;
pub mod gate;
pub mod image;
pub mod model;
pub mod tape;

use multilog::{LogInfo, MemRegion, MultiLog, Region, RegionId};

/// The id of regions that are compared byte by byte.
pub const ID: RegionId = RegionId {
    lo: 0x0123_4567_89ab_cdef,
    hi: 0xfedc_ba98_7654_3210,
};

/// All that a caller can see of the logs.
pub type State = Vec<(LogInfo, Vec<u8>)>;

/// New logs in memory, in a region of exactly the length that they need.
pub fn in_memory(capacities: &[u64]) -> MultiLog<MemRegion> {
    let region = MemRegion::new(len_for(capacities));
    MultiLog::create_with_id(region, capacities, ID, false).unwrap()
}

/// The same, with journals that have so many lines for records, or as many as a commit of all logs needs.
pub fn with_lines(capacities: &[u64], lines: u64) -> MultiLog<MemRegion> {
    let len = multilog::placement::required_len_with_journal(capacities, lines).unwrap();
    let region = MemRegion::new(len as usize);
    MultiLog::create_with_journal(region, capacities, lines, ID, false).unwrap()
}

/// The bytes of the region under these logs.
pub fn image_of<R: Region>(logs: &MultiLog<R>) -> Vec<u8> {
    let mut image = vec![0; logs.region_len() as usize];
    logs.region().read(0, &mut image).unwrap();
    image
}

/// The bytes that these logs need.
pub fn len_for(capacities: &[u64]) -> usize {
    multilog::required_len(capacities).unwrap() as usize
}

/// The logs that these bytes hold.
pub fn open(bytes: &[u8]) -> Result<MultiLog<MemRegion>, multilog::OpenError> {
    Ok(MultiLog::open(MemRegion::from_vec(bytes.to_vec()))?)
}

/// The committed bytes of a log, from its head on.
pub fn contents<R: Region>(logs: &MultiLog<R>, log: u64) -> Vec<u8> {
    let info = logs.info(log).unwrap();
    let mut bytes = vec![0; (info.tail - info.head) as usize];
    logs.read(log, info.head, &mut bytes).unwrap();
    bytes
}

/// All that a caller can see of the logs.
pub fn state<R: Region>(logs: &MultiLog<R>) -> State {
    (0..logs.log_count())
        .map(|log| (logs.info(log).unwrap(), contents(logs, log)))
        .collect()
}

/// What remains of the logs when what is staged is dropped.
pub fn committed_state<R: Region>(logs: &MultiLog<R>) -> State {
    state(logs)
        .into_iter()
        .map(|(info, bytes)| (settled(info), bytes))
        .collect()
}

fn settled(info: LogInfo) -> LogInfo {
    LogInfo {
        staged_head: info.head,
        staged_tail: info.tail,
        free: info.capacity - (info.tail - info.head),
        ..info
    }
}

/// `len` bytes that differ from their neighbours and from those of another `seed`.
pub fn pattern(seed: u64, len: usize) -> Vec<u8> {
    let mut generator = Generator(seed);
    (0..len).map(|_| generator.next() as u8).collect()
}

/// SplitMix64, for choices that need no shrinking.
pub struct Generator(pub u64);

impl Generator {
    /// The next number, each of 64 bits equally likely to be set.
    #[allow(clippy::should_implement_trait)] // It never ends.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

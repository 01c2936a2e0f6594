//! Devices that are memory, alone and concatenated. Miri checks what they do to it.

use crate::agree::{agree, Model};
use pmem::{Concat, MemRegion};

const LENGTHS: [u64; 9] = [0, 1, 7, 8, 63, 64, 65, 4_096, 5_003];

fn operations() -> u64 {
    if cfg!(miri) {
        40
    } else {
        1_000
    }
}

fn memory(len: u64) -> MemRegion {
    MemRegion::new(len as usize)
}

#[test]
fn memory_of_any_length() {
    for len in LENGTHS {
        let mut region = memory(len);
        let mut model = Model::new(len, &[], true);
        agree(&mut region, &mut model, len, operations());
        let mut region = MemRegion::from_vec(region.into_vec());
        agree(&mut region, &mut model, len + 1, operations());
        assert_eq!(region.into_vec(), model.bytes);
    }
}

#[test]
fn two_memories_of_any_length() {
    for first in [0, 64, 128, 4_096] {
        for second in LENGTHS {
            let mut region = Concat::new(memory(first), memory(second)).unwrap();
            let mut model = Model::new(first + second, &[first], false);
            agree(&mut region, &mut model, first + second, operations() / 2);
            let (first, second) = region.into_parts();
            assert_eq!([first.into_vec(), second.into_vec()].concat(), model.bytes);
        }
    }
}

#[test]
fn three_memories() {
    let pair = Concat::new(memory(64), memory(192)).unwrap();
    let mut region = Concat::new(pair, memory(75)).unwrap();
    let mut model = Model::new(331, &[64, 256], false);
    agree(&mut region, &mut model, 3, 2 * operations());
}

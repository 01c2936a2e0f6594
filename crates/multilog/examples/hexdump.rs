//! Every byte of a small region: the example in `docs/format.md`.
//!
//! ```text
//! cargo run -p multilog --example hexdump
//! ```

use multilog::placement::required_len_with_journal;
use multilog::{MemRegion, MultiLog, RegionId};
use std::error::Error;

/// Not a random one, so that every run prints the same.
const ID: RegionId = RegionId {
    lo: 0x0123_4567_89ab_cdef,
    hi: 0xfedc_ba98_7654_3210,
};

/// As few as a commit of both logs needs.
const LINES: u64 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let capacities = [16, 20];
    let len = required_len_with_journal(&capacities, LINES).ok_or("no such region")?;
    let region = MemRegion::new(len as usize);
    let mut logs = MultiLog::create_with_journal(region, &capacities, LINES, ID, false)?;

    logs.stage_append(0, b"hello, world")?;
    logs.stage_append(1, b"abc")?;
    logs.commit()?;

    logs.stage_advance_head(0, 7)?;
    logs.commit()?;

    // Of its eight bytes four fit before the ring's end.
    logs.stage_append(0, b"; and on")?;
    logs.commit()?;

    dump(&logs.into_region().into_vec());
    Ok(())
}

/// Prints bytes as `hexdump -C` does, but for lines left out.
fn dump(bytes: &[u8]) {
    for (line, bytes) in bytes.chunks(16).enumerate() {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = bytes.iter().map(|&byte| printable(byte)).collect();
        let (left, right) = hex.split_at(hex.len().min(8));
        let hex = format!("{:<23}  {}", left.join(" "), right.join(" "));
        println!("{:04x}  {hex:<48}  |{text}|", 16 * line);
    }
}

fn printable(byte: u8) -> char {
    match byte {
        b' '..=b'~' => byte as char,
        _ => '.',
    }
}

//! What was read makes of any image: readings are to images what writes are to a region.
use crate::trusted::guarded::*;
#[cfg(verus_only)]
use crate::trusted::region::update_bytes;
use core::fmt;
use vstd::prelude::*;

verus! {

/// Readings change no image's length.
pub proof fn lemma_as_read_len(image: Seq<u8>, readings: Seq<Reading>)
    ensures
        as_read(image, readings).len() == image.len(),
    decreases readings.len(),
{
    if readings.len() > 0 {
        lemma_as_read_len(image, readings.drop_last());
    }
}

/// One more reading is one more write.
pub proof fn lemma_as_read_push(image: Seq<u8>, readings: Seq<Reading>, reading: Reading)
    ensures
        as_read(image, readings.push(reading)) == update_bytes(
            as_read(image, readings),
            reading.addr,
            reading.bytes,
        ),
        as_read(image, readings.push(reading)).len() == image.len(),
        as_read(image, readings).len() == image.len(),
{
    lemma_as_read_len(image, readings);
    assert(readings.push(reading).drop_last() =~= readings);
}

} // verus!
impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readings")
    }
}

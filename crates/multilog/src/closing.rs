//! Closing logs and opening them again gives the same logs.
//!
//! Only the verifier reads this. It knows no more of closing and opening than the contracts say, so it shows that they say
//! enough.
use crate::layout::*;
use crate::trusted::contract::*;
use crate::trusted::gate::MultiLog;
use crate::OpenError;
use pmem::damage::lemma_undamaged;
use pmem::trusted::region::*;
use pmem::Refused;
use vstd::prelude::*;

verus! {

/// Closes logs and opens them again. What was committed is there again. If they cannot be opened, it is still in the region;
/// and where the medium is undamaged, that is only because the device failed.
fn close_and_open<R: Region>(logs: MultiLog<R>) -> (r: Result<MultiLog<R>, Refused<R, OpenError>>)
    requires
        logs.valid(),
        logs@.sound,
        !logs@.failed,
    ensures
        match r {
            Ok(again) => {
                &&& again.valid() && !again@.failed
                &&& again.region_view() == logs.region_view()
                &&& again@.sound == open_sound(logs.region_view())
                &&& again@.sound ==> again@.committed == logs@.committed
            },
            Err(Refused { error, region }) => {
                &&& region.inv()
                &&& region@ == RegionView { failed: region@.failed, ..logs.region_view() }
                &&& recover(region@.durable) == Some(logs@.committed)
                &&& region@.medium.damaged == Set::<int>::empty() ==> error is Io && region@.failed
            },
        },
{
    let region = logs.into_region();
    proof {
        if region@.medium.damaged == Set::<int>::empty() {
            theorem_undamaged_is_sound(region@);
        }
    }
    MultiLog::open(region)
}

/// An undamaged medium is sound.
pub proof fn theorem_undamaged_is_sound(region: RegionView)
    requires
        region.medium.damaged == Set::<int>::empty(),
    ensures
        open_sound(region),
        !metadata_damaged(region),
        forall|addr: int, len: int| !#[trigger] damaged_in(region.medium, addr, len),
{
    lemma_undamaged(region.medium);
    if let Found::Logs(_) = found(region.volatile) {
        let c = contents_of(region.volatile);
        lemma_journal_layout(c.id, c.logs(), c.lines, region.volatile.len() as int);
        if !c.layout().tolerable(region) {
            c.layout().lemma_intolerable(region);
        }
    }
}

} // verus!

//! Closing a log and opening it again gives the same log.
//!
//! Only the verifier reads this. It knows no more of closing and opening than the contracts say, so it shows that they say
//! enough.
use crate::trusted::contract::*;
use crate::{OpenError, PmemLog};
use multilog::closing::theorem_undamaged_is_sound;
use multilog::layout::recover;
use multilog::trusted::contract::open_sound;
use pmem::trusted::region::*;
use pmem::Refused;
use vstd::prelude::*;

verus! {

/// Closes a log and opens it again. It is the same log. If it cannot be opened, it is still in the region; and where the
/// medium is undamaged, that is only because the device failed.
fn close_and_open<R: Region>(log: PmemLog<R>) -> (r: Result<PmemLog<R>, Refused<R, OpenError>>)
    requires
        log.valid(),
        log@.sound,
        !log@.failed,
    ensures
        match r {
            Ok(again) => {
                &&& again.valid() && !again@.failed
                &&& again.region_view() == log.region_view()
                &&& again@.sound == open_sound(log.region_view())
                &&& again@.sound ==> again@.id == log@.id && again@.lines == log@.lines
                    && again@.commit == log@.commit && again@.log == log@.log
            },
            Err(Refused { error, region }) => {
                &&& region.inv()
                &&& region@ == RegionView { failed: region@.failed, ..log.region_view() }
                &&& recover(region@.durable) == Some(collection(log@))
                &&& region@.medium.damaged == Set::<int>::empty() ==> {
                    &&& error matches OpenError::Region(e) && e is Io
                    &&& region@.failed
                }
            },
        },
{
    let region = log.into_region();
    proof {
        if region@.medium.damaged == Set::<int>::empty() {
            theorem_undamaged_is_sound(region@);
        }
    }
    let r = PmemLog::open(region);
    proof {
        if let Ok(ref again) = r {
            assert(collection(log@).logs[0] == log@.log);
            assert(collection(again@).logs[0] == again@.log);
        }
    }
    r
}

} // verus!

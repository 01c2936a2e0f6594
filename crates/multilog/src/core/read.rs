//! Reading committed bytes.
use super::*;

verus! {

impl Core {
    /// Where the bytes to be read are, or why they cannot be read.
    fn admit_read(
        &self,
        log: u64,
        position: u64,
        len: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<Ring, ReadError>)
        requires
            self.inv(region, view),
        ensures
            match read_refusal(view, log, position, len as int) {
                Some(e) => r == Err::<Ring, _>(e),
                None => {
                    &&& log < self.rings@.len()
                    &&& r is Ok && r->Ok_0 == self.rings@[log as int]
                    &&& len <= self.rings@[log as int].capacity
                    &&& self.rings@[log as int].fits(region.volatile.len() as int)
                },
            },
    {
        let logs = self.rings.len() as u64;
        if log >= logs {
            return Err(ReadError::NoSuchLog { log, logs });
        }
        proof {
            self.lemma_log(region, view, log as int);
        }
        let entry = self.entries.get_committed(log as usize);
        if position < entry.head || position > entry.tail || len > entry.tail - position {
            return Err(ReadError::OutOfRange { position, len, head: entry.head, tail: entry.tail });
        }
        Ok(self.rings[log as usize])
    }

    /// What the ring gave is what the contract asks for.
    proof fn lemma_read_right(
        &self,
        region: RegionView,
        view: MultiLogView,
        log: u64,
        position: u64,
        bytes: Seq<u8>,
    )
        requires
            self.inv(region, view),
            read_refusal(view, log, position, bytes.len() as int) is None,
            self.rings@[log as int].read_back(region, position as int, bytes),
        ensures
            read_right(view, log, position, bytes),
    {
        self.lemma_log(region, view, log as int);
        let ring = self.rings@[log as int];
        let committed = view.committed.logs[log as int];
        let start = position - committed.head;
        assert forall|i: int|
            0 <= i < 8 * bytes.len() && !region.medium.damaged.contains(
                ring.bit_addr(position as int, i),
            ) implies #[trigger] bit(bytes, i) == bit(committed.data, 8 * start + i) by {
            let k = i / 8;
            assert(bit(bytes, i) == bit(region.volatile, ring.bit_addr(position as int, i)));
            assert(committed.head + (start + k) == position + k);
            assert(committed.data[start + k] == region.volatile[ring.addr(position + k)]);
        }
    }

    /// See the gate.
    pub(crate) fn read<R: Region>(
        &self,
        region: &Guarded<R, Permission>,
        log: u64,
        position: u64,
        buf: &mut [u8],
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(), ReadError>)
        requires
            region.inv(),
            self.inv(region@, view),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            read_post(view, log, position, final(buf)@, r),
    {
        let ring = self.admit_read(log, position, buf.len() as u64, Ghost(region@), Ghost(view))?;
        match ring.read(region, position, buf) {
            Ok(()) => {
                proof {
                    self.lemma_read_right(region@, view, log, position, buf@);
                }
                Ok(())
            },
            Err(e) => Err(ReadError::Io(e)),
        }
    }

    /// See the gate.
    pub(crate) fn read_in_place<'a, R: Region>(
        &self,
        region: &'a Guarded<R, Permission>,
        log: u64,
        position: u64,
        len: u64,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(&'a [u8], &'a [u8]), ReadError>)
        requires
            region.inv(),
            self.inv(region@, view),
        ensures
            read_in_place_post(view, log, position, len, r),
    {
        let ring = self.admit_read(log, position, len, Ghost(region@), Ghost(view))?;
        match ring.borrow(region, position, len as usize) {
            Some((head, tail)) => {
                proof {
                    self.lemma_read_right(region@, view, log, position, head@ + tail@);
                }
                Ok((head, tail))
            },
            None => Err(ReadError::NotMapped),
        }
    }
}

} // verus!

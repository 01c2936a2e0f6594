//! The stores that reach persistent memory.
//!
//! TRUSTED: that these instructions do what the processor's manual says.
//! - An aligned 8-byte word is stored by one instruction of 8 bytes or more, so that a crash leaves it old or new. The
//!   words at the edges of a range are stored whole too, with the bytes around it as they were.
//! - Non-temporal stores bypass the caches and are on their way to the medium; after an `sfence` they are in the domain
//!   that survives a power cut. Other stores get there by an instruction that writes their cache line back,
//!   ordered by the same `sfence`.
//! - What a killed process has stored in a shared mapping is in the file, whatever the store.
//!
//! They are assembly: the compiler then knows that they write memory, and makes nothing else of them. Until the fence
//! another thread may still read what was there before.

#[cfg(target_arch = "x86_64")]
use std::arch::asm;

/// How bytes are stored in a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    /// Non-temporal stores, of 16 bytes but for the edges; the processor combines those of a line. All x86-64
    /// processors have them, and where they were measured (`cargo run --release -p bench -- --only append --stores clwb`)
    /// they are the fastest for whole words, which the logs store.
    NonTemporal,
    /// Ordinary stores, and `clwb` for each line.
    Clwb,
    /// Ordinary stores, and `clflushopt` for each line.
    Clflushopt,
    /// Ordinary stores, and `clflush` for each line. All x86-64 processors have it.
    Clflush,
    /// Ordinary stores. They survive a crash of the process, not of the machine.
    Ordinary,
}

impl Stores {
    /// Whether this processor has them.
    pub fn is_available(self) -> bool {
        let (clflushopt, clwb) = (1 << 23, 1 << 24);
        match self {
            Stores::NonTemporal | Stores::Clflush => cfg!(target_arch = "x86_64"),
            Stores::Clflushopt => extended_features() & clflushopt != 0,
            Stores::Clwb => extended_features() & clwb != 0,
            Stores::Ordinary => true,
        }
    }

    /// Whether what was stored survives a power cut once it is fenced.
    pub fn survive_power_cut(self) -> bool {
        self != Stores::Ordinary
    }

    /// Stores `bytes` at `to`.
    ///
    /// # Safety
    /// All aligned 8-byte words that `bytes` touch there are valid for reads and writes, and the processor has these
    /// stores.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut u8, bytes: &[u8]) {
        // SAFETY: the caller's promise is that of each of these.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if self == Stores::NonTemporal && (to as usize).is_multiple_of(8) {
                return store_words(to, bytes, stream_word, stream_block);
            }
            self.store_otherwise(to, bytes);
        }
    }

    /// [`Stores::store`] from within a word on, or through the cache. Apart, so that the other way is short.
    ///
    /// # Safety
    /// As [`Stores::store`].
    #[inline(never)]
    unsafe fn store_otherwise(self, to: *mut u8, bytes: &[u8]) {
        // SAFETY: the caller's promise is that of each of these.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if self == Stores::NonTemporal {
                return store_bytes(to, bytes, stream_word, stream_block);
            }
            store_bytes(to, bytes, store_word, store_block);
            #[cfg(target_arch = "x86_64")]
            match self {
                Stores::NonTemporal | Stores::Ordinary => {}
                Stores::Clwb => each_line(to, bytes.len(), clwb),
                Stores::Clflushopt => each_line(to, bytes.len(), clflushopt),
                Stores::Clflush => each_line(to, bytes.len(), clflush),
            }
        }
    }
}

/// Orders all stores before it, and what writes them back, before all after it.
#[inline]
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a fence changes nothing.
    unsafe {
        asm!("sfence", options(nostack, preserves_flags))
    };
    #[cfg(not(target_arch = "x86_64"))]
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// Stores a word, or a block of two, at an address.
type Instruction = unsafe fn(*mut u8, *const u8);

/// # Safety
/// As [`Stores::store`].
unsafe fn store_bytes(mut to: *mut u8, mut bytes: &[u8], word: Instruction, block: Instruction) {
    // SAFETY: the caller's promise, first about the first word, and then about those behind it.
    unsafe {
        if !(to as usize).is_multiple_of(8) {
            (to, bytes) = store_part(to, bytes, word);
        }
        store_words(to, bytes, word, block);
    }
}

/// # Safety
/// As [`Stores::store`]; `to` is aligned to 8 bytes, or there are no `bytes`.
#[inline(always)]
unsafe fn store_words(mut to: *mut u8, mut bytes: &[u8], word: Instruction, block: Instruction) {
    // SAFETY: `to` goes through the range word by word; the last ends behind the range by less than a word, and the
    // caller promises it whole. `to` and `bytes` advance together, and each store follows a check that as many bytes are
    // left. Blocks follow a word where `to` is no multiple of 16.
    unsafe {
        // Fewer have often just been stored themselves, by words, from which a processor can forward a word to a load and
        // not a block.
        if bytes.len() >= 64 {
            if !(to as usize).is_multiple_of(16) {
                word(to, bytes.as_ptr());
                (to, bytes) = (to.add(8), bytes.get_unchecked(8..));
            }
            while bytes.len() >= 64 {
                for at in [0, 16, 32, 48] {
                    block(to.add(at), bytes.as_ptr().add(at));
                }
                (to, bytes) = (to.add(64), bytes.get_unchecked(64..));
            }
            while bytes.len() >= 16 {
                block(to, bytes.as_ptr());
                (to, bytes) = (to.add(16), bytes.get_unchecked(16..));
            }
        }
        while bytes.len() >= 8 {
            word(to, bytes.as_ptr());
            (to, bytes) = (to.add(8), bytes.get_unchecked(8..));
        }
        if !bytes.is_empty() {
            store_part(to, bytes, word);
        }
    }
}

/// Stores the aligned word that `to` is in, with as many of `bytes` in it from `to` on as there is room for, and returns
/// where the others go. Not inlined: what it needs the registers for, the usual way does not.
///
/// # Safety
/// As [`Stores::store`].
#[inline(never)]
unsafe fn store_part(to: *mut u8, bytes: &[u8], word: Instruction) -> (*mut u8, &[u8]) {
    let into = to as usize % 8;
    let (part, others) = bytes.split_at(bytes.len().min(8 - into));
    // SAFETY: the caller's promise is about the word, which begins at `to` aligned down.
    unsafe {
        let aligned = to.sub(into);
        let mut merged = aligned.cast::<[u8; 8]>().read();
        merged[into..into + part.len()].copy_from_slice(part);
        word(aligned, merged.as_ptr());
        (to.add(part.len()), others)
    }
}

/// # Safety
/// `to` is aligned to 8 bytes; 8 bytes there are valid for writes, and 8 at `from` for reads.
#[inline(always)]
unsafe fn store_word(to: *mut u8, from: *const u8) {
    // SAFETY: the caller's promise. Volatile, so that it is not made of smaller stores.
    unsafe {
        to.cast::<u64>()
            .write_volatile(from.cast::<u64>().read_unaligned())
    }
}

/// # Safety
/// `to` is aligned to 8 bytes; 16 bytes there are valid for writes, and 16 at `from` for reads.
#[inline(always)]
unsafe fn store_block(to: *mut u8, from: *const u8) {
    // SAFETY: the caller's promise, in two halves.
    unsafe {
        store_word(to, from);
        store_word(to.add(8), from.add(8));
    }
}

#[cfg(target_arch = "x86_64")]
mod instructions {
    use super::asm;
    use std::arch::x86_64::_mm_loadu_si128;

    /// # Safety
    /// `to` is aligned to 8 bytes; 8 bytes there are valid for writes, and 8 at `from` for reads.
    #[inline(always)]
    pub unsafe fn stream_word(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise.
        unsafe {
            let word = from.cast::<u64>().read_unaligned();
            asm!("movnti [{}], {}", in(reg) to, in(reg) word, options(nostack, preserves_flags));
        }
    }

    /// # Safety
    /// `to` is aligned to 16 bytes; 16 bytes there are valid for writes, and 16 at `from` for reads.
    #[inline(always)]
    pub unsafe fn stream_block(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise; all x86-64 processors have the instruction.
        unsafe {
            let block = _mm_loadu_si128(from.cast());
            asm!("movntdq [{}], {}", in(reg) to, in(xmm_reg) block,
                options(nostack, preserves_flags));
        }
    }

    /// # Safety
    /// `line` is an address in a mapping, and the processor has the instruction.
    pub unsafe fn clwb(line: *mut u8) {
        // SAFETY: the caller's promise. It changes no byte.
        unsafe { asm!("clwb [{}]", in(reg) line, options(nostack, preserves_flags)) };
    }

    /// # Safety
    /// `line` is an address in a mapping, and the processor has the instruction.
    pub unsafe fn clflushopt(line: *mut u8) {
        // SAFETY: the caller's promise. It changes no byte.
        unsafe { asm!("clflushopt [{}]", in(reg) line, options(nostack, preserves_flags)) };
    }

    /// # Safety
    /// `line` is an address in a mapping.
    pub unsafe fn clflush(line: *mut u8) {
        // SAFETY: the caller's promise. It changes no byte.
        unsafe { asm!("clflush [{}]", in(reg) line, options(nostack, preserves_flags)) };
    }

    /// The feature bits of `cpuid` leaf 7.
    pub fn extended_features() -> u32 {
        use std::arch::x86_64::{__cpuid_count, __get_cpuid_max};
        match __get_cpuid_max(0).0 {
            0..7 => 0,
            _ => __cpuid_count(7, 0).ebx,
        }
    }

    /// Applies `instruction` to each cache line that the `len` bytes at `to` touch.
    ///
    /// # Safety
    /// They are in a mapping, and the processor has the instruction.
    pub unsafe fn each_line(to: *mut u8, len: usize, instruction: unsafe fn(*mut u8)) {
        let into = to as usize % 64;
        for at in (0..into + len).step_by(64) {
            // SAFETY: the line begins in the mapping or, as mappings are aligned to pages, does so aligned down.
            unsafe { instruction(to.sub(into).add(at)) };
        }
    }
}

/// Elsewhere there are ordinary stores only, and no persistent memory.
#[cfg(not(target_arch = "x86_64"))]
mod instructions {
    pub fn extended_features() -> u32 {
        0
    }
}

use instructions::*;

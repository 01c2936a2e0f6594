//! Why the device model may be believed: it is no stronger than the ordinary picture of a device.
//!
//! `trusted/region.rs` speaks of a prophecy, an image that nobody can look at. This folder has the ordinary picture
//! instead, in [`device`]: a medium, writes that are pending, and a crash that keeps any of them. Then it proves:
//!
//! - [`crashes`]: each image that a crash of the ordinary device may leave is one that some prophecy foretells, and each
//!   image that a prophecy foretells may be left by a crash;
//! - [`permissions`]: if each write has the permission that `Guarded` demands, each image that a crash may leave, at
//!   any moment, is permitted.
//!
//! All of it is proof. `docs/device-model.md` is the guide.

pub mod crashes;
pub mod device;
pub mod device_lemmas;
pub mod permissions;
pub mod prophecy;
pub mod values;

//! Time as the caller tells it. The core has no clock of its own.

use std::ops::Add;

/// A point in time, in milliseconds since a moment that the caller chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub u64);

/// A length of time in milliseconds: up to 49 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u32);

impl Instant {
    /// The end of time.
    pub const NEVER: Instant = Instant(u64::MAX);

    /// How long ago `earlier` was.
    pub fn since(self, earlier: Instant) -> Millis {
        Millis(u32::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(u32::MAX))
    }
}

impl Add<Millis> for Instant {
    type Output = Instant;

    fn add(self, length: Millis) -> Instant {
        Instant(self.0.saturating_add(length.0.into()))
    }
}

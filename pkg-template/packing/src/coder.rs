//! A range coder: what is written down for a bit is the less, the more probable it was. What it writes are
//! not bytes but digits, one for each letter that a text in JavaScript has without an escape.

/// How many digits there are.
const BASE: u32 = 91;
/// A range below this has to be made larger. It begins with 1.
const LEAST: u32 = BASE * BASE * BASE;

// SAFETY: the host's function does not touch our memory.
unsafe extern "C" {
    /// The next digit; when packing, the next byte. 0 behind the end.
    safe fn next() -> u32;
}

#[cfg(not(feature = "pack"))]
pub(crate) struct Coder {
    range: u32,
    value: u32,
}

#[cfg(not(feature = "pack"))]
impl Coder {
    pub(crate) fn begin(&mut self) {
        self.range = 1;
    }

    /// Gives the next bit, which is 1 with this probability.
    #[inline]
    pub(crate) fn bit(&mut self, probability: f32) -> u32 {
        while self.range < LEAST {
            self.range *= BASE;
            self.value = self.value * BASE + next();
        }
        let bound = (self.range as f32 * probability) as u32;
        let bit = self.value < bound;
        if bit {
            self.range = bound;
        } else {
            self.range -= bound;
            self.value -= bound;
        }
        bit.into()
    }
}

#[cfg(feature = "pack")]
pub(crate) use packing::*;

#[cfg(feature = "pack")]
mod packing {
    use super::{BASE, LEAST, next};

    /// Where `low` carries into the digits that are held.
    const OPEN: u32 = BASE * LEAST;

    unsafe extern "C" {
        /// Takes a digit of what is written.
        safe fn put(digit: u32);
    }

    pub(crate) fn skip(bytes: u32) {
        for _ in 0..bytes {
            next();
        }
    }

    pub(crate) struct Coder {
        range: u32,
        /// From 0 up to `OPEN`, and beyond it where a carry is due.
        low: u32,
        /// The last digit, and how many of the highest behind it: a carry would change them all.
        held: Option<u32>,
        held_highest: u32,
        byte: u32,
        bits: u32,
    }

    impl Coder {
        pub(crate) fn begin(&mut self) {
            self.range = 1;
        }

        /// Writes the next bit of what is read, and gives it.
        pub(crate) fn bit(&mut self, probability: f32) -> u32 {
            if self.bits == 0 {
                self.byte = next();
                self.bits = 8;
            }
            self.bits -= 1;
            let bit = self.byte >> self.bits & 1;
            while self.range < LEAST {
                self.range *= BASE;
                self.shift();
            }
            let bound = (self.range as f32 * probability) as u32;
            if bit == 1 {
                self.range = bound;
            } else {
                self.range -= bound;
                self.low += bound;
            }
            bit
        }

        pub(crate) fn finish(&mut self) {
            for _ in 0..5 {
                self.shift();
            }
        }

        fn shift(&mut self) {
            let carry = self.low / OPEN;
            let first = self.low % OPEN / LEAST;
            self.low = self.low % LEAST * BASE;
            if carry == 0 && first == BASE - 1 {
                self.held_highest += 1;
                return;
            }
            if let Some(held) = self.held.replace(first) {
                put(held + carry);
            }
            while self.held_highest > 0 {
                put((BASE - 1 + carry) % BASE);
                self.held_highest -= 1;
            }
        }
    }
}

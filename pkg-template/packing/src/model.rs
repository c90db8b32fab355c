//! How probable it is that the next bit is 1. Several contexts say each what came behind them before, and
//! they are believed the more, the better they were. What is learned is learned alike when packing and when
//! unpacking.

use crate::MOST;
use crate::coder::Coder;
use crate::place::Place;

const CONTEXTS: usize = 6;
/// The contexts, and behind them what came after the last place that looks like this one.
const INPUTS: usize = CONTEXTS + 1;
const MATCH: usize = CONTEXTS;

/// Contexts find their slot by a hash, of this many bits. The first slots are the match's.
const SLOT_BITS: u32 = 19;
const SLOTS: usize = 1 << SLOT_BITS;

/// Probabilities in tables, and logarithms of odds: from -8 to 8.
const STEPS: usize = 4096;
const STEPS_OF_ONE: f32 = 256.0;

/// How fast the weights learn, and where they begin.
const RATE: f32 = 0.01;
const WEIGHT: f32 = 0.25;

/// Nothing is learned where the mistake is less than this.
const SURE: f32 = 1.0 / 60.0;

/// A slot has 12 bits of a probability, of which the highest is turned, as memory of zeros is to say that it
/// is one half; and 4 that count how often it has seen something: what is older than that fades.
const ONE_HALF: u16 = 1 << 15;
const MOST_SEEN: u16 = 15;

/// What has been read.
#[derive(Default)]
pub(crate) struct Past {
    /// The last four bytes.
    history: u32,
    /// The last place with the same four bytes before it, and how many bytes have come as it said.
    matched: usize,
    length: usize,
}

#[repr(C)]
pub(crate) struct Model {
    pub(crate) coder: Coder,
    contexts: [u32; CONTEXTS],
    /// The inputs' slots, and what they say: the logarithm of the odds.
    slots: [u32; INPUTS],
    inputs: [f32; INPUTS],
    /// How far a slot follows what it sees, of 65536, by how often it has seen something. (Dividing each time
    /// would be a fifth of all the time.)
    rates: [i32; 16],
    /// Odds to probabilities, and back.
    squashed: [f32; STEPS],
    stretched: [f32; STEPS],
    /// How far each input is believed, by what is read, and by the bits of the byte that are known.
    weights_of_place: [[f32; 8]; STEPS],
    weights_of_bits: [[f32; 8]; 256],
    /// Places by a hash of the bytes before them.
    places: [u32; 1 << 14],
    memory: [u16; SLOTS],
}

impl Model {
    pub(crate) fn begin(&mut self) {
        self.coder.begin();
        for seen in 0..16 {
            self.rates[seen] = (4 << 16) / (seen as i32 * 4 + 5);
        }
        // e to the power of 8, and of -1/256.
        let mut odds = 2980.958;
        let mut filled = 0;
        for step in 0..STEPS {
            let probability = 1.0 / (1.0 + odds);
            self.squashed[step] = probability;
            odds *= 0.996_101_4;
            while filled <= (probability * (STEPS as f32 + 1.0)) as usize {
                self.stretched[filled % STEPS] = step as f32 / STEPS_OF_ONE - 8.0;
                filled += 1;
            }
        }
    }

    /// The byte at `at`, in the module of which everything before it is known.
    #[inline]
    pub(crate) fn byte(
        &mut self,
        place: &Place,
        past: &mut Past,
        module: &[u8; MOST],
        at: usize,
    ) -> u8 {
        let number = place.number();
        let here = number.wrapping_mul(0x2f0b_4c47);
        let bytes = past.history << 8;
        self.contexts = [
            here,
            here ^ place.opcodes << 24,
            here ^ place.opcodes & 0xffff,
            here ^ place.opcodes,
            here ^ bytes & 0xffff,
            bytes,
        ];

        let hash = hash(past.history, 14);
        if past.length == 0 {
            past.matched = self.places[hash] as usize;
        }
        self.places[hash] = at as u32;
        let expected = u32::from(module[past.matched % MOST]) | 256;

        // The bits that are known, behind a 1.
        let mut bits = 1;
        for unknown in (0..8).rev() {
            let slot = if expected >> (unknown + 1) == bits {
                1 + past.length as u32 * 2 + (expected >> unknown & 1)
            } else {
                0
            };
            bits = bits << 1 | self.bit(number as usize, bits, slot);
        }

        past.history = bytes | bits & 255;
        past.matched += 1;
        past.length = if bits == expected {
            (past.length + 1).min(15)
        } else {
            0
        };
        bits as u8
    }

    /// A function of its own, as hosts make those faster that are called often. `matched`: the slot for what
    /// the match says.
    #[inline(never)]
    fn bit(&mut self, place: usize, bits: u32, matched: u32) -> u32 {
        let of_place = &mut self.weights_of_place[place % STEPS];
        let of_bits = &mut self.weights_of_bits[bits as usize % 256];
        let mut odds = 0.0;
        for n in 0..INPUTS {
            let slot = if n == MATCH {
                matched
            } else {
                let context = self.contexts[n].wrapping_mul(0x9e37_79b1);
                hash(context ^ (bits << 4 | n as u32), SLOT_BITS) as u32
            };
            let learned = self.memory[slot as usize % SLOTS] ^ ONE_HALF;
            let input = self.stretched[usize::from(learned >> 4)];
            self.slots[n] = slot;
            self.inputs[n] = input;
            odds += input * (of_place[n] + of_bits[n] + WEIGHT);
        }
        let step = (odds * STEPS_OF_ONE) as i32 + STEPS as i32 / 2;
        let probability = self.squashed[step.clamp(0, STEPS as i32 - 1) as usize];

        let bit = self.coder.bit(probability);

        let mistake = bit as f32 - probability;
        // What was as good as sure teaches nothing: it would only be believed too much.
        if mistake.abs() > SURE {
            for n in 0..INPUTS {
                let change = mistake * RATE * self.inputs[n];
                of_place[n] += change;
                of_bits[n] += change;
                let slot = &mut self.memory[self.slots[n] as usize % SLOTS];
                let seen = *slot & MOST_SEEN;
                let before = i32::from((*slot ^ ONE_HALF) >> 4);
                let target = if bit == 1 { STEPS as i32 - 1 } else { 0 };
                let after = before + (((target - before) * self.rates[usize::from(seen)]) >> 16);
                *slot = ((after as u16) << 4 ^ ONE_HALF) | (seen + 1).min(MOST_SEEN);
            }
        }
        bit
    }
}

/// A hash of so many bits.
fn hash(of: u32, bits: u32) -> usize {
    (of.wrapping_mul(0x85eb_ca77) >> (32 - bits)) as usize
}

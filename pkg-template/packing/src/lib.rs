//! Packs a WebAssembly module into a third of its size, and gets it back: a model of WebAssembly says
//! how probable each next bit is, and the more probable it was, the less is written down for it. What
//! gzip makes of a module is nearly half as large again, as it does not know what the bytes are.
//!
//! The package carries the build without the feature `pack`, which unpacks. Both are WebAssembly, whose
//! arithmetic is the same on every machine: one bit that is predicted otherwise, and nothing behind it is right.
//!
//! Every byte of this is paid for by everybody who loads the package. So there is no allocation, all
//! memory is static, and what is not needed for our module is not here. (The ideas are those of the PAQ
//! family of compressors: contexts, logistic mixing, a match model.)

#![cfg(target_arch = "wasm32")]
#![no_std]

mod coder;
mod model;
mod place;

use model::{Model, Past};
use place::Place;

/// No module is as large.
const MOST: usize = 1 << 18;

#[cfg(not(test))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

// In this order, what is small has small addresses.
#[repr(C)]
struct Memory {
    model: Model,
    module: [u8; MOST],
}

// SAFETY: all of it is numbers, which zero is a value of.
static mut MEMORY: Memory = unsafe { core::mem::zeroed() };

/// Gives where the module stands in memory. `code` and `code_end`: where in it the bodies of functions
/// begin and end. Each has its size before it, in three bytes: these are not packed, but found out.
///
/// # Safety
///
/// It can be called once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn run(code: usize, code_end: usize, length: usize) -> *const u8 {
    let memory = &raw mut MEMORY;
    // SAFETY: nobody else has it.
    let Memory { model, module } = unsafe { &mut *memory };
    model.begin();
    let mut place = Place::outside();
    let mut past = Past::default();
    let mut at = 0;
    // Where the body of the function begins.
    let mut body = 0;
    while at < length {
        if at == code || place.is_end_of_body() {
            if at > code {
                // The size as LEB128, the shortest form or not.
                let size = at - body;
                module[(body - 3) % MOST] = size as u8 | 128;
                module[(body - 2) % MOST] = (size >> 7) as u8 | 128;
                module[(body - 1) % MOST] = (size >> 14) as u8;
            }
            if at == code_end {
                place = Place::outside();
            } else {
                #[cfg(feature = "pack")]
                coder::skip(3);
                at += 3;
                body = at;
                place = Place::at_locals();
            }
        }
        let byte = model.byte(&place, &mut past, module, at);
        module[at % MOST] = byte;
        place.pass(byte);
        at += 1;
    }
    #[cfg(feature = "pack")]
    model.coder.finish();
    module.as_ptr()
}

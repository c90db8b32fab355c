//! `wasm-pack test --headless --chrome`
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wasm;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

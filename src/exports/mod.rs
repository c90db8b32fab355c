//! What the npm package needs of Rust: the class [`Handle`](handle::Handle), of which TypeScript makes
//! what users see. wasm-bindgen's `.d.ts` types all of it for the other side.

mod consumer;
mod failure;
mod handle;
mod host;
mod settings;

/// Names the build. TypeScript compares it with the build that it was made for, as WebAssembly may come from
/// a file that somebody serves.
#[allow(unsafe_code, reason = "a custom section has no safe form")]
#[used]
#[unsafe(link_section = "wireql")]
static BUILD: [u8; BUILD_ID.len()] = {
    let mut bytes = [0; BUILD_ID.len()];
    bytes.copy_from_slice(BUILD_ID.as_bytes());
    bytes
};

const BUILD_ID: &str = match option_env!("WIREQL_BUILD") {
    Some(id) => id,
    None => "development",
};

//! What the npm package needs of Rust. The classes that users see are in `transport.js`; `index.d.ts` of the
//! package documents them.

mod consumer;
mod handle;

use wasm_bindgen::prelude::*;

pub use handle::Handle;

/// A third of the size of the standard library's; it takes constant time.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

// The JavaScript of this folder, which wasm-bindgen has to know of. It makes what users see of a
// `Handle`, and only the tests get it from here: the package's entries import it themselves.
#[wasm_bindgen(module = "/src/exports/transport.js")]
extern "C" {
    /// The class that users make.
    pub type WebSocketTransport;

    #[wasm_bindgen(catch, constructor)]
    pub fn new(url: &JsValue, options: &JsValue) -> Result<WebSocketTransport, JsValue>;

    /// Sets what gives the class `Handle`.
    pub fn provide(handle: &JsValue);
}

#[wasm_bindgen(module = "/src/exports/consumers.js")]
extern "C" {
    /// A consumer, as `consumers.js` has them.
    pub type Consumer;

    #[wasm_bindgen(method)]
    fn next(this: &Consumer, result: JsValue);

    #[wasm_bindgen(method)]
    fn complete(this: &Consumer);

    #[wasm_bindgen(method)]
    fn error(this: &Consumer, error: &JsValue);
}

#[wasm_bindgen(module = "/src/exports/options.js")]
extern "C" {
    #[wasm_bindgen(js_name = described)]
    pub fn described(value: &JsValue) -> String;
}

#[wasm_bindgen(module = "/src/exports/request.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = readRequest)]
    pub fn read_request(document: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
}

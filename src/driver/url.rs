//! URLs.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/driver/url.js")]
extern "C" {
    /// A WebSocket URL for the text of a URL, as users write it.
    #[wasm_bindgen(catch, js_name = websocketUrl)]
    pub(crate) fn websocket_url(text: &str) -> Result<String, JsValue>;
}

//! The host's WebSocket class, and the URLs that it takes.

use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

#[wasm_bindgen(module = "/src/driver/web_socket.js")]
extern "C" {
    /// Makes a socket of a class, or of the host's own if that is undefined.
    #[wasm_bindgen(catch, js_name = openSocket)]
    pub(crate) fn open_socket(
        class: &JsValue,
        url: &str,
        subprotocols: Vec<String>,
    ) -> Result<WebSocket, JsValue>;
}

#[wasm_bindgen(module = "/src/driver/url.js")]
extern "C" {
    /// A WebSocket URL for the text of a URL, as users write it.
    #[wasm_bindgen(catch, js_name = websocketUrl)]
    pub(crate) fn websocket_url(text: &str) -> Result<String, JsValue>;
}

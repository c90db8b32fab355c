//! What JavaScript throws: user functions, and hosts.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/driver/callbacks.js")]
extern "C" {
    /// What a thrown value says of itself.
    #[wasm_bindgen(js_name = messageOf)]
    pub(crate) fn message_of(thrown: &JsValue) -> String;
}

// `socket.js` imports it, so wasm-bindgen has to know of it.
#[wasm_bindgen(module = "/src/driver/panic.js")]
extern "C" {
    #[allow(dead_code, reason = "JavaScript calls it")]
    fn guard(action: &JsValue);
}

// `callbacks.js` and `socket.js` import it.
#[wasm_bindgen(module = "/src/driver/untrusted.js")]
extern "C" {
    #[allow(dead_code, reason = "JavaScript calls it")]
    #[wasm_bindgen(js_name = hostText)]
    fn host_text(text: &str) -> String;
}

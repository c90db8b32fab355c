//! The functions of this folder's JavaScript, which say what each does and why. None of them throws,
//! but where it says `catch`.

use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use crate::operations::OperationType;

#[wasm_bindgen(module = "/src/driver/host.js")]
extern "C" {
    pub fn now() -> f64;

    pub fn begin(host: &JsValue, dispatch: &JsValue) -> JsValue;

    pub fn end(host: &JsValue);

    #[wasm_bindgen(js_name = askUrl)]
    pub fn ask_url(host: &JsValue, attempt: u32);

    #[wasm_bindgen(js_name = askInitPayload)]
    pub fn ask_init_payload(host: &JsValue, attempt: u32);

    pub fn connecting(host: &JsValue, retry: bool);

    pub fn opened(host: &JsValue, subprotocol: &str, result_type: &str);

    pub fn connected(host: &JsValue, payload: &JsValue);

    pub fn pinged(host: &JsValue, is_pong: bool, received: bool, payload: &JsValue);

    pub fn erred(host: &JsValue, error: &JsValue);

    pub fn closed(host: &JsValue, code: u16, reason: &str, was_clean: bool, error: &JsValue);

    pub fn note(host: &JsValue, mark: &str, what: &str, error: &JsValue);

    pub fn open(
        host: &JsValue,
        attempt: u32,
        url: &str,
        first: &str,
        second: &str,
    ) -> Option<WebSocket>;

    pub fn attach(host: &JsValue, attempt: u32, socket: &WebSocket);

    pub fn refused(host: &JsValue, attempt: u32, thrown: &JsValue);

    pub fn drop(host: &JsValue, socket: &WebSocket, terminate: bool);

    #[wasm_bindgen(js_name = kindOf)]
    pub fn kind_of(value: &JsValue) -> u32;

    pub fn member(value: &JsValue, key: &str) -> JsValue;

    pub fn parsed(text: &str) -> JsValue;

    #[wasm_bindgen(js_name = toJson)]
    pub fn to_json(value: &JsValue) -> String;
}

#[wasm_bindgen(module = "/src/driver/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = makeError)]
    #[allow(clippy::too_many_arguments)] // one per property
    pub fn make_error(
        class: u32,
        scope: u32,
        code: &str,
        message: &str,
        cause: &JsValue,
        number: f64,
        text: &str,
        flag: bool,
        value: &JsValue,
    ) -> JsValue;
}

// The modules that those import, which wasm-bindgen has to know of. Their functions are for the Rust
// side: JavaScript calls them itself.
#[wasm_bindgen(module = "/src/driver/callbacks.js")]
extern "C" {
    #[wasm_bindgen(js_name = messageOf)]
    pub fn message_of(thrown: &JsValue) -> String;
}

#[wasm_bindgen(module = "/src/driver/document.js")]
extern "C" {
    #[wasm_bindgen(js_name = operationType)]
    fn number_of_type(text: &str, operation_name: Option<&str>) -> u32;
}

/// The kind of the operation that a server picks from the text of a document: the one called
/// `operation_name`, or the only one.
pub fn operation_type(text: &str, operation_name: Option<&str>) -> OperationType {
    OperationType::numbered(number_of_type(text, operation_name))
}

#[wasm_bindgen(module = "/src/driver/panic.js")]
extern "C" {
    pub fn watch(references: &JsValue);
}

#[wasm_bindgen(module = "/src/driver/trace.js")]
extern "C" {
    #[wasm_bindgen(js_name = optionsLine)]
    pub fn options_line(subprotocols: &str, times: &[f64], answer_pings: bool) -> String;
}

#[wasm_bindgen(module = "/src/driver/host.js")]
extern "C" {
    #[derive(Clone)]
    pub type Host;

    #[wasm_bindgen(constructor)]
    pub fn new(user: &JsValue) -> Host;

    #[wasm_bindgen(catch, js_name = websocketUrl)]
    pub fn websocket_url(text: &str) -> Result<String, JsValue>;
}

//! The functions of `host.js` and `errors.js`, which say what each does and why.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

#[wasm_bindgen(module = "/src/driver/host.js")]
extern "C" {
    pub fn now() -> f64;

    #[wasm_bindgen(js_name = gatherEvents)]
    pub fn gather_events(
        opened: &JsValue,
        result: &JsValue,
        frame: &JsValue,
        error: &JsValue,
        closed: &JsValue,
    ) -> JsValue;

    #[wasm_bindgen(js_name = setResultType)]
    pub fn set_result_type(events: &JsValue, result_type: Option<&str>);

    #[wasm_bindgen(catch)]
    pub fn attach(socket: &WebSocket, attempt: u32, events: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn detach(socket: &WebSocket, terminate: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = hasNext)]
    pub fn has_next(result: &JsValue) -> bool;

    #[wasm_bindgen(catch, js_name = hostWebSocket)]
    pub fn host_web_socket() -> Result<Option<Function>, JsValue>;

    #[wasm_bindgen(catch, js_name = openSocket)]
    pub fn open_socket(
        class: &Function,
        url: &str,
        subprotocols: &Array,
        connect_args: &JsValue,
    ) -> Result<WebSocket, JsValue>;

    #[wasm_bindgen(js_name = takesNoConnectArgs)]
    pub fn takes_no_connect_args(class: &Function) -> bool;

    #[wasm_bindgen(catch, js_name = documentText)]
    pub fn document_text(document: &JsValue) -> Result<Option<String>, JsValue>;

    pub fn wait(waiters: &Array) -> Promise;

    #[wasm_bindgen(js_name = readyResult)]
    pub fn ready_result(value: JsValue) -> Promise;

    #[wasm_bindgen(js_name = readyDone)]
    pub fn ready_done(value: JsValue) -> Promise;

    #[wasm_bindgen(js_name = settleResult)]
    pub fn settle_result(waiters: &Array, value: JsValue);

    #[wasm_bindgen(js_name = settleDone)]
    pub fn settle_done(waiters: &Array);

    #[wasm_bindgen(js_name = settleValue)]
    pub fn settle_value(waiters: &Array, value: JsValue);

    #[wasm_bindgen(js_name = settleError)]
    pub fn settle_error(waiters: &Array, error: &JsValue);

    #[wasm_bindgen(js_name = becomeAsyncIterator)]
    pub fn become_async_iterator(iterator: &JsValue);
}

#[wasm_bindgen(module = "/src/driver/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = transportError)]
    pub fn transport_error(
        name: &str,
        message: &str,
        code: &str,
        ends: &str,
        cause: &JsValue,
    ) -> JsValue;

    #[wasm_bindgen(js_name = queryError)]
    pub fn query_error(
        name: &str,
        message: &str,
        code: &str,
        ends: &str,
        operation_id: &str,
        payload: &JsValue,
    ) -> JsValue;

    #[wasm_bindgen(js_name = closeError)]
    #[allow(clippy::too_many_arguments)] // one per property
    pub fn close_error(
        name: &str,
        message: &str,
        code: &str,
        ends: &str,
        cause: &JsValue,
        close_code: u16,
        reason: &str,
        was_clean: bool,
    ) -> JsValue;

    #[wasm_bindgen(js_name = timeoutError)]
    pub fn timeout_error(
        name: &str,
        message: &str,
        code: &str,
        ends: &str,
        option: &str,
        timeout: f64,
    ) -> JsValue;
}

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
        aborted: &JsValue,
        user: &JsValue,
    ) -> JsValue;

    pub fn weakly(events: &JsValue) -> JsValue;

    pub fn deref(weak: &JsValue) -> JsValue;

    pub fn given(events: &JsValue, name: &str) -> JsValue;

    #[wasm_bindgen(js_name = beginAttempt)]
    pub fn begin_attempt(events: &JsValue, attempt: u32);

    #[wasm_bindgen(js_name = responseHeaders)]
    pub fn response_headers(events: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = setResultType)]
    pub fn set_result_type(events: &JsValue, result_type: Option<&str>);

    #[wasm_bindgen(catch)]
    pub fn attach(socket: &WebSocket, attempt: u32, events: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn detach(socket: &WebSocket, terminate: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = closeReason)]
    pub fn close_reason(events: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = setCloseReason)]
    pub fn set_close_reason(events: &JsValue, reason: &JsValue);

    #[wasm_bindgen(js_name = hasNext)]
    pub fn has_next(result: &JsValue) -> bool;

    #[wasm_bindgen(catch, js_name = hostWebSocket)]
    pub fn host_web_socket() -> Result<Option<Function>, JsValue>;

    #[wasm_bindgen(catch, js_name = openSocket)]
    pub fn open_socket(
        class: &Function,
        url: &str,
        subprotocols: &Array,
        args: &JsValue,
    ) -> Result<WebSocket, JsValue>;

    #[wasm_bindgen(js_name = whyNotTaken)]
    pub fn why_not_taken(class: &Function, option: &str) -> Option<String>;

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

    #[wasm_bindgen(js_name = toObserver)]
    pub fn to_observer(next: &JsValue, error: &JsValue, complete: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = notifyNext)]
    pub fn notify_next(observer: &JsValue, value: JsValue);

    #[wasm_bindgen(js_name = notifyComplete)]
    pub fn notify_complete(observer: &JsValue);

    #[wasm_bindgen(js_name = notifyError)]
    pub fn notify_error(observer: &JsValue, error: &JsValue);

    #[wasm_bindgen(js_name = becomeObservable)]
    pub fn become_observable(observable: &JsValue);

    #[wasm_bindgen(js_name = addListener)]
    pub fn add_listener(events: &JsValue, kind: &str, listener: &Function) -> Function;

    #[wasm_bindgen(js_name = hasListener)]
    pub fn has_listener(events: &JsValue, kind: &str) -> bool;

    pub fn emit(events: &JsValue, kind: &str, detail: &JsValue);

    #[wasm_bindgen(js_name = callTrace)]
    pub fn call_trace(events: &JsValue, line: &str);

    #[wasm_bindgen(js_name = isAbortSignal)]
    pub fn is_abort_signal(signal: &JsValue) -> bool;

    #[wasm_bindgen(js_name = abortReason)]
    pub fn abort_reason(signal: &JsValue) -> Option<Array>;

    #[wasm_bindgen(catch, js_name = listenAbort)]
    pub fn listen_abort(signal: &JsValue, events: &JsValue, id: u32) -> Result<Function, JsValue>;

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

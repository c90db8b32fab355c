//! `WebSocketTransport`, the class that users make.

use std::future::Future;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{Observable, Subscription, described, options, request, to_json, type_error};
use crate::connection::{Connection, TransportState};
use crate::driver::{Driver, NotConnected, error, record};
use crate::protocol::Dialect;

/// The kinds of events that can be listened to.
const EVENTS: &[&str] = &[
    "connecting",
    "opened",
    "connected",
    "ping",
    "pong",
    "message",
    "closed",
    "error",
];

/// One connection to a GraphQL server at a time, and the operations on it.
///
/// In JavaScript it is `Transport`, which the package's entry extends to `WebSocketTransport`.
#[wasm_bindgen(js_name = Transport)]
pub struct WebSocketTransport {
    driver: Rc<Driver>,
}

#[wasm_bindgen(js_class = Transport)]
impl WebSocketTransport {
    /// Checks the arguments; nothing is sent before `connect`.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &JsValue, options: &JsValue) -> Result<WebSocketTransport, JsValue> {
        let (config, host) = options::read(url, options)?;
        Ok(WebSocketTransport {
            driver: Driver::new(config, host),
        })
    }

    /// For the package's entry, which has the transport's own object hold what this gives: see
    /// `gatherEvents` in `host.js`.
    #[wasm_bindgen(js_name = handOver)]
    pub fn hand_over(&self) -> JsValue {
        self.driver.hand_over()
    }

    /// Connects; resolves when the server has acknowledged.
    pub fn connect(&self, options: &JsValue) -> Promise {
        let signal = match request::read_connect(options) {
            Ok(signal) => signal,
            Err(thrown) => return Promise::reject(&thrown),
        };
        let connected = self.driver.connect(signal.as_ref());
        future_to_promise(async move {
            connected.await.map_err(|why| match why {
                NotConnected::Failed(error) => error::to_js(error),
                NotConnected::Aborted(reason) => reason,
            })?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Makes an operation and gives an async iterator of its results.
    pub fn subscribe(&self, document: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let asked = request::read(document, options)?;
        Ok(Subscription::start(&self.driver, asked))
    }

    /// Gives an observable that makes an operation for each of its subscribers.
    pub fn observe(&self, document: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let asked = request::read(document, options)?;
        Ok(Observable::make(&self.driver, asked))
    }

    /// Makes an operation, resolves with its first result, and ends it.
    pub fn execute(&self, document: &JsValue, options: &JsValue) -> Promise {
        match request::read(document, options) {
            Ok(asked) => self.driver.execute(asked.request, asked.signal.as_ref()),
            Err(thrown) => Promise::reject(&thrown),
        }
    }

    /// Has a listener called for each event of a kind; gives a function that ends that.
    pub fn on(&self, event: &JsValue, listener: &JsValue) -> Result<Function, JsValue> {
        let known = event
            .as_string()
            .filter(|event| EVENTS.contains(&event.as_str()));
        let Some(event) = known else {
            return Err(type_error(&[
                "no such event: the events are ",
                &EVENTS.join(", "),
            ]));
        };
        let Some(listener) = listener.dyn_ref::<Function>() else {
            return Err(type_error(&[
                "the listener must be a function, but is ",
                described(listener),
            ]));
        };
        Ok(self.driver.on(&event, listener))
    }

    /// Sends a `ping`.
    #[wasm_bindgen(js_name = sendPing)]
    pub fn send_ping(&self, payload: &JsValue) -> Result<(), JsValue> {
        let payload = optional_payload(payload)?;
        self.driver
            .send_ping(payload.as_deref())
            .map_err(error::to_js)
    }

    /// Sends a `pong`.
    #[wasm_bindgen(js_name = sendPong)]
    pub fn send_pong(&self, payload: &JsValue) -> Result<(), JsValue> {
        let payload = optional_payload(payload)?;
        self.driver
            .send_pong(payload.as_deref())
            .map_err(error::to_js)
    }

    /// Ends the connection and resolves when it has ended.
    pub fn close(&self) -> Promise {
        resolve_after(self.driver.close())
    }

    /// Resolves when the connection has ended, by whatever cause.
    #[wasm_bindgen(js_name = waitClosed)]
    pub fn wait_closed(&self) -> Promise {
        resolve_after(self.driver.wait_closed())
    }

    #[wasm_bindgen(js_name = "[Symbol.asyncDispose]")]
    pub fn dispose(&self) -> Promise {
        self.close()
    }

    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        match self.driver.read(Connection::state) {
            TransportState::Idle => "idle",
            TransportState::Connecting => "connecting",
            TransportState::Ready => "ready",
            TransportState::Closing => "closing",
            TransportState::Closed => "closed",
        }
        .to_owned()
    }

    /// The URL of the current or the last attempt to connect.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> JsValue {
        let url = self
            .driver
            .read(|connection| connection.url().map(str::to_owned));
        url.map_or(JsValue::NULL, JsValue::from)
    }

    /// The dialect of the current or the last connection.
    #[wasm_bindgen(getter)]
    pub fn subprotocol(&self) -> JsValue {
        let dialect = self.driver.read(Connection::dialect);
        dialect.map_or(JsValue::NULL, |dialect| Dialect::name(dialect).into())
    }

    /// The last payloads of `connection_ack`, `ping` and `pong`.
    #[wasm_bindgen(getter)]
    pub fn payloads(&self) -> JsValue {
        let payloads = self.driver.read(|connection| connection.payloads().clone());
        let or_null = |payload: Option<JsValue>| payload.unwrap_or(JsValue::NULL);
        record([
            ("connectionAck", or_null(payloads.connection_ack)),
            ("ping", or_null(payloads.ping)),
            ("pong", or_null(payloads.pong)),
        ])
    }

    /// The headers of the server's answer to the last handshake, where the host tells them.
    #[wasm_bindgen(getter, js_name = responseHeaders)]
    pub fn response_headers(&self) -> JsValue {
        let headers = self.driver.response_headers();
        if headers.is_undefined() {
            JsValue::NULL
        } else {
            headers
        }
    }

    /// How the last connection, or attempt at one, ended.
    #[wasm_bindgen(getter, js_name = closeReason)]
    pub fn close_reason(&self) -> JsValue {
        self.driver.close_reason()
    }
}

fn resolve_after(future: impl Future<Output = ()> + 'static) -> Promise {
    future_to_promise(async move {
        future.await;
        Ok(JsValue::UNDEFINED)
    })
}

/// The payload of `ping` or `pong`: an object, or nothing.
fn optional_payload(payload: &JsValue) -> Result<Option<String>, JsValue> {
    if payload.is_undefined() || payload.is_null() {
        return Ok(None);
    }
    to_json(payload, "the payload").map(Some)
}

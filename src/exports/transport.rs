//! `WebSocketTransport`, the class that users make.

use std::future::Future;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{Subscription, options, request, to_json};
use crate::connection::{Connection, TransportState};
use crate::driver::{Driver, error};

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

    /// Connects; resolves when the server has acknowledged.
    pub fn connect(&self) -> Promise {
        let connected = self.driver.connect();
        future_to_promise(async move {
            connected.await.map_err(error::to_js)?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Makes an operation and gives an async iterator of its results.
    pub fn subscribe(&self, document: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let request = request::read(document, options)?;
        Ok(Subscription::start(&self.driver, request))
    }

    /// Makes an operation, resolves with its first result, and ends it.
    pub fn execute(&self, document: &JsValue, options: &JsValue) -> Promise {
        match request::read(document, options) {
            Ok(request) => self.driver.execute(request),
            Err(thrown) => Promise::reject(&thrown),
        }
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
        let subprotocol = self.driver.read(Connection::subprotocol);
        subprotocol.map_or(JsValue::NULL, JsValue::from_str)
    }

    /// The last payloads of `connection_ack`, `ping` and `pong`.
    #[wasm_bindgen(getter)]
    pub fn payloads(&self) -> Result<Object, JsValue> {
        let payloads = self.driver.read(|connection| connection.payloads().clone());
        let object = Object::new();
        for (name, payload) in [
            ("connectionAck", payloads.connection_ack),
            ("ping", payloads.ping),
            ("pong", payloads.pong),
        ] {
            let payload = payload.unwrap_or(JsValue::NULL);
            Reflect::set(&object, &JsValue::from_str(name), &payload)?;
        }
        Ok(object)
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

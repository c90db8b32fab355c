//! One transport, in the hands of TypeScript.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::consumer::{Consumer, JsConsumer};
use super::failure::Failure;
use super::host::{JsHost, Subprotocol, WeakHost};
use super::settings::Settings;
use crate::core::client::{self, Client, Thrown};
use crate::core::document::OperationType;
use crate::core::message::{Liveness, OperationId};
use crate::core::operations::{Polled, Request};
use crate::core::output::AskId;
use crate::driver::{Driver, Ended};

/// What a transport is doing.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum TransportState {
    Idle = "idle",
    Connecting = "connecting",
    Ready = "ready",
    Closing = "closing",
    Closed = "closed",
}

/// One transport. Its methods check nothing: TypeScript, which makes of it what users see, has done so.
#[wasm_bindgen]
pub struct Handle {
    driver: Rc<Driver<WeakHost>>,
}

#[wasm_bindgen]
impl Handle {
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &Settings, host: &JsHost) -> Handle {
        #[cfg(feature = "development")]
        console_error_panic_hook::set_once();
        Handle {
            driver: Driver::new(settings.into(), WeakHost::new(host)),
        }
    }

    /// Connects. The consumer is told `complete` when the server has acknowledged.
    pub fn connect(&self, consumer: JsConsumer) {
        self.driver.connect(consumer);
    }

    /// Gives up an attempt to connect.
    #[wasm_bindgen(js_name = abortConnect)]
    pub fn abort_connect(&self) {
        self.driver.abort_connect();
    }

    /// Ends the connection. The consumer is told `complete` when it is over.
    pub fn close(&self, consumer: JsConsumer) {
        self.driver.close(consumer);
    }

    /// The consumer is told `complete` when the connection is over.
    #[wasm_bindgen(js_name = waitClosed)]
    pub fn wait_closed(&self, consumer: JsConsumer) {
        self.driver.wait_closed(consumer);
    }

    /// Starts an operation and returns its id, which is never 0. `payload`: the request as JSON text. `query`,
    /// `operation_name`: what tells the kind of the operation. `send_stop`: whether the server is told when the
    /// consumer leaves.
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] payload: JsValue,
        query: Option<String>,
        #[wasm_bindgen(js_name = operationName)] operation_name: Option<String>,
        #[wasm_bindgen(js_name = sendStop)] send_stop: bool,
        consumer: JsConsumer,
    ) -> OperationId {
        let consumer = Consumer::of_all(consumer);
        self.start(payload, query, operation_name, send_stop, consumer)
    }

    /// Starts an operation of which the consumer is handed the first result, and returns its id.
    pub fn execute(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] payload: JsValue,
        query: Option<String>,
        #[wasm_bindgen(js_name = operationName)] operation_name: Option<String>,
        #[wasm_bindgen(js_name = sendStop)] send_stop: bool,
        consumer: JsConsumer,
    ) -> OperationId {
        let consumer = Consumer::of_one(consumer);
        self.start(payload, query, operation_name, send_stop, consumer)
    }

    /// The next result, which is an object; a `Failure`, which is the end; null for the end, and ever after;
    /// undefined for nothing yet: from then on the consumer is handed what comes, until its `next` returns false.
    #[wasm_bindgen(unchecked_return_type = "object | Failure | null | undefined")]
    pub fn take(&self, id: OperationId) -> JsValue {
        match self.driver.poll(id) {
            Polled::Result(result) => result,
            Polled::Pending => {
                self.hand_over(id);
                JsValue::UNDEFINED
            }
            Polled::Ended(Some(error)) => Failure::new(error).into(),
            Polled::Ended(None) | Polled::Gone => JsValue::NULL,
        }
    }

    /// From now on the consumer is handed what comes. Returns whether there is something already: see
    /// [`serve`](Self::serve).
    pub fn observe(&self, id: OperationId) -> bool {
        self.hand_over(id);
        self.driver.read(|client| client.has_news(id))
    }

    /// Hands the consumer what there is.
    pub fn serve(&self, id: OperationId) {
        self.driver.wake(id);
    }

    /// The consumer wants no more, and is told nothing more.
    pub fn leave(&self, id: OperationId) {
        self.driver.leave(id);
    }

    /// Sends a `ping`; returns the error if it cannot. `payload`: JSON text.
    #[wasm_bindgen(js_name = sendPing)]
    pub fn send_ping(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] payload: JsValue,
    ) -> Option<Failure> {
        failure(self.driver.send(Liveness::Ping, defined(payload)))
    }

    /// Sends a `pong`; returns the error if it cannot. `payload`: JSON text.
    #[wasm_bindgen(js_name = sendPong)]
    pub fn send_pong(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] payload: JsValue,
    ) -> Option<Failure> {
        failure(self.driver.send(Liveness::Pong, defined(payload)))
    }

    /// Whether somebody listens to messages: then every one takes the long way.
    #[wasm_bindgen(js_name = watchMessages)]
    pub fn watch_messages(&self, watched: bool) {
        self.driver.watch_messages(watched);
    }

    /// What a user function answered: a URL, JSON text, or undefined for nothing.
    pub fn answer(
        &self,
        ask: AskId,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] text: JsValue,
    ) {
        self.driver.answer(ask, Ok(defined(text)));
    }

    /// A user function failed. `message`: what the thrown value says of itself.
    #[wasm_bindgen(js_name = answerFailed)]
    pub fn answer_failed(
        &self,
        ask: AskId,
        message: String,
        #[wasm_bindgen(unchecked_param_type = "unknown")] thrown: JsValue,
    ) {
        let value = thrown;
        self.driver.answer(ask, Err(Thrown { message, value }));
    }

    #[wasm_bindgen(getter)]
    pub fn state(&self) -> TransportState {
        match self.driver.read(Client::state) {
            client::TransportState::Idle => TransportState::Idle,
            client::TransportState::Connecting => TransportState::Connecting,
            client::TransportState::Ready => TransportState::Ready,
            client::TransportState::Closing => TransportState::Closing,
            client::TransportState::Closed => TransportState::Closed,
        }
    }

    /// Of the current or the last attempt to connect.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> Option<String> {
        self.driver.read(|client| client.url().map(str::to_owned))
    }

    /// Of the current or the last connection.
    #[wasm_bindgen(getter)]
    pub fn subprotocol(&self) -> Option<Subprotocol> {
        self.driver.read(Client::dialect).map(Subprotocol::from)
    }

    /// The payload of `connection_ack`; undefined for none.
    #[wasm_bindgen(getter, js_name = ackPayload, unchecked_return_type = "object | undefined")]
    pub fn ack_payload(&self) -> JsValue {
        let payload = |client: &Client<_, _>| client.payloads().connection_ack.clone();
        self.driver.read(payload).unwrap_or_default()
    }

    /// The payload of the last `ping`; undefined for none.
    #[wasm_bindgen(getter, js_name = pingPayload, unchecked_return_type = "object | undefined")]
    pub fn ping_payload(&self) -> JsValue {
        let payload = |client: &Client<_, _>| client.payloads().ping.clone();
        self.driver.read(payload).unwrap_or_default()
    }

    /// The payload of the last `pong`; undefined for none.
    #[wasm_bindgen(getter, js_name = pongPayload, unchecked_return_type = "object | undefined")]
    pub fn pong_payload(&self) -> JsValue {
        let payload = |client: &Client<_, _>| client.payloads().pong.clone();
        self.driver.read(payload).unwrap_or_default()
    }
}

impl Handle {
    fn start(
        &self,
        payload: JsValue,
        query: Option<String>,
        operation_name: Option<String>,
        send_stop: bool,
        consumer: Consumer,
    ) -> OperationId {
        let operation_type = query.map_or(OperationType::Unknown, |query| {
            OperationType::of(&query, operation_name.as_deref())
        });
        let request = Request {
            payload,
            operation_type,
            one_answer: consumer.wants_one(),
            send_stop,
        };
        self.driver.subscribe(request, Rc::new(consumer))
    }

    fn hand_over(&self, id: OperationId) {
        self.driver.read(|client| {
            if let Some(consumer) = client.consumer(id) {
                consumer.hand_over();
            }
        });
    }
}

fn defined(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined()).then_some(value)
}

fn failure(ended: Ended) -> Option<Failure> {
    ended.err().map(Failure::new)
}

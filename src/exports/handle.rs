//! One transport, in the hands of TypeScript.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::consumer::{Consumer, JsConsumer};
use super::failure::Failure;
use super::host::{Hint, JsHost, Subprotocol, Verdict, WeakHost};
use super::settings::{LastingSettings, Settings};
use crate::core::client::{self, Client, Thrown};
use crate::core::config::Config;
use crate::core::document::OperationType;
use crate::core::message::{Liveness, OperationId};
use crate::core::operations::{LastingOptions, Polled, Request};
use crate::core::output::AskId;
use crate::core::time::Millis;
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
        let config = Config::from(settings);
        let host = WeakHost::new(host, config.client.is_some());
        Handle {
            driver: Driver::new(config, host),
        }
    }

    /// Connects if the client is not lazy. To be called once, when the host is ready.
    pub fn start(&self) {
        self.driver.start();
    }

    /// The number to [abandon](Self::abandon_connect) the next call of `connect` by.
    #[wasm_bindgen(getter, js_name = nextConnect)]
    pub fn next_connect(&self) -> u32 {
        self.driver.read(Client::next_connect)
    }

    /// Connects. The consumer is told `complete` when the server has acknowledged.
    pub fn connect(&self, consumer: JsConsumer) {
        self.driver.connect(consumer);
    }

    /// Whoever called `connect` wants it no more, and is told nothing unless a transport was connecting.
    #[wasm_bindgen(js_name = abandonConnect)]
    pub fn abandon_connect(&self, connect: u32) {
        self.driver.abandon_connect(connect);
    }

    /// Replaces a client's connection. The consumer is told as by `connect`.
    pub fn reconnect(&self, consumer: JsConsumer) {
        self.driver.reconnect(consumer);
    }

    /// What the host tells of its network and its page.
    pub fn notify(&self, hint: Hint) {
        if let Some(hint) = hint.into() {
            self.driver.notify(hint);
        }
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
    /// consumer leaves. `lasting`: for a client.
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] payload: JsValue,
        query: Option<String>,
        #[wasm_bindgen(js_name = operationName)] operation_name: Option<String>,
        #[wasm_bindgen(js_name = sendStop)] send_stop: bool,
        lasting: Option<LastingSettings>,
        consumer: JsConsumer,
    ) -> OperationId {
        let operation_type = operation_type(query, operation_name, lasting.as_ref());
        let consumer = Consumer::of_all(consumer);
        self.begin(payload, operation_type, send_stop, lasting, consumer)
    }

    /// Starts an operation of which the consumer is handed the first result, in as many parts as it takes, and returns
    /// its id.
    pub fn execute(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] payload: JsValue,
        query: Option<String>,
        #[wasm_bindgen(js_name = operationName)] operation_name: Option<String>,
        #[wasm_bindgen(js_name = sendStop)] send_stop: bool,
        lasting: Option<LastingSettings>,
        consumer: JsConsumer,
    ) -> OperationId {
        let operation_type = operation_type(query, operation_name, lasting.as_ref());
        let consumer = Consumer::of_one(consumer);
        self.begin(payload, operation_type, send_stop, lasting, consumer)
    }

    /// The kind of the operation that a server picks from a document: `query`, `mutation` or `subscription`; undefined
    /// if the text does not tell.
    #[wasm_bindgen(js_name = kindOf)]
    pub fn kind_of(
        query: &str,
        #[wasm_bindgen(js_name = operationName)] operation_name: Option<String>,
    ) -> Option<String> {
        let kind = match OperationType::of(query, operation_name.as_deref()) {
            OperationType::Query | OperationType::LiveQuery => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
            OperationType::Unknown => return None,
        };
        Some(kind.to_owned())
    }

    /// Has the consumer told when the server has the operation.
    pub fn watch(&self, id: OperationId) {
        self.driver.watch(id);
    }

    /// The next result, which is an object; a `Failure`, which is the end; null for the end, and ever after;
    /// undefined for nothing yet: from then on the consumer is handed what comes, until its `next` returns false.
    #[wasm_bindgen(unchecked_return_type = "object | Failure | null | undefined")]
    pub fn take(&self, id: OperationId) -> JsValue {
        loop {
            match self.driver.poll(id) {
                Polled::Result(result) => return result,
                Polled::Notice(notice) => {
                    let consumer = self.driver.read(|client| client.consumer(id).cloned());
                    if let Some(consumer) = consumer {
                        consumer.notice(*notice);
                    }
                }
                Polled::Pending => {
                    self.hand_over(id);
                    return JsValue::UNDEFINED;
                }
                Polled::Ended(Some(error)) => return Failure::new(error).into(),
                Polled::Ended(None) | Polled::Gone => return JsValue::NULL,
            }
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

    /// What `retry.when` says: undefined for what was proposed.
    #[wasm_bindgen(js_name = answerVerdict)]
    pub fn answer_verdict(&self, ask: AskId, verdict: Option<Verdict>) {
        let verdict = verdict.and_then(Verdict::into_core);
        self.driver.answer_verdict(ask, verdict);
    }

    /// What `retry.delay` says, in milliseconds: undefined for what was proposed.
    #[wasm_bindgen(js_name = answerDelay)]
    pub fn answer_delay(&self, ask: AskId, delay: Option<u32>) {
        self.driver.answer_delay(ask, delay.map(Millis));
    }

    /// The request to go on with as JSON text, and its cursor; undefined for the request as it was.
    #[wasm_bindgen(js_name = answerRequest)]
    pub fn answer_request(
        &self,
        ask: AskId,
        #[wasm_bindgen(unchecked_param_type = "string | undefined")] text: JsValue,
        #[wasm_bindgen(unchecked_param_type = "unknown")] cursor: JsValue,
    ) {
        let answer = defined(text).map(|text| (text, cursor));
        self.driver.answer_request(ask, Ok(answer));
    }

    /// The request to go on with could not be made.
    #[wasm_bindgen(js_name = answerRequestFailed)]
    pub fn answer_request_failed(
        &self,
        ask: AskId,
        message: String,
        #[wasm_bindgen(unchecked_param_type = "unknown")] thrown: JsValue,
    ) {
        let value = thrown;
        self.driver
            .answer_request(ask, Err(Thrown { message, value }));
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

    /// Of the current or the last connection; undefined if its dialect has none.
    #[wasm_bindgen(getter)]
    pub fn subprotocol(&self) -> Option<Subprotocol> {
        let dialect = self.driver.read(Client::dialect);
        dialect.and_then(Subprotocol::of_dialect)
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
    fn begin(
        &self,
        payload: JsValue,
        operation_type: OperationType,
        send_stop: bool,
        lasting: Option<LastingSettings>,
        consumer: Consumer,
    ) -> OperationId {
        let request = Request {
            payload,
            operation_type,
            one_answer: consumer.wants_one(),
            send_stop,
            lasting: lasting
                .as_ref()
                .map(LastingOptions::from)
                .unwrap_or_default(),
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

/// The kind of an operation: told from its text, or else by the user.
fn operation_type(
    query: Option<String>,
    operation_name: Option<String>,
    lasting: Option<&LastingSettings>,
) -> OperationType {
    match query {
        Some(query) => OperationType::of(&query, operation_name.as_deref()),
        None => lasting.map_or(OperationType::Unknown, LastingSettings::operation_type),
    }
}

fn defined(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined()).then_some(value)
}

fn failure(ended: Ended) -> Option<Failure> {
    ended.err().map(Failure::new)
}

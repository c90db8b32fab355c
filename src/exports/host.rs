//! The JavaScript side of a transport: the user's options, functions and listeners.

use js_sys::{JsString, WeakRef};
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::consumer::{self, Consumer, JsConsumer};
use super::failure::Failure;
use crate::core::dialect::{Dialect, Offer};
use crate::core::error::Error;
use crate::core::message::{Liveness, OperationId, Parts};
use crate::core::operations::Polled;
use crate::core::output::{self, AskId, CloseReason, Event};
use crate::driver::{Driver, Ended, Host};

/// What only a user function can answer. wasm-bindgen emits types only for enums that exports use, so
/// this one is written below.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Question {
    Url = "url",
    InitPayload = "initPayload",
}

/// A dialect of GraphQL over WebSocket: the one of new servers, and the one of older ones.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Subprotocol {
    GraphqlTransportWs = "graphql-transport-ws",
    GraphqlWs = "graphql-ws",
}

impl From<Subprotocol> for Dialect {
    fn from(subprotocol: Subprotocol) -> Self {
        match subprotocol {
            Subprotocol::GraphqlWs => Dialect::GraphqlWs,
            // JavaScript gives no other.
            _ => Dialect::GraphqlTransportWs,
        }
    }
}

impl From<Dialect> for Subprotocol {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::GraphqlTransportWs => Subprotocol::GraphqlTransportWs,
            Dialect::GraphqlWs => Subprotocol::GraphqlWs,
        }
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
export type Question = 'url' | 'initPayload';

/**
 * What a transport's core calls. It holds the host by a WeakRef: a user function may hold the transport, and whatever
 * WebAssembly holds is never collected. No method may throw but `open`.
 */
export interface Host {
  /** Has a user function answer by {@link Handle.answer} or {@link Handle.answerFailed}, now or later. */
  ask(ask: number, question: Question): void;
  /** Makes a socket. `other`: the subprotocol to offer beside the preferred one. */
  open(url: string, preferred: Subprotocol, other: Subprotocol | undefined): WebSocket;
  /** What a value that the host threw says of itself, for an error message: no credentials. */
  describe(thrown: unknown): string;
  /** An attempt to connect begins; `retry`: the second, in the other dialect. */
  connecting(retry: boolean): void;
  /** The socket is open. */
  opened(subprotocol: Subprotocol): void;
  /** The server acknowledged. */
  connected(payload: object | undefined): void;
  ping(received: boolean, payload: object | undefined): void;
  pong(received: boolean, payload: object | undefined): void;
  /** A message came, while {@link Handle.watchMessages}; it has had no effect yet. */
  message(frame: unknown): void;
  /** The connection failed, or the server reported an error that belongs to no operation. */
  error(failure: Failure): void;
  /** The connection is over. `code`: undefined without a socket. `failure`: undefined after `close`. */
  closed(code: number | undefined, reason: string, wasClean: boolean, failure: Failure | undefined): void;
  /** A line of the trace: `before`, `value` and `after` together. `value` may have control characters. */
  trace(before: string, value: string | undefined, after: string): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Host")]
    #[derive(Clone)]
    pub type JsHost;

    #[wasm_bindgen(method)]
    fn ask(this: &JsHost, ask: AskId, question: Question);

    #[wasm_bindgen(method, catch)]
    fn open(
        this: &JsHost,
        url: &str,
        preferred: Subprotocol,
        other: Option<Subprotocol>,
    ) -> Result<WebSocket, JsValue>;

    #[wasm_bindgen(method)]
    fn describe(this: &JsHost, thrown: &JsValue) -> String;

    #[wasm_bindgen(method)]
    fn connecting(this: &JsHost, retry: bool);

    #[wasm_bindgen(method)]
    fn opened(this: &JsHost, subprotocol: Subprotocol);

    #[wasm_bindgen(method)]
    fn connected(this: &JsHost, payload: JsValue);

    #[wasm_bindgen(method)]
    fn ping(this: &JsHost, received: bool, payload: JsValue);

    #[wasm_bindgen(method)]
    fn pong(this: &JsHost, received: bool, payload: JsValue);

    #[wasm_bindgen(method)]
    fn message(this: &JsHost, frame: &JsValue);

    #[wasm_bindgen(method)]
    fn error(this: &JsHost, failure: Failure);

    #[wasm_bindgen(method)]
    fn closed(
        this: &JsHost,
        code: Option<u16>,
        reason: &str,
        was_clean: bool,
        failure: Option<Failure>,
    );

    #[wasm_bindgen(method)]
    fn trace(this: &JsHost, before: &str, value: JsValue, after: &str);
}

pub(super) struct WeakHost {
    host: WeakRef<JsHost>,
}

impl WeakHost {
    pub(super) fn new(host: &JsHost) -> Self {
        WeakHost {
            host: WeakRef::new(host),
        }
    }

    /// Calls the host, unless it is gone with the transport: then nobody can hear of it.
    fn call(&self, action: impl FnOnce(&JsHost)) {
        if let Some(host) = self.host.deref() {
            action(&host);
        }
    }
}

impl Host for WeakHost {
    type Consumer = Consumer;
    type Waiter = JsConsumer;

    fn ask(&self, _driver: &Driver<Self>, ask: AskId, question: output::Question) {
        let question = match question {
            output::Question::Url => Question::Url,
            output::Question::InitPayload => Question::InitPayload,
        };
        self.call(|host| host.ask(ask, question));
    }

    fn open(&self, url: &str, offer: Offer) -> Result<WebSocket, JsValue> {
        let Some(host) = self.host.deref() else {
            return Err(JsString::from("the transport is gone").into());
        };
        let offered = |at: usize| offer.get(at).copied().map(Subprotocol::from);
        // An offer has at least one.
        let preferred = offered(0).unwrap_or(Subprotocol::GraphqlTransportWs);
        host.open(url, preferred, offered(1))
    }

    fn describe(&self, thrown: &JsValue) -> String {
        let host = self.host.deref();
        host.map_or_else(String::new, |host| host.describe(thrown))
    }

    fn connected(&self, payload: Option<JsValue>) {
        self.call(|host| host.connected(payload.unwrap_or_default()));
    }

    fn event(&self, event: Event<JsValue>) {
        self.call(|host| match event {
            Event::Connecting { retry } => host.connecting(retry),
            Event::Opened { dialect } => host.opened(dialect.into()),
            Event::Liveness {
                what,
                received,
                payload,
            } => {
                let payload = payload.unwrap_or_default();
                match what {
                    Liveness::Ping => host.ping(received, payload),
                    Liveness::Pong => host.pong(received, payload),
                }
            }
            Event::Error(error) => host.error(Failure::new(error)),
        });
    }

    fn message(&self, frame: &JsValue) {
        self.call(|host| host.message(frame));
    }

    fn closed(&self, CloseReason { close, error }: CloseReason<JsValue>) {
        let code = close.as_ref().map(|close| close.code);
        let (reason, was_clean) = close
            .as_ref()
            .map_or(("", false), |close| (&close.reason, close.was_clean));
        self.call(|host| host.closed(code, reason, was_clean, error.map(Failure::new)));
    }

    fn trace(&self, line: Parts<JsValue>) {
        let value = line.value.unwrap_or_default();
        self.call(|host| host.trace(&line.before, value, line.after));
    }

    fn tell(waiter: JsConsumer, ended: Ended) {
        consumer::tell(&waiter, ended);
    }

    /// Hands over what there is.
    fn wake(driver: &Driver<Self>, id: OperationId, consumer: &Consumer) {
        while consumer.is_handed() {
            match driver.poll(id) {
                Polled::Result(result) if consumer.wants_one() => {
                    driver.answered(id, &result);
                    consumer.next(result);
                    driver.flush();
                }
                Polled::Result(result) => consumer.next(result),
                Polled::Ended(None) if consumer.wants_one() => {
                    consumer.end(Some(Error::NoAnswer { operation_id: id }.into()));
                }
                Polled::Ended(error) => consumer.end(error),
                Polled::Gone => consumer.end(None),
                Polled::Pending => break,
            }
        }
    }
}

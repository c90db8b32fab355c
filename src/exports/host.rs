//! The JavaScript side of a transport: the user's options, functions and listeners.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{JsString, WeakRef};
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use super::consumer::{self, Consumer, JsConsumer};
use super::failure::Failure;
use crate::core::dialect::{Dialect, Offer};
use crate::core::error::{self, Close, Error};
use crate::core::message::{Liveness, OperationId, Parts};
use crate::core::network;
use crate::core::operations::Polled;
use crate::core::output::{self, AskId, AttemptInfo, CloseReason, Event};
use crate::core::retry::{self, During};
use crate::core::status::Status;
use crate::driver::{Driver, Ended, Host, wall_time};

/// What only a user function can answer. wasm-bindgen emits types only for enums that exports use, so
/// this one is written below.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Question {
    Url = "url",
    InitPayload = "initPayload",
    Handshake = "handshake",
}

/// A dialect of GraphQL over WebSocket: see below, as for [`Question`].
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum DialectName {
    GraphqlTransportWs = "graphql-transport-ws",
    GraphqlWs = "graphql-ws",
    AppSync = "appsync",
    Phoenix = "phoenix",
}

impl From<Dialect> for DialectName {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::GraphqlTransportWs => DialectName::GraphqlTransportWs,
            Dialect::GraphqlWs => DialectName::GraphqlWs,
            Dialect::AppSync => DialectName::AppSync,
            Dialect::Phoenix => DialectName::Phoenix,
        }
    }
}

/// The subprotocol of a dialect that can be detected: the one of new servers, and the one of older ones.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Subprotocol {
    GraphqlTransportWs = "graphql-transport-ws",
    GraphqlWs = "graphql-ws",
}

/// What is done about a failure of a client's.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Verdict {
    Retry = "retry",
    RetryNow = "retry-now",
    Stop = "stop",
}

impl Verdict {
    pub(super) fn into_core(self) -> Option<retry::Verdict> {
        match self {
            Verdict::Retry => Some(retry::Verdict::Retry),
            Verdict::RetryNow => Some(retry::Verdict::RetryNow),
            Verdict::Stop => Some(retry::Verdict::Stop),
            // JavaScript gives no other.
            _ => None,
        }
    }
}

impl From<retry::Verdict> for Verdict {
    fn from(verdict: retry::Verdict) -> Self {
        match verdict {
            retry::Verdict::Retry => Verdict::Retry,
            retry::Verdict::RetryNow => Verdict::RetryNow,
            retry::Verdict::Stop => Verdict::Stop,
        }
    }
}

/// What the host tells of its network and its page.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Hint {
    Online = "online",
    Offline = "offline",
    Visible = "visible",
    Hidden = "hidden",
    Wake = "wake",
    PageHide = "pagehide",
    PageShow = "pageshow",
}

impl From<Hint> for Option<network::Hint> {
    fn from(hint: Hint) -> Self {
        network::Hint::of_name(hint.to_str())
    }
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

impl Subprotocol {
    /// `None` if the dialect has none of these.
    pub(super) fn of_dialect(dialect: Dialect) -> Option<Self> {
        match dialect {
            Dialect::GraphqlTransportWs => Some(Subprotocol::GraphqlTransportWs),
            Dialect::GraphqlWs | Dialect::AppSync => Some(Subprotocol::GraphqlWs),
            Dialect::Phoenix => None,
        }
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
export type Question = 'url' | 'initPayload' | 'handshake';

/** A dialect of GraphQL over WebSocket. The first two can be detected, the others only a user can choose. */
export type DialectName = 'graphql-transport-ws' | 'graphql-ws' | 'appsync' | 'phoenix';

/** Why an attempt to connect is made. */
export type AttemptReason = 'first' | 'lost' | 'failed' | 'denied' | 'wake' | 'reconnect';

/** What a client is doing. */
export type ClientState = 'idle' | 'connecting' | 'ready' | 'waiting' | 'offline' | 'failed' | 'closing' | 'closed';

/** What becomes of a client when a connection, or an attempt at one, has ended. */
export type Outcome = 'retry' | 'stop' | 'idle';

/**
 * What a transport's core calls. It holds the host by a WeakRef: a user function may hold the transport, and whatever
 * WebAssembly holds is never collected. No method may throw but `open`.
 */
export interface Host {
  /** Has a user function answer by {@link Handle.answer} or {@link Handle.answerFailed}, now or later. */
  ask(ask: number, question: Question): void;
  /** The same for the payload that starts an operation, with credentials. `request`: the request as JSON text. */
  authorise(ask: number, request: string): void;
  /**
   * Makes a socket. `preferred`: the subprotocol to offer first; `other`: the one to offer beside it. Neither: those of
   * the handshake, if there was one, or none.
   */
  open(url: string, preferred: Subprotocol | undefined, other: Subprotocol | undefined): WebSocket;
  /** What a value that the host threw says of itself, for an error message: no credentials. */
  describe(thrown: unknown): string;
  /** An attempt to connect begins; `retry`: the second, in the other dialect. */
  connecting(retry: boolean, number: number, reason: AttemptReason, failure: Failure | undefined): void;
  /** The socket is open. `subprotocol`: undefined if the server picked none. */
  opened(dialect: DialectName, subprotocol: Subprotocol | undefined): void;
  /** The server acknowledged. */
  connected(payload: object | undefined, reconnected: boolean): void;
  /** What a user interface shows of a client has changed. Times are those of `Date.now()`. */
  status(
    state: ClientState,
    reconnecting: boolean,
    since: number,
    nextAttempt: number | undefined,
    lostAt: number | undefined,
    failures: number,
    failure: Failure | undefined,
  ): void;
  /** A client's connection, or an attempt at one, has ended. As `closed`. */
  disconnected(
    code: number | undefined,
    reason: string,
    wasClean: boolean,
    sentCode: number | undefined,
    sentReason: string,
    failure: Failure | undefined,
    outcome: Outcome,
  ): void;
  /** Has the user answer by {@link Handle.answerVerdict} or {@link Handle.answerDelay}, now or later. */
  askRetry(
    ask: number,
    question: 'verdict' | 'delay',
    failure: Failure,
    wasReady: boolean,
    failures: number,
    everReady: boolean,
    uptime: number,
    proposed: Verdict,
    proposedDelay: number,
  ): void;
  ping(received: boolean, payload: object | undefined): void;
  pong(received: boolean, payload: object | undefined): void;
  /** A message came, while {@link Handle.watchMessages}; it has had no effect yet. */
  message(frame: unknown): void;
  /** The connection failed, or the server reported an error that belongs to no operation. */
  error(failure: Failure): void;
  /** The connection has failed, and nobody has been told yet. As `closed`. */
  ending(
    code: number | undefined,
    reason: string,
    wasClean: boolean,
    sentCode: number | undefined,
    sentReason: string,
    failure: Failure | undefined,
  ): void;
  /**
   * The connection is over. `code`: undefined if the socket said nothing. `sentCode`: undefined unless we closed it.
   * `failure`: undefined after `close`.
   */
  closed(
    code: number | undefined,
    reason: string,
    wasClean: boolean,
    sentCode: number | undefined,
    sentReason: string,
    failure: Failure | undefined,
  ): void;
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

    #[wasm_bindgen(method)]
    fn authorise(this: &JsHost, ask: AskId, request: &JsValue);

    #[wasm_bindgen(method, catch)]
    fn open(
        this: &JsHost,
        url: &str,
        preferred: Option<Subprotocol>,
        other: Option<Subprotocol>,
    ) -> Result<WebSocket, JsValue>;

    #[wasm_bindgen(method)]
    fn describe(this: &JsHost, thrown: &JsValue) -> String;

    #[wasm_bindgen(method)]
    fn connecting(this: &JsHost, retry: bool, number: u32, reason: &str, failure: Option<Failure>);

    #[wasm_bindgen(method)]
    fn opened(this: &JsHost, dialect: DialectName, subprotocol: Option<Subprotocol>);

    #[wasm_bindgen(method)]
    fn connected(this: &JsHost, payload: JsValue, reconnected: bool);

    #[wasm_bindgen(method)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object would cost a call for each field"
    )]
    fn status(
        this: &JsHost,
        state: &str,
        reconnecting: bool,
        since: f64,
        next_attempt: Option<f64>,
        lost_at: Option<f64>,
        failures: u32,
        failure: Option<Failure>,
    );

    #[wasm_bindgen(method)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object would cost a call for each field"
    )]
    fn disconnected(
        this: &JsHost,
        code: Option<u16>,
        reason: &str,
        was_clean: bool,
        sent_code: Option<u16>,
        sent_reason: &str,
        failure: Option<Failure>,
        outcome: &str,
    );

    #[wasm_bindgen(method, js_name = askRetry)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object would cost a call for each field"
    )]
    fn ask_retry(
        this: &JsHost,
        ask: AskId,
        question: &str,
        failure: Failure,
        was_ready: bool,
        failures: u32,
        ever_ready: bool,
        uptime: u32,
        proposed: Verdict,
        proposed_delay: u32,
    );

    #[wasm_bindgen(method)]
    fn ping(this: &JsHost, received: bool, payload: JsValue);

    #[wasm_bindgen(method)]
    fn pong(this: &JsHost, received: bool, payload: JsValue);

    #[wasm_bindgen(method)]
    fn message(this: &JsHost, frame: &JsValue);

    #[wasm_bindgen(method)]
    fn error(this: &JsHost, failure: Failure);

    #[wasm_bindgen(method)]
    fn ending(
        this: &JsHost,
        code: Option<u16>,
        reason: &str,
        was_clean: bool,
        sent_code: Option<u16>,
        sent_reason: &str,
        failure: Option<Failure>,
    );

    #[wasm_bindgen(method)]
    fn closed(
        this: &JsHost,
        code: Option<u16>,
        reason: &str,
        was_clean: bool,
        sent_code: Option<u16>,
        sent_reason: &str,
        failure: Option<Failure>,
    );

    #[wasm_bindgen(method)]
    fn trace(this: &JsHost, before: &str, value: JsValue, after: &str);
}

pub(super) struct WeakHost {
    host: WeakRef<JsHost>,
    /// A client's last error, with its number: it is told in several places, and is one object there.
    last_error: RefCell<(u32, Option<Rc<Error<JsValue>>>)>,
    is_client: bool,
}

impl WeakHost {
    pub(super) fn new(host: &JsHost, is_client: bool) -> Self {
        WeakHost {
            host: WeakRef::new(host),
            last_error: RefCell::default(),
            is_client,
        }
    }

    /// An error of a client's connection. That of a transport is not kept: it could keep host objects alive.
    fn failure(&self, error: Rc<Error<JsValue>>) -> Failure {
        if !self.is_client {
            return Failure::new(error);
        }
        let mut last = self.last_error.borrow_mut();
        let (serial, known) = &mut *last;
        if !known
            .as_ref()
            .is_some_and(|known| Rc::ptr_eq(known, &error))
        {
            *serial = serial.wrapping_add(1).max(1);
            *known = Some(error.clone());
        }
        Failure::numbered(error, *serial)
    }

    fn ask_retry(&self, ask: AskId, question: &str, failure: &retry::Failure<JsValue>) {
        let was_ready = failure.during == During::Ready;
        self.call(|host| {
            host.ask_retry(
                ask,
                question,
                self.failure(failure.error.clone()),
                was_ready,
                failure.failures,
                failure.ever_ready,
                failure.uptime.0,
                failure.proposed.into(),
                failure.proposed_delay.0,
            );
        });
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

    fn ask(&self, driver: &Driver<Self>, ask: AskId, question: output::Question<JsValue>) {
        match question {
            output::Question::Url(_) => self.call(|host| host.ask(ask, Question::Url)),
            output::Question::InitPayload(_) => {
                self.call(|host| host.ask(ask, Question::InitPayload));
            }
            output::Question::Handshake => self.call(|host| host.ask(ask, Question::Handshake)),
            output::Question::Authorise { request, .. } => {
                self.call(|host| host.authorise(ask, &request));
            }
            output::Question::Verdict(failure) => self.ask_retry(ask, "verdict", &failure),
            output::Question::Delay(failure) => self.ask_retry(ask, "delay", &failure),
            output::Question::Resume(id) => {
                let consumer = driver.read(|client| client.consumer(id).cloned());
                if let Some(consumer) = consumer {
                    consumer.js().resume(ask);
                }
            }
        }
    }

    fn open(&self, url: &str, offer: Offer) -> Result<WebSocket, JsValue> {
        let Some(host) = self.host.deref() else {
            return Err(JsString::from("the transport is gone").into());
        };
        let offered = |at: usize| offer.get(at).copied().and_then(Subprotocol::of_dialect);
        host.open(url, offered(0), offered(1))
    }

    fn describe(&self, thrown: &JsValue) -> String {
        let host = self.host.deref();
        host.map_or_else(String::new, |host| host.describe(thrown))
    }

    fn connected(&self, payload: Option<JsValue>, reconnected: bool) {
        self.last_error.borrow_mut().1 = None;
        self.call(|host| host.connected(payload.unwrap_or_default(), reconnected));
    }

    fn status(&self, status: &Status<JsValue>) {
        self.call(|host| {
            host.status(
                status.state.name(),
                status.reconnecting,
                wall_time(status.since),
                status.next_attempt.map(wall_time),
                status.lost_at.map(wall_time),
                status.failures,
                status.error.clone().map(|error| self.failure(error)),
            );
        });
    }

    fn event(&self, event: Event<JsValue>) {
        self.call(|host| match event {
            Event::Connecting { retry, attempt } => {
                let AttemptInfo {
                    number,
                    reason,
                    error,
                } = &*attempt;
                let failure = error.clone().map(|error| self.failure(error));
                host.connecting(retry, *number, reason.name(), failure);
            }
            Event::Opened {
                dialect,
                subprotocol,
            } => host.opened(
                dialect.into(),
                subprotocol.and_then(Subprotocol::of_dialect),
            ),
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
            Event::Error(error) => host.error(match error.ends() {
                error::Ends::Connection => self.failure(error),
                _ => Failure::new(error),
            }),
            Event::Disconnected { reason, outcome } => {
                let CloseReason { close, sent, error } = reason;
                let (code, reason, was_clean) = parts(close.as_ref());
                let (sent_code, sent_reason) = sent.unzip();
                let failure = error.map(|error| self.failure(error));
                host.disconnected(
                    code,
                    reason,
                    was_clean,
                    sent_code,
                    sent_reason.unwrap_or_default(),
                    failure,
                    outcome.name(),
                );
            }
        });
    }

    fn message(&self, frame: &JsValue) {
        self.call(|host| host.message(frame));
    }

    fn ending(&self, CloseReason { close, sent, error }: CloseReason<JsValue>) {
        let (code, reason, was_clean) = parts(close.as_ref());
        let (sent_code, sent_reason) = sent.unzip();
        let sent_reason = sent_reason.unwrap_or_default();
        let failure = error.map(|error| self.failure(error));
        self.call(|host| {
            host.ending(code, reason, was_clean, sent_code, sent_reason, failure);
        });
    }

    fn closed(&self, CloseReason { close, sent, error }: CloseReason<JsValue>) {
        let (code, reason, was_clean) = parts(close.as_ref());
        let (sent_code, sent_reason) = sent.unzip();
        self.call(|host| {
            host.closed(
                code,
                reason,
                was_clean,
                sent_code,
                sent_reason.unwrap_or_default(),
                error.map(Failure::new),
            );
        });
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
                Polled::Result(result) => {
                    // One answer may come in parts.
                    if !consumer.next(&result) && consumer.wants_one() {
                        driver.answered(id, &result);
                        driver.flush();
                    }
                }
                Polled::Notice(notice) => consumer.notice(*notice),
                Polled::Ended(None) if consumer.wants_one() => {
                    consumer.end(Some(Error::NoAnswer { operation_id: id }.into()));
                }
                Polled::Ended(error) => consumer.end(error),
                Polled::Gone => consumer.end(None),
                Polled::Pending => break,
            }
        }
    }

    fn active(consumer: &Consumer, confirmed: bool) {
        consumer.js().active(confirmed);
    }

    fn not_active(consumer: &Consumer, error: Option<Rc<Error<JsValue>>>) {
        consumer.js().not_active(error.map(Failure::new));
    }

    fn examine(consumer: &Consumer, result: &JsValue) -> bool {
        consumer.js().examine(result)
    }
}

/// How a socket ended, as TypeScript takes it.
fn parts(close: Option<&Close>) -> (Option<u16>, &str, bool) {
    close.map_or((None, "", false), |close| {
        (Some(close.code), &close.reason, close.was_clean)
    })
}

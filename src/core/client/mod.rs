//! The operations, and the connections that carry them one after the other: a state machine
//! without a socket, a clock or a host.
//!
//! ```text
//!           connect        url, initPayload                 close
//!   Idle ────────────▶ Preparing ──────────▶ Connected ──────────────▶ Connected, leaving
//!    │ ▲                  ▲ │ ▲                  │ │                        │
//!    │ │ nothing left     │ │ └─ other dialect ──┘ │                        │
//!    │ └──────────────────┼─┼──────────────────────┤                        │
//!    │           delay is │ ▼ failed               ▼ lost                   │
//!    │           over     Waiting ──▶ Failed                                ▼
//!    └────────────────────────────────────────────────────────────────▶ Closed
//! ```
//!
//! One machine serves both classes. A **transport** (no [`ClientConfig`](super::config::ClientConfig))
//! never connects by itself, and a failure ends its operations: from `Preparing` and `Connected` it goes to
//! `Closed`. A **client** connects when something needs a connection, and its operations outlive
//! connections.
//!
//! This file has what goes in and what can be read. The rest stands beside it: how a connection is
//! made (`connecting`), how one ends (`ending`), what becomes of the operations (`recovery`), how they start
//! where that takes more than a frame (`starting`), and what the host's hints cause (`hints`).

mod connecting;
mod ending;
mod hints;
mod recovery;
mod starting;

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::config::Config;
use super::connection::{Connection, Ended, timeout};
use super::detection::Detection;
use super::dialect::{Dialect, Offer, ResultEnvelope};
use super::error::{Close, Ends, Error, TimeLimit};
use super::json::Json;
use super::lasting::Lasting;
use super::message::{Frame, Liveness, OperationId, Received};
use super::network::{Hint, Network, is_loopback};
use super::operations::{Operation, Operations, Polled, Request};
use super::output::{
    AskId, Attempt, AttemptInfo, CloseReason, ConnectId, Context, Event, Output, Question, Reason,
};
use super::retry::{Retry, Verdict};
use super::status::{ClientState, Status};
use super::time::{Instant, Millis};
use super::timer::Timer;
use super::trace;
use recovery::{Held, Stopped};

/// What a user can read of the state of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportState {
    Idle,
    Connecting,
    Ready,
    Closing,
    Closed,
}

/// The last payloads that the server sent with these messages on this connection.
#[derive(Clone, Debug)]
pub struct Payloads<J> {
    pub connection_ack: Option<J>,
    pub ping: Option<J>,
    pub pong: Option<J>,
}

impl<J> Default for Payloads<J> {
    fn default() -> Self {
        Payloads {
            connection_ack: None,
            ping: None,
            pong: None,
        }
    }
}

/// A user function's failure: the thrown value and its message.
#[derive(Clone, Debug)]
pub struct Thrown<J> {
    pub message: String,
    pub value: J,
}

enum Phase<J> {
    Idle,
    /// Waits for the user's functions.
    Preparing {
        url: Option<String>,
        /// `Some(None)`: there is none.
        init_payload: Option<Option<J>>,
    },
    /// There is a socket, or one is being opened.
    Connected {
        connection: Connection<J>,
        /// Waits for the operations that are to finish first, and then for the socket.
        leaving: Option<Leaving>,
    },
    /// A client, between two attempts.
    Waiting(Next),
    /// A client that has given up.
    Failed,
    Closed,
}

/// Why a connection is left that works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// `close` was called.
    Closing,
    /// `reconnect` was called.
    Replacing,
}

/// What a client waits for that wants to connect again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The end of a delay; `offline`: the host has no network.
    Delay { until: Instant, offline: bool },
    /// What a user function says.
    Answer,
    /// The page, to come back.
    Page,
}

impl<J> Phase<J> {
    fn connection(&self) -> Option<&Connection<J>> {
        match self {
            Phase::Connected { connection, .. } => Some(connection),
            _ => None,
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection<J>> {
        match self {
            Phase::Connected { connection, .. } => Some(connection),
            _ => None,
        }
    }

    fn leaving(&self) -> Option<Leaving> {
        match self {
            Phase::Connected { leaving, .. } => *leaving,
            _ => None,
        }
    }
}

/// The operations and their connection.
///
/// Calls go in, [`Output`]s come out. After each call of a method that takes `&mut self`, or a few
/// of them, the driver
///
/// 1. takes outputs by [`take_outputs`](Self::take_outputs) and performs them, one by one, again and
///    again until there is none,
/// 2. arms its one timer for [`poll_timeout`](Self::poll_timeout), and calls
///    [`handle_timeout`](Self::handle_timeout) when it fires.
///
/// `now` never goes back. `J` is a JSON value, `C` what the driver keeps with an operation.
pub struct Client<J, C> {
    context: Context<J>,
    phase: Phase<J>,
    attempt: Attempt,
    /// Which dialects to offer.
    detection: Detection,
    /// Those of the current attempt.
    offered: Offer,
    /// How the server refused the dialect that it picked, while the other is tried.
    refused: Option<Rc<Error<J>>>,
    /// What the user's functions have not answered yet.
    asked: HashMap<AskId, Question<J>>,
    last_ask: AskId,
    /// Of the current or the last attempt, once they are known: the user's, and that of the socket, which may have
    /// credentials of a dialect.
    url: Option<String>,
    socket_url: Option<String>,
    dialect: Option<Dialect>,
    payloads: Payloads<J>,
    /// The last call of `connect`, and the last that has been settled.
    last_connect: ConnectId,
    settled_connect: ConnectId,
    /// How many of the calls that are not settled wait no more.
    abandoned_connects: u32,
    /// Numbers the times between `connect`, or the first operation, and the end.
    life: u32,
    /// Why the last connection, or attempt at one, failed. Only the text: the error could keep host
    /// objects alive.
    failed: Option<String>,
    operations: Operations<J, C>,
    /// What is started when the host's turn is over.
    held: Held,
    /// The operations that were stopped on this connection.
    stopped: Stopped,
    /// Those that the server has to say that it has, with the time when they are given up, which only grows.
    starting: VecDeque<(Instant, OperationId)>,
    // What only a client needs.
    /// How many attempts were made, now and when a connection was last ready; why the last one.
    attempts: u32,
    attempts_at_ready: u32,
    info: Rc<AttemptInfo<J>>,
    /// Why the next one will be made.
    reason: Reason,
    /// Whether a connection was ready since one was last needed.
    was_ready: bool,
    /// How the last connection or attempt ended, until it is decided what follows.
    ended: Option<CloseReason<J>>,
    /// The error of the last connection or attempt, until one is ready.
    error: Option<Rc<Error<J>>>,
    retry: Retry,
    network: Network,
    /// The last attempt began then.
    attempted_at: Option<Instant>,
    /// The payload of `connection_init` of this attempt, for another socket of the same.
    init_payload: Option<J>,
    /// No attempt begins before: the delay of a failure that nothing waited for.
    not_before: Option<Instant>,
    lost_at: Option<Instant>,
    /// Whether an idle connection was asked for by `connect`, and is kept a little longer.
    connected_on_request: bool,
    /// When operations that were sent before are settled by the next message.
    settles: Option<Instant>,
    /// Operations that may have ended a connection wait for each other; the first of them is tested.
    suspects: VecDeque<OperationId>,
    in_test: Option<OperationId>,
    status: Rc<Status<J>>,
}

impl<J: Json, C> Client<J, C> {
    /// `now`: when the times in the user's `trace` begin.
    pub fn new(config: Config, now: Instant) -> Self {
        let dialects = config.subprotocols;
        let retry = match &config.client {
            Some(client) => {
                Retry::new(client.retry.clone(), client.renews_credentials, client.seed)
            }
            None => Retry::new(None, false, 0),
        };
        let mut context = Context::new(config, now);
        if context.config.traced {
            let options = trace::options(&context.config);
            context.note('!', "options ", &options);
        }
        Client {
            context,
            phase: Phase::Idle,
            attempt: 0,
            detection: Detection::new(dialects),
            offered: dialects,
            refused: None,
            asked: HashMap::new(),
            last_ask: 0,
            url: None,
            socket_url: None,
            dialect: None,
            payloads: Payloads::default(),
            last_connect: 0,
            settled_connect: 0,
            abandoned_connects: 0,
            life: 0,
            failed: None,
            operations: Operations::default(),
            held: Held::default(),
            stopped: Stopped::default(),
            starting: VecDeque::new(),
            attempts: 0,
            attempts_at_ready: 0,
            reason: Reason::First,
            was_ready: false,
            ended: None,
            info: Rc::new(AttemptInfo {
                number: 1,
                reason: Reason::First,
                error: None,
            }),
            error: None,
            retry,
            network: Network::default(),
            attempted_at: None,
            init_payload: None,
            not_before: None,
            lost_at: None,
            connected_on_request: false,
            settles: None,
            suspects: VecDeque::new(),
            in_test: None,
            status: Rc::new(Status {
                state: ClientState::Idle,
                reconnecting: false,
                since: now,
                next_attempt: None,
                lost_at: None,
                failures: 0,
                error: None,
            }),
        }
    }

    /// Connects if the client is not lazy. To be called once, when its driver is ready.
    pub fn start(&mut self, now: Instant) {
        self.context.now = now;
        if self.is_needed() && matches!(self.phase, Phase::Idle) {
            self.begin(Reason::First);
        }
    }

    // ---- what the user does -------------------------------------------------

    /// Starts to connect; [`Output::Connected`] or [`Output::ConnectFailed`] follows with the number
    /// that it returns. A transport fails at once unless idle or closed; a client returns `None` if it
    /// is ready.
    pub fn connect(&mut self, now: Instant) -> Result<Option<ConnectId>, Rc<Error<J>>> {
        self.enter(now, "connect", "");
        if !self.is_client() && !matches!(self.phase, Phase::Idle | Phase::Closed) {
            let error = Error::AlreadyConnected;
            self.context
                .note('=', "connect fails ", &trace::told(&error));
            return Err(Rc::new(error));
        }
        if self.state() == TransportState::Ready {
            self.connected_on_request = true;
            self.rest_if_unneeded();
            return Ok(None);
        }
        self.last_connect = self.last_connect.wrapping_add(1);
        self.connect_if_needed();
        Ok(Some(self.last_connect))
    }

    /// One of those who called `connect` of a client waits no more.
    pub fn abandon_connect(&mut self, connect: ConnectId, now: Instant) {
        self.enter(now, "abandon-connect ", &connect.to_string());
        // It may have been settled, and whoever called it not been told yet. Numbers wrap.
        if self.settled_connect.wrapping_sub(connect) < u32::MAX / 2 {
            return;
        }
        self.abandoned_connects = self.abandoned_connects.saturating_add(1);
        self.rest_if_unneeded();
    }

    /// Replaces the connection, asking the user's functions anew. Settles as
    /// [`connect`](Self::connect) does; `None` if there is no connection to replace.
    pub fn reconnect(&mut self, now: Instant) -> Option<ConnectId> {
        self.enter(now, "reconnect", "");
        if matches!(self.phase, Phase::Idle) {
            return None;
        }
        self.last_connect = self.last_connect.wrapping_add(1);
        self.replace_connection();
        Some(self.last_connect)
    }

    /// Ends the connection: stops the subscriptions, waits for whatever has one answer to come, then
    /// closes the socket. [`Output::Closed`] follows if there is a connection or an attempt at one, and
    /// always of a client that was not closed.
    pub fn close(&mut self, now: Instant) {
        self.enter(now, "close", "");
        match self.state() {
            _ if self.phase.leaving() == Some(Leaving::Replacing) => self.drain(Leaving::Closing),
            TransportState::Ready => self.drain(Leaving::Closing),
            TransportState::Connecting => self.close_at_once(),
            TransportState::Idle if self.is_client() => self.close_at_once(),
            // Takes back what was to follow.
            TransportState::Closing => self.stop_subscriptions(),
            TransportState::Idle | TransportState::Closed => {}
        }
    }

    /// What the host tells of its network and its page.
    pub fn notify(&mut self, hint: Hint, now: Instant) {
        self.enter(now, "notify ", hint.name());
        if self.is_client() {
            self.recv_hint(hint);
        }
    }

    /// Makes an operation, with its queue, and sends it when the connection is ready and the turn is over: what
    /// is left in the same turn is never sent, as servers may miss a stop that comes right behind. Without
    /// a connection, and without an attempt at one, that of a transport has ended with an error at once;
    /// that of a client waits.
    pub fn subscribe(&mut self, request: Request<J>, consumer: C, now: Instant) -> OperationId {
        let verb = match (request.one_answer, request.send_stop) {
            (false, true) => "subscribe ",
            (false, false) => "subscribe-without-stop ",
            (true, true) => "execute ",
            (true, false) => "execute-without-stop ",
        };
        let verb = verb.to_owned() + &trace::lasting(&request.lasting);
        self.context.now = now;
        self.context.note_value('!', &verb, Some(&request.payload));
        let lasting = self.context.config.client.as_ref().map(|client| {
            let waits_for_ever = !request.operation_type.answers_once() && !request.one_answer;
            let by_default = if waits_for_ever {
                None
            } else {
                client.wait_timeout
            };
            let wait_timeout = request.lasting.wait_timeout.unwrap_or(by_default);
            Lasting::new(&request.lasting, wait_timeout, now)
        });
        self.connected_on_request = false;
        let kind = request.operation_type;
        let id = self.operations.insert(request, consumer, lasting);
        let mut offered = self.context.config.subprotocols.iter();
        if !offered.any(|dialect| dialect.has(kind)) {
            self.end_operation(id, Some(Rc::new(Error::UnsupportedOperation)));
            return id;
        }
        match self.state() {
            TransportState::Ready => self.start_later(id),
            // After `connect` it waits for the next connection.
            TransportState::Closing if self.waiting_connects() == 0 => {
                self.end_operation(id, Some(Rc::new(Error::TransportClosed)));
            }
            TransportState::Closed if self.is_client() => {
                self.end_operation(id, Some(Rc::new(Error::TransportClosed)));
            }
            _ if self.is_client() => self.wait(id),
            TransportState::Connecting | TransportState::Closing => {}
            TransportState::Idle | TransportState::Closed => {
                let error = Rc::new(self.not_connected());
                self.end_operation(id, Some(error));
            }
        }
        id
    }

    /// Somebody wants to know when the server has an operation; [`Output::Active`] or
    /// [`Output::NotActive`] follows.
    pub fn watch(&mut self, id: OperationId, now: Instant) {
        self.enter(now, "watch ", &id.to_string());
        self.watch_operation(id);
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll_operation(&mut self, id: OperationId) -> Polled<J> {
        self.operations.poll(id)
    }

    /// The consumer leaves: what is queued is dropped, and if the operation has been sent and is
    /// not over, the server is told, unless the request says not to. Returns who consumed it.
    pub fn leave(&mut self, id: OperationId, now: Instant) -> Option<C> {
        self.operations.get(id)?;
        self.enter(now, "leave ", &id.to_string());
        let operation = self.operations.remove(id)?;
        Some(self.left(operation))
    }

    /// The consumer has the one answer it wanted. A query or a mutation is then ended by the
    /// server, so only another kind of operation has to be stopped, and one whose answer is only the
    /// first part of it.
    pub fn leave_answered(&mut self, id: OperationId, answer: &J, now: Instant) {
        self.context.now = now;
        let Some(operation) = self.operations.remove(id) else {
            return;
        };
        if has_next(answer) || !operation.operation_type().answers_once() {
            self.left(operation);
        } else {
            self.rest_if_unneeded();
        }
    }

    /// Sends a `ping` or a `pong`; `payload`: JSON text, a host string.
    pub fn send(
        &mut self,
        what: Liveness,
        payload: Option<J>,
        now: Instant,
    ) -> Result<(), Rc<Error<J>>> {
        let verb = match what {
            Liveness::Ping => "ping ",
            Liveness::Pong => "pong ",
        };
        self.context.now = now;
        self.context.note_value('!', verb, payload.as_ref());
        let sent = match self.phase.connection_mut() {
            Some(connection) if connection.is_ready() => {
                connection.send(&mut self.context, what, payload)
            }
            _ => Err(self.not_connected()),
        };
        sent.map_err(|error| {
            self.context.note('=', "fails ", &trace::told(&error));
            Rc::new(error)
        })
    }

    // ---- what the user reads --------------------------------------------------

    /// Whether the consumer of an operation would find something in its queue.
    pub fn has_news(&self, id: OperationId) -> bool {
        self.operations.get(id).is_some_and(Operation::has_news)
    }

    /// Who consumes an operation.
    pub fn consumer(&self, id: OperationId) -> Option<&C> {
        self.operations.get(id).map(Operation::consumer)
    }

    pub fn state(&self) -> TransportState {
        match &self.phase {
            Phase::Idle => TransportState::Idle,
            Phase::Connected {
                leaving: Some(Leaving::Closing),
                ..
            } => TransportState::Closing,
            Phase::Connected {
                connection,
                leaving: None,
            } if connection.is_ready() => TransportState::Ready,
            Phase::Preparing { .. } | Phase::Connected { .. } | Phase::Waiting(_) => {
                TransportState::Connecting
            }
            // A client that has given up connects when it is asked to, as one that is idle.
            Phase::Failed => TransportState::Idle,
            Phase::Closed => TransportState::Closed,
        }
    }

    /// Of a client.
    pub fn status(&self) -> &Rc<Status<J>> {
        &self.status
    }

    /// The number that the next call of [`connect`](Self::connect) returns.
    pub fn next_connect(&self) -> ConnectId {
        self.last_connect.wrapping_add(1)
    }

    /// Numbers what the next [`Output::Closed`] ends.
    pub fn life(&self) -> u32 {
        self.life
    }

    /// The URL of the current or the last attempt.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The dialect that is spoken on the current or the last connection.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    pub fn payloads(&self) -> &Payloads<J> {
        &self.payloads
    }

    // ---- what the driver reads ------------------------------------------------

    /// The current or the last attempt to connect.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Whether a socket is still wanted for this attempt.
    pub fn is_opening(&self, attempt: Attempt) -> bool {
        let connection = self.phase.connection();
        attempt == self.attempt && connection.is_some_and(Connection::is_opening)
    }

    /// How the frames look that [`recv_result`](Self::recv_result) and
    /// [`recv_complete`](Self::recv_complete) take; `None` unless the connection is ready.
    pub fn result_envelope(&self) -> Option<ResultEnvelope> {
        self.phase.connection()?.result_envelope()
    }

    /// What has changed for the user interface, if anything has since the last time.
    pub fn poll_status(&mut self) -> Option<Rc<Status<J>>> {
        let status = self.make_status();
        if status.is(&self.status) {
            return None;
        }
        self.status = Rc::new(status);
        Some(self.status.clone())
    }

    // ---- what the user's functions answer ------------------------------------

    /// The answer to [`Question::Url`] or [`Question::InitPayload`]: a host string, or `None` for
    /// nothing. One that comes too late is ignored, here and below.
    pub fn recv_answer(&mut self, ask: AskId, answer: Result<Option<J>, Thrown<J>>, now: Instant) {
        let Some(question) = self.answered(ask, now) else {
            return;
        };
        match (question, answer) {
            (Question::Url(_), Ok(answer)) => {
                let answer = answer.and_then(|url| url.text()).unwrap_or_default();
                let shown = trace::without_secrets(&answer);
                self.context.note('!', "url ", &shown);
                self.network.is_loopback = is_loopback(&answer);
                self.url = Some(answer.clone());
                if self.offered.iter().any(|dialect| dialect.has_handshake()) {
                    self.ask(Question::Handshake);
                } else {
                    self.prepare_url(answer);
                }
            }
            (Question::Handshake, Ok(answer)) => {
                let answer = answer.and_then(|url| url.text()).unwrap_or_default();
                let shown = trace::without_secrets(&answer);
                self.context.note('!', "handshake ", &shown);
                self.prepare_url(answer);
            }
            (Question::Authorise { id, .. }, answer) => {
                let verb = if answer.is_ok() {
                    "authorise "
                } else {
                    "authorise-fails "
                };
                self.context.note('!', verb, &id.to_string());
                self.recv_authorised(id, answer);
            }
            (Question::InitPayload(_), Ok(answer)) => {
                let shown = answer.as_ref().map_or("", |_| trace::REDACTED);
                self.context.note('!', "init-payload ", shown);
                if let Phase::Preparing { init_payload, .. } = &mut self.phase {
                    *init_payload = Some(answer);
                }
                self.open_when_prepared();
            }
            (Question::Url(_), Err(Thrown { message, value })) => {
                self.context.note('!', "url-fails", "");
                self.fail(Rc::new(Error::UrlFailed {
                    why: format!("the url function failed: {message}"),
                    cause: Some(value),
                }));
            }
            (Question::Handshake, Err(Thrown { message, value })) => {
                self.context.note('!', "handshake-fails", "");
                self.fail(Rc::new(Error::CredentialsFailed {
                    why: message,
                    cause: Some(value),
                    ends: Ends::Connection,
                }));
            }
            (Question::InitPayload(_), Err(Thrown { message, value })) => {
                self.context.note('!', "init-payload-fails", "");
                self.fail(Rc::new(Error::InitPayloadFailed {
                    why: format!("the initPayload function failed: {message}"),
                    cause: Some(value),
                }));
            }
            _ => {}
        }
    }

    /// The answer to [`Question::Verdict`]; `None` for what was proposed.
    pub fn recv_verdict(&mut self, ask: AskId, verdict: Option<Verdict>, now: Instant) {
        if let Some(Question::Verdict(failure)) = self.answered(ask, now) {
            let verdict = verdict.unwrap_or(failure.proposed);
            self.context.note('!', "verdict ", trace::verdict(verdict));
            self.obey(verdict, failure);
        }
    }

    /// The answer to [`Question::Delay`]; `None` for what was proposed.
    pub fn recv_delay(&mut self, ask: AskId, delay: Option<Millis>, now: Instant) {
        if let Some(Question::Delay(failure)) = self.answered(ask, now) {
            let delay = delay.unwrap_or(failure.proposed_delay);
            self.context.note('!', "delay ", &delay.0.to_string());
            self.delay(delay);
        }
    }

    /// The answer to [`Question::Resume`]: the request as JSON text and where it goes on, or `None` for
    /// the request as it was.
    pub fn recv_request(
        &mut self,
        ask: AskId,
        answer: Result<Option<(J, J)>, Thrown<J>>,
        now: Instant,
    ) {
        if let Some(Question::Resume(id)) = self.answered(ask, now) {
            self.resume(id, answer);
        }
    }

    /// What a user function was asked.
    fn answered(&mut self, ask: AskId, now: Instant) -> Option<Question<J>> {
        let question = self.asked.remove(&ask)?;
        self.context.now = now;
        Some(question)
    }

    // ---- what the host says --------------------------------------------------

    /// The socket is open; `subprotocol` is the server's choice, empty for none.
    pub fn recv_opened(&mut self, attempt: Attempt, subprotocol: &str, now: Instant) {
        if !self.hears(attempt, now, "opened ", super::dialect::shown(subprotocol)) {
            return;
        }
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        match connection.recv_opened(&mut self.context, subprotocol) {
            Ok(Some(dialect)) => self.dialect = Some(dialect),
            Ok(None) => {}
            Err(error) => self.fail(Rc::new(error)),
        }
    }

    /// A message came.
    pub fn recv_frame(&mut self, attempt: Attempt, frame: Frame<J>, now: Instant) {
        if attempt != self.attempt {
            return;
        }
        self.context.now = now;
        match &frame {
            Frame::Json(frame) => {
                if self.context.config.traced {
                    match frame.stringify() {
                        Some(text) => self.context.note_value('<', "", Some(&text)),
                        None => self.context.note('<', "a message nested too deeply", ""),
                    }
                }
            }
            Frame::NotJson(text) => self.context.note('<', "", text),
            Frame::Binary => self.context.note('<', "binary", ""),
        }
        self.end_turn();
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        match connection.recv_frame(&mut self.context, frame) {
            Ok(received) => {
                for received in received {
                    self.recv(received);
                }
                self.settle_by_time();
            }
            Err(error) => self.fail(error),
        }
    }

    /// What a frame says.
    fn recv(&mut self, received: Received<J>) {
        match received {
            Received::Acknowledged {
                payload,
                longest_silence,
            } => self.recv_ack(payload, longest_silence),
            Received::Refused { payload, why } => {
                self.fail(Rc::new(Error::ConnectionError { payload, why }));
            }
            Received::Broken(error) => self.fail(Rc::new(error)),
            Received::Started { id } => self.recv_started(id),
            Received::Reply(message) => {
                if let Some(connection) = self.phase.connection_mut() {
                    connection.reply(&mut self.context, message);
                }
            }
            Received::Next { id, result } => self.queue_result(id, result),
            Received::KeepAlive => {
                if let Some(connection) = self.phase.connection_mut() {
                    connection.recv_keep_alive(&mut self.context);
                }
            }
            Received::Failed {
                id: operation_id,
                payload,
                is_denied,
            } => {
                let error = Error::QueryError {
                    operation_id,
                    payload,
                };
                self.recv_failed(operation_id, Rc::new(error), is_denied);
            }
            Received::Malformed { id, error } => self.recv_malformed(id, error),
            Received::Tolerated(error) => {
                if let Some(connection) = self.phase.connection_mut() {
                    connection.tolerate(&mut self.context, error);
                }
            }
            Received::Completed { id } => {
                self.stopped.forget(id);
                self.settle(id, true);
                if let Some(connection) = self.phase.connection_mut() {
                    connection.settled(id);
                }
                self.end_operation(id, None);
                self.rest_if_unneeded();
            }
            Received::Ping { payload } => {
                self.payloads.ping = payload.clone();
                if let Some(connection) = self.phase.connection_mut() {
                    connection.recv_ping(&mut self.context, payload);
                }
            }
            Received::Pong { payload } => {
                self.payloads.pong = payload.clone();
                self.context.event(Event::Liveness {
                    what: Liveness::Pong,
                    received: true,
                    payload,
                });
            }
            // Servers say so of a message that they cannot read, and go on.
            Received::ServerError { payload } => {
                let error = Rc::new(Error::ServerError { payload });
                if let Some(connection) = self.phase.connection_mut() {
                    connection.recv_complaint(&mut self.context, error);
                }
            }
        }
    }

    /// The short way for a frame that carries a result and nothing else. Like
    /// [`recv_frame`](Self::recv_frame), but returns the operation to wake if nothing else follows,
    /// in place of an output. The `clock` is read only if something depends on the time.
    pub fn recv_result(
        &mut self,
        attempt: Attempt,
        id: OperationId,
        result: J,
        clock: impl Fn() -> Instant,
    ) -> Option<&Operation<J, C>> {
        if self.depends_on_time() {
            self.context.now = clock();
        }
        self.heard(attempt)?;
        if self.held.is_awaited {
            self.context.now = clock();
            self.end_turn();
            self.queue_result(id, result);
            self.settle_by_time();
            return None;
        }
        if self.settles.is_some() || self.operations.get(id).is_some_and(Operation::is_special) {
            self.context.now = clock();
            self.queue_result(id, result);
            self.settle_by_time();
            return None;
        }
        if !self.stopped.is_empty() && !self.operations.get(id).is_some_and(Operation::is_live) {
            self.stop_again(id);
            return None;
        }
        self.operations.push(id, result)
    }

    /// A user function has looked at a result of an operation, which is one that did not come before.
    pub fn recv_examined(&mut self, id: OperationId, result: J, now: Instant) {
        self.context.now = now;
        self.accept_result(id, result);
    }

    /// The short way for a frame that ends an operation and says nothing else.
    pub fn recv_complete(&mut self, attempt: Attempt, id: OperationId, now: Instant) {
        self.context.now = now;
        if self.heard(attempt).is_some() {
            self.end_turn();
            self.recv(Received::Completed { id });
            self.settle_by_time();
        }
    }

    /// The answer to [`Output::AwaitTurnEnd`].
    pub fn recv_turn_end(&mut self, now: Instant) {
        self.context.now = now;
        self.end_turn();
    }

    /// The frame that starts an operation was not sent: the socket was closing already.
    pub fn recv_unsent(&mut self, attempt: Attempt, id: OperationId, now: Instant) {
        if attempt == self.attempt && self.is_client() {
            self.context.now = now;
            self.unsend(id);
        }
    }

    /// The host says that something is wrong with the socket, in its own words.
    pub fn recv_socket_error(&mut self, attempt: Attempt, message: &str, said: J, now: Instant) {
        if !self.hears(attempt, now, "error ", message) {
            return;
        }
        if let Some(connection) = self.phase.connection_mut()
            && let Some(error) = connection.recv_socket_error(message, said)
        {
            self.fail_to_open(error);
        }
    }

    /// The host would not make the socket, or not send on it.
    pub fn recv_socket_failed(&mut self, attempt: Attempt, why: &str, cause: J, now: Instant) {
        let heard = self.hears(attempt, now, "refuses ", why);
        let has_attempt = matches!(
            self.phase,
            Phase::Preparing { .. } | Phase::Connected { .. }
        );
        if heard && has_attempt {
            let why = why.to_owned();
            self.fail(Rc::new(Error::SocketFailed { why, cause }));
        }
    }

    /// The socket is closed.
    pub fn recv_closed(&mut self, attempt: Attempt, close: Close, now: Instant) {
        if !self.hears(attempt, now, "closed ", &trace::close(&close)) {
            return;
        }
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        match connection.recv_closed(close.clone()) {
            Ended::Closed => self.recv_goodbye(Some(close), false),
            Ended::Refused(error) => self.fail_to_open(error),
            Ended::Lost(error) => self.fail(Rc::new(error)),
            Ended::HandshakeRefused {
                error,
                dialect_to_blame,
                other,
            } => match (self.refused.take(), other) {
                // Of a server that speaks neither dialect, the first refusal tells more.
                (Some(first), _) if dialect_to_blame => self.fail(first),
                (None, Some(other)) if dialect_to_blame => {
                    self.refused = Some(Rc::new(error));
                    self.context.push(Output::DropSocket { terminate: false });
                    self.prepare(other.only());
                }
                _ => self.fail(Rc::new(error)),
            },
        }
    }

    // ---- time -----------------------------------------------------------------

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.context.timers.next_deadline()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.context.now = now;
        while let Some((timer, deadline)) = self.context.timers.expire(now) {
            match timer {
                Timer::Connect => {
                    let mut error = timeout(
                        TimeLimit::Connect,
                        self.waits_to_connect_for(),
                        self.context.config.connect_timeout,
                    );
                    if let Error::Timeout { url, .. } = &mut error
                        && matches!(self.phase, Phase::Connected { .. })
                    {
                        *url = self.socket_url.as_deref().map(trace::without_secrets);
                    }
                    self.fail(Rc::new(error));
                }
                Timer::Drain => self.close_socket(),
                Timer::Goodbye => self.recv_goodbye(None, true),
                Timer::Subscribe if self.is_client() && has_slept(deadline, now) => {
                    self.wake(timer);
                }
                Timer::Subscribe => self.give_up_starting(),
                Timer::Settle => self.settle_later(),
                Timer::Uptime => {
                    self.retry.forget();
                    self.context.push(Output::Status);
                }
                Timer::Idle => self.rest(),
                Timer::Retry => self.recv_delay_over(),
                Timer::Wait => self.give_up_waiting(),
                Timer::Ack | Timer::Ping | Timer::Pong | Timer::KeepAlive | Timer::Probe => {
                    if self.is_client() && has_slept(deadline, now) {
                        self.wake(timer);
                    } else if let Some(connection) = self.phase.connection_mut()
                        && let Err(error) = connection.handle_timeout(&mut self.context, timer)
                    {
                        self.fail(Rc::new(error));
                    }
                }
            }
        }
    }

    // ---- what comes out -------------------------------------------------------

    /// What is to be performed, in this order, before what the next call gives.
    pub fn take_outputs(&mut self) -> Vec<Output<J>> {
        self.context.take_outputs()
    }

    // ---- inside ---------------------------------------------------------------

    /// Whether operations outlive connections.
    pub fn is_client(&self) -> bool {
        self.context.config.client.is_some()
    }

    /// The user does something.
    fn enter(&mut self, now: Instant, verb: &str, rest: &str) {
        self.context.now = now;
        self.context.note('!', verb, rest);
    }

    /// The host says something of the socket of an attempt; `false` if that was given up.
    fn hears(&mut self, attempt: Attempt, now: Instant, verb: &str, rest: &str) -> bool {
        let is_current = attempt == self.attempt;
        if is_current {
            self.context.now = now;
            self.context.note('<', verb, rest);
        }
        is_current
    }

    /// A sign of life from a server that has acknowledged; `None` from any other.
    fn heard(&mut self, attempt: Attempt) -> Option<()> {
        let connection = self.phase.connection_mut()?;
        if attempt != self.attempt || !connection.is_ready() {
            return None;
        }
        connection.heard(&mut self.context);
        Some(())
    }

    /// Whether it matters when a result comes: the answer that `close` waits for closes the socket, which has
    /// a time limit; a server that cannot be asked for a sign of life is judged by its last one.
    fn depends_on_time(&self) -> bool {
        let needs_time = |connection: &Connection<J>| {
            connection.limits_silence(&self.context) || self.is_client() && !connection.has_ping()
        };
        self.phase.leaving().is_some() || self.phase.connection().is_some_and(needs_time)
    }

    fn not_connected(&self) -> Error<J> {
        let last = self.failed.clone();
        Error::NotConnected { last }
    }

    /// Asks a user function.
    fn ask(&mut self, question: Question<J>) -> AskId {
        self.last_ask = self.last_ask.wrapping_add(1);
        let ask = self.last_ask;
        self.asked.insert(ask, question.clone());
        self.context.push(Output::Ask { ask, question });
        ask
    }

    /// Goes to another phase, which a user interface may show.
    fn go(&mut self, phase: Phase<J>) {
        self.phase = phase;
        if self.is_client() {
            self.context.push(Output::Status);
        }
    }

    fn make_status(&self) -> Status<J> {
        let state = match &self.phase {
            Phase::Idle => ClientState::Idle,
            Phase::Preparing { .. } => ClientState::Connecting,
            Phase::Connected {
                leaving: Some(Leaving::Closing),
                ..
            } => ClientState::Closing,
            Phase::Connected { connection, .. } if connection.is_ready() => ClientState::Ready,
            Phase::Connected { .. } => ClientState::Connecting,
            Phase::Waiting(Next::Delay { offline: true, .. }) => ClientState::Offline,
            Phase::Waiting(_) => ClientState::Waiting,
            Phase::Failed => ClientState::Failed,
            Phase::Closed => ClientState::Closed,
        };
        let is_on_the_way = matches!(
            state,
            ClientState::Connecting | ClientState::Waiting | ClientState::Offline
        );
        Status {
            state,
            reconnecting: is_on_the_way && self.was_ready,
            since: if state == self.status.state {
                self.status.since
            } else {
                self.context.now
            },
            next_attempt: match &self.phase {
                Phase::Waiting(Next::Delay { until, .. }) => Some(*until),
                _ => None,
            },
            lost_at: self.lost_at,
            failures: self.retry.failures(),
            error: self.error.clone(),
        }
    }
}

/// With incremental delivery: whether more of this result follows.
fn has_next<J: Json>(result: &J) -> bool {
    result.get("hasNext").is_some_and(|more| more.is_true())
}

/// How late a timer has to be to show that the host stood still.
const LATE: Millis = Millis(5_000);

fn has_slept(deadline: Instant, now: Instant) -> bool {
    now.since(deadline) >= LATE
}

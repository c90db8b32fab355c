//! The operations, and the connections that carry them one after the other: a state machine
//! without a socket, a clock or a host.
//!
//! ```text
//!           connect        url, initPayload                 close
//!   Idle ────────────▶ Preparing ──────────▶ Connected ──────────────▶ Connected, draining
//!                         ▲ │ ▲                  │                          │
//!                 connect │ │ └─ other dialect ──┤                          │
//!                         │ ▼ failed, closed     ▼ socket ended             ▼
//!                       Closed ◀─────────────────────────────────────────────
//! ```
//!
//! It never connects by itself, and reconnects only to try the other dialect: that is the policy of
//! a transport.

use std::rc::Rc;

use super::config::Config;
use super::connection::{Connection, Ended, timeout};
use super::dialect::{Dialect, Offer, ResultEnvelope};
use super::error::{Class, Close, Error, TimeLimit};
use super::json::Json;
use super::message::{Frame, Liveness, OperationId, Received};
use super::operations::{Operation, Operations, Polled, Request};
use super::output::{AskId, Attempt, CloseReason, Context, Event, Output, Question};
use super::time::Instant;
use super::timer::Timer;
use super::trace;

/// What a user can read of the state.
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
        /// `close` was called; waits for the operations, and then for the socket.
        draining: bool,
    },
    Closed,
}

impl<J> Phase<J> {
    fn connection(&self) -> Option<&Connection<J>> {
        match self {
            Phase::Connected { connection, .. } => Some(connection),
            Phase::Idle | Phase::Preparing { .. } | Phase::Closed => None,
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection<J>> {
        match self {
            Phase::Connected { connection, .. } => Some(connection),
            Phase::Idle | Phase::Preparing { .. } | Phase::Closed => None,
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
    /// The last operation that was made before `connect`: those behind it wait.
    made_before: OperationId,
    /// The dialects in order of preference: the user's, but the one that a server was found to
    /// speak comes first.
    dialects: Offer,
    /// Those of the current attempt.
    offered: Offer,
    /// How the server refused the dialect that it picked, while the other is tried.
    refused: Option<Rc<Error<J>>>,
    /// What the user's functions have not answered yet.
    asked: Vec<(AskId, Question)>,
    last_ask: AskId,
    /// Of the current or the last attempt, once they are known.
    url: Option<String>,
    dialect: Option<Dialect>,
    payloads: Payloads<J>,
    /// Why the last connection, or attempt at one, failed. Only the text: the error could keep host
    /// objects alive.
    failed: Option<String>,
    operations: Operations<J, C>,
}

impl<J: Json, C> Client<J, C> {
    /// `now`: when the times in the user's `trace` begin.
    pub fn new(config: Config, now: Instant) -> Self {
        let dialects = config.subprotocols;
        let mut context = Context::new(config, now);
        if context.config.traced {
            let options = trace::options(&context.config);
            context.note('!', "options ", &options);
        }
        Client {
            context,
            phase: Phase::Idle,
            attempt: 0,
            made_before: 0,
            dialects,
            offered: dialects,
            refused: None,
            asked: Vec::new(),
            last_ask: 0,
            url: None,
            dialect: None,
            payloads: Payloads::default(),
            failed: None,
            operations: Operations::default(),
        }
    }

    // ---- what the user does -------------------------------------------------

    /// Starts to connect; [`Output::Connected`] or [`Output::ConnectFailed`] follows. Fails at once
    /// unless idle or closed.
    pub fn connect(&mut self, now: Instant) -> Result<(), Rc<Error<J>>> {
        self.enter(now, "connect", "");
        if !matches!(self.phase, Phase::Idle | Phase::Closed) {
            let error = Error::AlreadyConnected;
            self.context
                .note('=', "connect fails ", &trace::told(&error));
            return Err(Rc::new(error));
        }
        self.refused = None;
        self.failed = None;
        self.made_before = self.operations.last_id();
        self.prepare(self.dialects);
        Ok(())
    }

    /// Ends the connection: stops the subscriptions, waits for whatever has one answer to come, then
    /// closes the socket. [`Output::Closed`] follows if there is a connection or an attempt at one.
    pub fn close(&mut self, now: Instant) {
        self.enter(now, "close", "");
        match self.state() {
            TransportState::Ready => self.drain(),
            TransportState::Connecting => self.fail(Rc::new(Error::TransportClosed)),
            TransportState::Idle | TransportState::Closing | TransportState::Closed => {}
        }
    }

    /// Makes an operation, with its queue, and sends it as soon as the connection is ready. Without
    /// a connection, and without an attempt at one, it has ended with an error at once.
    pub fn subscribe(&mut self, request: Request<J>, consumer: C, now: Instant) -> OperationId {
        let verb = match (request.one_answer, request.send_stop) {
            (false, true) => "subscribe ",
            (false, false) => "subscribe-without-stop ",
            (true, true) => "execute ",
            (true, false) => "execute-without-stop ",
        };
        self.context.now = now;
        self.context.note_value('!', verb, Some(&request.payload));
        let id = self.operations.insert(request, consumer);
        match self.state() {
            TransportState::Ready => self.start_operation(id),
            TransportState::Connecting => {}
            TransportState::Closing => {
                self.end_operation(id, Some(Rc::new(Error::TransportClosed)));
            }
            TransportState::Idle | TransportState::Closed => {
                let error = Rc::new(self.not_connected());
                self.end_operation(id, Some(error));
            }
        }
        id
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll_operation(&mut self, id: OperationId) -> Polled<J> {
        self.operations.poll(id)
    }

    /// The consumer leaves: what is queued is dropped, and if the operation has been sent and is
    /// not over, the server is told, unless the request says not to. Returns who consumed it.
    pub fn leave(&mut self, id: OperationId, now: Instant) -> Option<C> {
        let operation = self.operations.remove(id)?;
        self.enter(now, "leave ", &id.to_string());
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
            self.close_socket_when_drained();
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
            Phase::Preparing { .. } => TransportState::Connecting,
            Phase::Connected { draining: true, .. } => TransportState::Closing,
            Phase::Connected { connection, .. } if connection.is_ready() => TransportState::Ready,
            Phase::Connected { .. } => TransportState::Connecting,
            Phase::Closed => TransportState::Closed,
        }
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

    /// Whether [`recv_result`](Self::recv_result) has to be told the time.
    pub fn wants_clock(&self) -> bool {
        // The answer that the last operation waits for closes the socket, which has a time limit.
        let is_draining = matches!(self.phase, Phase::Connected { draining: true, .. });
        is_draining || self.context.config.keep_alive_timeout.is_some()
    }

    // ---- what the user's functions answer ------------------------------------

    /// The answer to [`Output::Ask`]: a host string, or `None` for nothing. One that comes
    /// too late is ignored.
    pub fn recv_answer(&mut self, ask: AskId, answer: Result<Option<J>, Thrown<J>>, now: Instant) {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == ask) else {
            return;
        };
        let (_, question) = self.asked.swap_remove(at);
        self.context.now = now;
        match (question, answer) {
            (Question::Url, Ok(answer)) => {
                let answer = answer.and_then(|url| url.text()).unwrap_or_default();
                let shown = trace::without_secrets(&answer);
                self.context.note('!', "url ", &shown);
                self.url = Some(answer.clone());
                if let Phase::Preparing { url, .. } = &mut self.phase {
                    *url = Some(answer);
                }
                self.open_when_prepared();
            }
            (Question::InitPayload, Ok(answer)) => {
                let shown = answer.as_ref().map_or("", |_| trace::REDACTED);
                self.context.note('!', "init-payload ", shown);
                if let Phase::Preparing { init_payload, .. } = &mut self.phase {
                    *init_payload = Some(answer);
                }
                self.open_when_prepared();
            }
            (Question::Url, Err(Thrown { message, value })) => {
                self.context.note('!', "url-fails", "");
                self.fail(Rc::new(Error::UrlFailed {
                    why: format!("the url function failed: {message}"),
                    cause: Some(value),
                }));
            }
            (Question::InitPayload, Err(Thrown { message, value })) => {
                self.context.note('!', "init-payload-fails", "");
                self.fail(Rc::new(Error::InitPayloadFailed {
                    why: format!("the initPayload function failed: {message}"),
                    cause: Some(value),
                }));
            }
        }
    }

    // ---- what the host says --------------------------------------------------

    /// The socket is open; `subprotocol` is the server's choice, empty for none.
    pub fn recv_opened(&mut self, attempt: Attempt, subprotocol: &str, now: Instant) {
        if !self.hears(attempt, now, "opened ", subprotocol) {
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
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        match connection.recv_frame(&mut self.context, frame) {
            Ok(received) => {
                for received in received {
                    self.recv(received);
                }
            }
            Err(error) => self.fail(error),
        }
    }

    /// What a frame says.
    fn recv(&mut self, received: Received<J>) {
        match received {
            Received::Acknowledged { payload } => self.recv_ack(payload),
            Received::Refused { payload } => self.fail(Rc::new(Error::ConnectionError { payload })),
            Received::Next { id, result } => self.queue_result(id, result),
            Received::Failed {
                id: operation_id,
                payload,
            } => {
                let error = Error::QueryError {
                    operation_id,
                    payload,
                };
                self.end_operation(operation_id, Some(Rc::new(error)));
                self.close_socket_when_drained();
            }
            Received::Completed { id } => {
                self.end_operation(id, None);
                self.close_socket_when_drained();
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
                self.context.event(Event::Error(error));
            }
        }
    }

    /// The short way for a frame that carries a result and nothing else. Like
    /// [`recv_frame`](Self::recv_frame), but returns the operation to wake if nothing else follows,
    /// in place of an output. `now` may be missing unless
    /// [`wants_clock`](Self::wants_clock).
    pub fn recv_result(
        &mut self,
        attempt: Attempt,
        id: OperationId,
        result: J,
        now: Option<Instant>,
    ) -> Option<&Operation<J, C>> {
        self.heard(attempt, now)?;
        if self
            .operations
            .get(id)
            .is_some_and(Operation::ends_with_answer)
        {
            self.queue_result(id, result);
            return None;
        }
        self.operations.push(id, result)
    }

    /// The short way for a frame that ends an operation and says nothing else.
    pub fn recv_complete(&mut self, attempt: Attempt, id: OperationId, now: Instant) {
        if self.heard(attempt, Some(now)).is_some() {
            self.recv(Received::Completed { id });
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
        if heard && !matches!(self.phase, Phase::Idle | Phase::Closed) {
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
            Ended::Closed => self.finish(
                false,
                CloseReason {
                    close: Some(close),
                    error: None,
                },
            ),
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
        while let Some(timer) = self.context.timers.expire(now) {
            match timer {
                Timer::Connect => {
                    let error = timeout(
                        TimeLimit::Connect,
                        self.waits_to_connect_for(),
                        self.context.config.connect_timeout,
                    );
                    self.fail(Rc::new(error));
                }
                Timer::Drain => self.close_socket(),
                Timer::Goodbye => self.finish(
                    true,
                    CloseReason {
                        close: Some(Close::lost()),
                        error: None,
                    },
                ),
                Timer::Ack | Timer::Ping | Timer::Pong | Timer::KeepAlive => {
                    if let Some(connection) = self.phase.connection_mut()
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
    fn heard(&mut self, attempt: Attempt, now: Option<Instant>) -> Option<()> {
        let connection = self.phase.connection_mut()?;
        if attempt != self.attempt || !connection.is_ready() {
            return None;
        }
        if let Some(now) = now {
            self.context.now = now;
        }
        connection.heard(&mut self.context);
        Some(())
    }

    fn not_connected(&self) -> Error<J> {
        let last = self.failed.clone();
        Error::NotConnected { last }
    }

    /// Asks a user function.
    fn ask(&mut self, question: Question) {
        self.last_ask = self.last_ask.wrapping_add(1);
        let ask = self.last_ask;
        self.asked.push((ask, question));
        self.context.push(Output::Ask { ask, question });
    }

    /// Begins an attempt to connect: the user's functions are asked anew for each.
    fn prepare(&mut self, offered: Offer) {
        self.attempt = self.attempt.wrapping_add(1);
        self.offered = offered;
        self.url = None;
        self.dialect = None;
        self.payloads = Payloads::default();
        self.phase = Phase::Preparing {
            url: None,
            init_payload: None,
        };
        self.context.timers.stop_all();
        self.context
            .start_timer(Timer::Connect, self.context.config.connect_timeout);
        let retry = self.refused.is_some();
        self.context.event(Event::Connecting { retry });
        self.ask(Question::Url);
        self.ask(Question::InitPayload);
    }

    fn open_when_prepared(&mut self) {
        if let Phase::Preparing {
            url: Some(url),
            init_payload: Some(init_payload),
        } = &mut self.phase
        {
            let connection = Connection::open(
                &mut self.context,
                self.attempt,
                std::mem::take(url),
                self.offered,
                init_payload.take(),
            );
            self.phase = Phase::Connected {
                connection,
                draining: false,
            };
        }
    }

    fn waits_to_connect_for(&self) -> &'static str {
        match &self.phase {
            Phase::Preparing {
                url: None,
                init_payload: None,
            } => "the url function and the initPayload function did not settle",
            Phase::Preparing { url: None, .. } => "the url function did not settle",
            Phase::Preparing { .. } => "the initPayload function did not settle",
            _ => "the WebSocket did not open",
        }
    }

    fn recv_ack(&mut self, payload: Option<J>) {
        self.payloads.connection_ack = payload.clone();
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        if !connection.recv_ack(&mut self.context) {
            return;
        }
        if self.refused.take().is_some()
            && let Some(spoken) = self.dialect
        {
            // The next time it is asked for this one first.
            self.dialects = spoken.first();
        }
        self.context.push(Output::Connected { payload });
        // In the order in which they were made, as mutations may depend on it.
        while self.made_before != self.operations.last_id() {
            self.made_before = self.made_before.wrapping_add(1);
            self.start_operation(self.made_before);
        }
    }

    fn start_operation(&mut self, id: OperationId) {
        if let Some(connection) = self.phase.connection_mut()
            && let Some(payload) = self.operations.start(id, connection.completes_answers())
        {
            connection.start(&mut self.context, id, payload);
        }
    }

    fn stop_operation(&mut self, id: OperationId) {
        if let Some(connection) = self.phase.connection_mut() {
            connection.stop(&mut self.context, id);
        }
    }

    fn end_operation(&mut self, id: OperationId, error: Option<Rc<Error<J>>>) {
        if self.operations.end(id, error) {
            self.context.push(Output::Wake(id));
        }
    }

    /// What follows when the consumer of an operation has left. Returns the consumer.
    fn left(&mut self, operation: Operation<J, C>) -> C {
        if operation.is_live() && operation.send_stop() {
            self.stop_operation(operation.id());
        }
        self.close_socket_when_drained();
        operation.into_consumer()
    }

    /// Queues a result, and ends the operation behind it if no other end can be counted on. With
    /// incremental delivery the server says whether there is more.
    fn queue_result(&mut self, id: OperationId, result: J) {
        let ends = self
            .operations
            .get(id)
            .is_some_and(Operation::ends_with_answer)
            && !has_next(&result);
        if self.operations.push(id, result).is_some() {
            self.context.push(Output::Wake(id));
            if ends {
                self.end_operation(id, None);
                self.close_socket_when_drained();
            }
        }
    }

    fn end_operations(&mut self, error: &Rc<Error<J>>) {
        for id in self.operations.unfinished() {
            self.end_operation(id, Some(error.clone()));
        }
    }

    /// Stops the subscriptions, and waits for the other operations.
    fn drain(&mut self) {
        if let Phase::Connected { draining, .. } = &mut self.phase {
            *draining = true;
        }
        self.context
            .start_timer(Timer::Drain, self.context.config.close_timeout);
        for id in self.operations.unfinished() {
            let stops = self
                .operations
                .get(id)
                .is_some_and(|operation| operation.send_stop() && !operation.ends_soon());
            if stops {
                // The specification has no answer to a client's `complete`, so this is the end.
                self.stop_operation(id);
                self.end_operation(id, None);
            }
        }
        self.close_socket_when_drained();
    }

    fn close_socket_when_drained(&mut self) {
        if let Phase::Connected {
            connection,
            draining: true,
        } = &self.phase
            && connection.is_ready()
            && self.operations.all_over()
        {
            self.close_socket();
        }
    }

    fn close_socket(&mut self) {
        self.end_operations(&Rc::new(Error::TransportClosed));
        if let Some(connection) = self.phase.connection_mut() {
            connection.close(&mut self.context);
        }
    }

    fn fail_to_open(&mut self, error: Error<J>) {
        // Of a second try that did not get as far as the first, the first tells more.
        let error = self.refused.take().unwrap_or_else(|| Rc::new(error));
        self.fail(error);
    }

    /// Ends the connection, or the attempt at one, with an error for all who wait.
    fn fail(&mut self, error: Rc<Error<J>>) {
        if self.state() == TransportState::Connecting {
            self.context.push(Output::ConnectFailed(error.clone()));
        }
        let farewell = error
            .farewell()
            .filter(|_| self.phase.connection().is_some());
        if let Some((code, reason)) = farewell {
            self.context.push(Output::CloseSocket { code, reason });
        }
        self.end_operations(&error);
        // A server that let a time pass cannot be expected to answer a close.
        let terminate = error.class() == Class::Timeout;
        let close = match error.close() {
            Some(close) => Some(close.clone()),
            None => farewell.map(|(code, reason)| Close {
                code,
                reason: reason.to_owned(),
                was_clean: false,
            }),
        };
        let by_user = matches!(*error, Error::TransportClosed);
        if !by_user {
            self.context.event(Event::Error(error.clone()));
        }
        let error = (!by_user).then_some(error);
        self.finish(terminate, CloseReason { close, error });
    }

    fn finish(&mut self, terminate: bool, reason: CloseReason<J>) {
        self.context.timers.stop_all();
        self.refused = None;
        self.asked.clear();
        self.phase = Phase::Closed;
        self.failed = reason.error.as_ref().map(|error| error.to_string());
        self.context.push(Output::DropSocket { terminate });
        self.context.push(Output::Closed(reason));
    }
}

/// With incremental delivery: whether more of this result follows.
fn has_next<J: Json>(result: &J) -> bool {
    result.get("hasNext").is_some_and(|more| more.is_true())
}

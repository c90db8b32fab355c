//! The connection of a transport, from `connect` to `close` and round again: a state machine
//! without a socket, a clock or a host.
//!
//! ```text
//!           connect        url, initPayload      opened         connection_ack
//!   Idle ────────────▶ Preparing ──────────▶ Opening ──────▶ Initialising ──────▶ Ready
//!                         ▲ │                   │                │                  │ close
//!                 connect │ │ failed, closed    │                │                  ▼
//!                         │ ▼                   ▼                ▼    socket     Draining
//!                       Closed ◀───────────────────────────────────── ended ◀───    │ operations over
//!                         ▲                                                         ▼
//!                         └──────────────────────────────────────────────────── Closing
//! ```

use std::rc::Rc;

use crate::close_code;
use crate::config::Config;
use crate::error::{Class, Close, Code, Detail, Error};
use crate::json::{Json, Kind};
use crate::message::{ClientMessage, Frame, OperationId};
use crate::operations::{Operation, Operations, Polled, Request};
use crate::protocol::{Dialect, Message, Offer, Received};
use crate::time::{Instant, Millis};
use crate::timer::{Timer, Timers};

/// Numbers the attempts to connect. What the host says carries the attempt that it belongs to,
/// so that a socket which was given up can say nothing any more.
pub type Attempt = u32;

/// What a user can read of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportState {
    Idle,
    Connecting,
    Ready,
    Closing,
    Closed,
}

/// What the driver has to do.
#[derive(Clone, Debug)]
pub enum Output<J> {
    /// Find out the URL, then call [`Connection::recv_url`].
    AskUrl { attempt: Attempt },
    /// Find out the payload of `connection_init`, then call [`Connection::recv_init_payload`].
    AskInitPayload { attempt: Attempt },
    /// Open a socket and tell what becomes of it by the `recv_*` methods.
    Open {
        attempt: Attempt,
        url: String,
        subprotocols: Offer,
    },
    /// Send a text message on the socket.
    Transmit(String),
    /// Begin to close the socket.
    CloseSocket { code: u16, reason: &'static str },
    /// Have nothing more to do with the socket; `terminate` if the server cannot be expected to
    /// say goodbye.
    DropSocket { terminate: bool },
    /// `connect` has succeeded.
    Connected,
    /// `connect` has failed.
    ConnectFailed(Rc<Error<J>>),
    /// An operation has something for its consumer: see [`Connection::poll_operation`].
    Wake(OperationId),
    /// The connection is over; `close` and `wait_closed` have what they waited for.
    Closed(CloseReason<J>),
    /// Something that nobody waits for, but that a user may want to know.
    Event(Event<J>),
}

/// What a user may want to know, beside what is told by the other [`Output`]s.
#[derive(Clone, Debug)]
pub enum Event<J> {
    /// An attempt to connect begins. `retry`: the server closed the first in the dialect that it
    /// picked, and the other is tried.
    Connecting { retry: bool },
    /// The socket is open.
    Opened,
    /// A `ping` came, or is sent.
    Ping { received: bool, payload: Option<J> },
    /// A `pong` came, or is sent.
    Pong { received: bool, payload: Option<J> },
    /// The connection failed, or the server tells of an error that is no operation's.
    Error(Rc<Error<J>>),
}

/// How the last connection, or attempt at one, ended.
#[derive(Clone, Debug)]
pub struct CloseReason<J> {
    /// How its socket ended; `None` if there was no socket yet.
    pub close: Option<Close>,
    /// What went wrong; `None` after `close()`.
    pub error: Option<Rc<Error<J>>>,
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// Waits for the URL and for the payload of `connection_init`.
    Preparing,
    /// Waits for the socket to open.
    Opening,
    /// Waits for `connection_ack`.
    Initialising,
    Ready,
    /// `close` was called; waits for the operations.
    Draining,
    /// The socket was told to close; waits until it has.
    Closing,
    Closed,
}

/// The connection and the operations on it.
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
pub struct Connection<J, C> {
    config: Config,
    state: State,
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
    /// Of the current or the last attempt, once it is known.
    url: Option<String>,
    /// The payload of `connection_init`, from when it is known until it is sent.
    init_payload: Option<Option<String>>,
    dialect: Option<Dialect>,
    payloads: Payloads<J>,
    close_reason: Option<CloseReason<J>>,
    /// What the host said of an open socket before it closes.
    socket_error: Option<J>,
    operations: Operations<J, C>,
    timers: Timers,
    last_heard: Instant,
    outputs: Vec<Output<J>>,
}

impl<J: Json, C> Connection<J, C> {
    pub fn new(config: Config) -> Self {
        Connection {
            dialects: config.subprotocols,
            offered: &[],
            refused: None,
            config,
            state: State::Idle,
            attempt: 0,
            made_before: 0,
            url: None,
            init_payload: None,
            dialect: None,
            payloads: Payloads::default(),
            close_reason: None,
            socket_error: None,
            operations: Operations::default(),
            timers: Timers::default(),
            last_heard: Instant(0),
            outputs: Vec::new(),
        }
    }

    // ---- what the user does -------------------------------------------------

    /// Starts to connect. [`Output::Connected`] or [`Output::ConnectFailed`] follows, unless it
    /// is an error at once, because it is not the time to connect.
    pub fn connect(&mut self, now: Instant) -> Result<(), Rc<Error<J>>> {
        if !matches!(self.state, State::Idle | State::Closed) {
            return Err(Error::already_connected());
        }
        self.refused = None;
        self.close_reason = None;
        self.made_before = self.operations.last_id();
        self.prepare(self.dialects, now);
        Ok(())
    }

    /// Ends the connection: stops the subscriptions, waits for whatever has one answer to come, then
    /// closes the socket. [`Output::Closed`] follows if there is a connection or an attempt at one.
    pub fn close(&mut self, now: Instant) {
        match self.state {
            State::Ready => {
                self.state = State::Draining;
                self.start_timer(Timer::Close, self.config.close_timeout, now);
                for id in self.operations.unfinished() {
                    let stops = self
                        .operations
                        .get(id)
                        .is_some_and(|operation| operation.send_stop() && !operation.ends_soon());
                    if stops {
                        // The specification has no answer to a client's `complete`, so this is
                        // the end.
                        self.transmit(ClientMessage::Complete { id });
                        self.end_operation(id, None);
                    }
                }
                self.close_socket_when_drained(now);
            }
            State::Preparing | State::Opening | State::Initialising => {
                self.fail(Error::transport_closed());
            }
            State::Idle | State::Draining | State::Closing | State::Closed => {}
        }
    }

    /// Makes an operation, with its queue, and sends it as soon as the connection is ready. Without
    /// a connection, and without an attempt at one, it has ended with an error at once.
    pub fn subscribe(&mut self, request: Request, consumer: C) -> OperationId {
        let id = self.operations.insert(request, consumer);
        match self.state {
            State::Ready => self.start_operation(id),
            State::Preparing | State::Opening | State::Initialising => {}
            State::Draining | State::Closing => {
                self.end_operation(id, Some(Error::transport_closed()));
            }
            State::Idle | State::Closed => self.end_operation(id, Some(self.not_connected())),
        }
        id
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll_operation(&mut self, id: OperationId) -> Polled<J> {
        self.operations.poll(id)
    }

    /// The consumer leaves: what is queued is dropped, and if the operation has been sent and is
    /// not over, the server is told, unless the request had it otherwise.
    pub fn leave(&mut self, id: OperationId, now: Instant) {
        if let Some(operation) = self.operations.remove(id) {
            if operation.is_live() && operation.send_stop() {
                self.transmit(ClientMessage::Complete { id });
            }
            self.close_socket_when_drained(now);
        }
    }

    /// The consumer has the one answer it wanted. A query or a mutation is then ended by the
    /// server, so only another kind of operation has to be stopped, and one whose answer is only the
    /// first part of it.
    pub fn leave_answered(&mut self, id: OperationId, answer: &J, now: Instant) {
        let ends_by_itself =
            |operation: &Operation<J, C>| operation.operation_type().answers_once();
        if !has_next(answer) && self.operations.get(id).is_some_and(ends_by_itself) {
            self.operations.remove(id);
            self.close_socket_when_drained(now);
        } else {
            self.leave(id, now);
        }
    }

    /// Sends a `ping`, with a payload in JSON.
    pub fn send_ping(&mut self, payload: Option<&str>) -> Result<(), Rc<Error<J>>> {
        self.can_ping()?;
        self.transmit_ping(payload);
        Ok(())
    }

    /// Sends a `pong`, with a payload in JSON.
    pub fn send_pong(&mut self, payload: Option<&str>) -> Result<(), Rc<Error<J>>> {
        self.can_ping()?;
        self.transmit_pong(payload);
        Ok(())
    }

    /// Whether the consumer of an operation would find something in its queue.
    pub fn has_news(&self, id: OperationId) -> bool {
        self.operations
            .get(id)
            .is_some_and(|operation| operation.has_news())
    }

    /// Who consumes an operation.
    pub fn consumer(&self, id: OperationId) -> Option<&C> {
        self.operations.get(id).map(Operation::consumer)
    }

    /// The current or the last attempt to connect.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Whether a socket is still wanted for this attempt.
    pub fn is_opening(&self, attempt: Attempt) -> bool {
        attempt == self.attempt && matches!(self.state, State::Opening)
    }

    pub fn state(&self) -> TransportState {
        match self.state {
            State::Idle => TransportState::Idle,
            State::Preparing | State::Opening | State::Initialising => TransportState::Connecting,
            State::Ready => TransportState::Ready,
            State::Draining | State::Closing => TransportState::Closing,
            State::Closed => TransportState::Closed,
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

    /// How the last connection, or attempt at one, ended; `None` since the last `connect`. Its error has
    /// lost its cause, which could hold whatever it likes: [`Output::Closed`] has it.
    pub fn close_reason(&self) -> Option<&CloseReason<J>> {
        self.close_reason.as_ref()
    }

    pub fn payloads(&self) -> &Payloads<J> {
        &self.payloads
    }

    /// The `type` of the frames that [`recv_result`](Self::recv_result) takes.
    pub fn result_type(&self) -> Option<&'static str> {
        self.spoken().map(Dialect::result_type)
    }

    // ---- what the user's functions answer ------------------------------------

    /// The answer to [`Output::AskUrl`].
    pub fn recv_url(&mut self, attempt: Attempt, answer: Result<String, Rc<Error<J>>>) {
        if attempt == self.attempt && self.state == State::Preparing {
            match answer {
                Ok(url) => {
                    self.url = Some(url);
                    self.open_when_prepared();
                }
                Err(error) => self.fail(error),
            }
        }
    }

    /// The answer to [`Output::AskInitPayload`]: JSON text, or `None` for no payload.
    pub fn recv_init_payload(
        &mut self,
        attempt: Attempt,
        answer: Result<Option<String>, Rc<Error<J>>>,
    ) {
        if attempt == self.attempt && self.state == State::Preparing {
            match answer {
                Ok(payload) => {
                    self.init_payload = Some(payload);
                    self.open_when_prepared();
                }
                Err(error) => self.fail(error),
            }
        }
    }

    // ---- what the host says --------------------------------------------------

    /// The socket is open; `subprotocol` is the server's choice, empty for none.
    pub fn recv_opened(&mut self, attempt: Attempt, subprotocol: &str, now: Instant) {
        if attempt != self.attempt || self.state != State::Opening {
            return;
        }
        let Some(dialect) = Dialect::chosen(subprotocol, self.offered) else {
            return self.fail(Error::wrong_subprotocol(self.offered, subprotocol));
        };
        self.dialect = Some(dialect);
        self.state = State::Initialising;
        self.timers.stop(Timer::Connect);
        self.start_timer(Timer::Ack, self.config.ack_timeout, now);
        self.outputs.push(Output::Event(Event::Opened));
        let payload = self.init_payload.take().flatten();
        self.transmit(ClientMessage::ConnectionInit {
            payload: payload.as_deref(),
        });
    }

    /// A message came.
    pub fn recv_frame(&mut self, attempt: Attempt, frame: Frame<J>, now: Instant) {
        if attempt != self.attempt {
            return;
        }
        let Some(dialect) = self.spoken() else {
            return;
        };
        let value = match frame {
            Frame::NotJson(text) => return self.fail(Error::not_json(&text)),
            Frame::Binary => return self.fail(Error::binary_frame()),
            Frame::Json(value) => value,
        };
        let Received {
            message,
            id,
            payload,
        } = match dialect.decode(&value) {
            Ok(received) => received,
            Err(error) => return self.fail(error),
        };
        self.heard(now);
        let acknowledged = self.state != State::Initialising;
        match message {
            Message::ConnectionAck => {
                self.payloads.connection_ack = payload;
                self.become_ready(now);
            }
            Message::Ping => {
                self.payloads.ping = payload.clone();
                // None at all of a payload that is nested too deep to be told.
                let echo = payload
                    .as_ref()
                    .map(J::to_json)
                    .filter(|text| text.starts_with('{'));
                self.outputs.push(Output::Event(Event::Ping {
                    received: true,
                    payload,
                }));
                if self.config.answer_pings {
                    self.transmit_pong(echo.as_deref());
                }
            }
            Message::Pong => {
                self.payloads.pong = payload.clone();
                self.outputs.push(Output::Event(Event::Pong {
                    received: true,
                    payload,
                }));
            }
            Message::KeepAlive => {}
            Message::ConnectionError | Message::Error if !acknowledged && id.is_none() => {
                self.fail(Error::connection_error(payload));
            }
            _ if !acknowledged => {
                let name = value.get("type").and_then(|name| name.text());
                self.fail(Error::unexpected_message(
                    name.as_deref().unwrap_or_default(),
                ));
            }
            // Servers say so of a message that they cannot read, and go on.
            Message::ConnectionError | Message::Error if id.is_none() => {
                if value.get("id").is_none_or(|id| id.kind() == Kind::Null) {
                    let error = Error::server_error(payload);
                    self.outputs.push(Output::Event(Event::Error(error)));
                }
            }
            _ => {
                // Else it is of no operation of ours.
                if let Some(id) = id {
                    self.recv_of_operation(message, id, payload, now);
                }
            }
        }
    }

    fn recv_of_operation(
        &mut self,
        message: Message,
        id: OperationId,
        payload: Option<J>,
        now: Instant,
    ) {
        match (message, payload) {
            (Message::Next, Some(result)) => return self.queue_result(id, result, now),
            (Message::Error, payload) => self.end_operation(id, Some(Error::query(id, payload))),
            _ => self.end_operation(id, None),
        }
        self.close_socket_when_drained(now);
    }

    /// The short way for a frame that carries a result and nothing else: what
    /// [`recv_frame`](Self::recv_frame) does with it, but that it gives the operation which it was
    /// queued for instead of an output, if that is all there is to do. `now` need not be right unless
    /// [`wants_clock`](Self::wants_clock).
    pub fn recv_result(
        &mut self,
        attempt: Attempt,
        id: OperationId,
        result: J,
        now: Instant,
    ) -> Option<&Operation<J, C>> {
        if attempt != self.attempt {
            return None;
        }
        match self.state {
            State::Ready | State::Draining => {
                self.heard(now);
                if self
                    .operations
                    .get(id)
                    .is_some_and(Operation::ends_with_answer)
                {
                    self.queue_result(id, result, now);
                    return None;
                }
                self.operations.push(id, result)
            }
            State::Initialising => {
                let name = self.result_type().unwrap_or_default();
                self.fail(Error::unexpected_message(name));
                None
            }
            _ => None,
        }
    }

    /// The short way for a frame that ends an operation and says nothing else: what
    /// [`recv_frame`](Self::recv_frame) does with it.
    pub fn recv_complete(&mut self, attempt: Attempt, id: OperationId, now: Instant) {
        if attempt != self.attempt {
            return;
        }
        match self.state {
            State::Ready | State::Draining => {
                self.heard(now);
                self.recv_of_operation(Message::Complete, id, None, now);
            }
            State::Initialising => self.fail(Error::unexpected_message("complete")),
            _ => {}
        }
    }

    /// The host says that something is wrong with the socket, in its own words.
    pub fn recv_socket_error(&mut self, attempt: Attempt, message: &str, said: J) {
        if attempt != self.attempt {
            return;
        }
        match self.state {
            // Not every host says `close` after this: it is the end.
            State::Opening => self.fail_to_open(message, Some(said), Close::lost()),
            _ => self.socket_error = Some(said),
        }
    }

    /// The host would not make the socket, or not send on it.
    pub fn recv_socket_failed(&mut self, attempt: Attempt, message: &str, cause: J) {
        if attempt == self.attempt && !matches!(self.state, State::Idle | State::Closed) {
            self.fail(Error::socket_failed(message, cause));
        }
    }

    /// The socket is closed.
    pub fn recv_closed(&mut self, attempt: Attempt, close: Close, now: Instant) {
        if attempt != self.attempt {
            return;
        }
        match self.state {
            State::Idle | State::Preparing | State::Closed => {}
            State::Opening => self.fail_to_open("", None, close),
            State::Closing => self.finish(
                false,
                CloseReason {
                    close: Some(close),
                    error: None,
                },
            ),
            State::Initialising => self.fail_to_initialise(close, now),
            State::Ready | State::Draining => {
                let cause = self.socket_error.take();
                self.fail(Error::connection_lost(close, cause));
            }
        }
    }

    // ---- time -----------------------------------------------------------------

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next_deadline()
    }

    /// Whether [`recv_result`](Self::recv_result) has to be told the time.
    pub fn wants_clock(&self) -> bool {
        self.config.keep_alive_timeout.is_some()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.expire(now) {
            match timer {
                Timer::Connect => {
                    let waited_for = self.waits_to_connect_for();
                    self.fail(Error::connect_timeout(
                        length(self.config.connect_timeout),
                        waited_for,
                    ));
                }
                Timer::Ack => self.fail(Error::ack_timeout(length(self.config.ack_timeout))),
                Timer::Ping => {
                    self.transmit_ping(None);
                    if !self.timers.is_set(Timer::Pong) {
                        self.start_timer(Timer::Pong, self.config.pong_timeout, now);
                    }
                    self.start_timer(Timer::Ping, self.config.ping_interval, now);
                }
                Timer::Pong => self.fail(Error::pong_timeout(length(self.config.pong_timeout))),
                Timer::KeepAlive => {
                    let after = length(self.config.keep_alive_timeout);
                    let deadline = self.last_heard + after;
                    if deadline > now {
                        self.timers.set(Timer::KeepAlive, deadline);
                    } else {
                        self.fail(Error::keep_alive_timeout(after));
                    }
                }
                Timer::Close => match self.state {
                    State::Draining => self.close_socket(now),
                    _ => self.finish(
                        true,
                        CloseReason {
                            close: Some(Close::lost()),
                            error: None,
                        },
                    ),
                },
            }
        }
    }

    // ---- what comes out -------------------------------------------------------

    /// What is to be performed, in this order, before what the next call gives.
    pub fn take_outputs(&mut self) -> Vec<Output<J>> {
        std::mem::take(&mut self.outputs)
    }

    // ---- inside ---------------------------------------------------------------

    /// The dialect of the socket that is open.
    fn spoken(&self) -> Option<Dialect> {
        let open = matches!(
            self.state,
            State::Initialising | State::Ready | State::Draining
        );
        self.dialect.filter(|_| open)
    }

    fn transmit(&mut self, message: ClientMessage<'_>) {
        if let Some(text) = self.spoken().and_then(|dialect| dialect.encode(message)) {
            self.outputs.push(Output::Transmit(text));
        }
    }

    /// A `ping` or `pong` of the user's needs a server that has acknowledged, and a dialect.
    fn can_ping(&self) -> Result<(), Rc<Error<J>>> {
        match self.state {
            State::Ready | State::Draining if self.has_ping() => Ok(()),
            State::Ready | State::Draining => Err(Error::no_ping()),
            _ => Err(self.not_connected()),
        }
    }

    fn has_ping(&self) -> bool {
        self.dialect.is_some_and(Dialect::has_ping)
    }

    fn transmit_ping(&mut self, payload: Option<&str>) {
        self.transmit(ClientMessage::Ping { payload });
        self.outputs.push(Output::Event(Event::Ping {
            received: false,
            payload: payload.and_then(J::parse),
        }));
    }

    fn transmit_pong(&mut self, payload: Option<&str>) {
        self.transmit(ClientMessage::Pong { payload });
        self.outputs.push(Output::Event(Event::Pong {
            received: false,
            payload: payload.and_then(J::parse),
        }));
    }

    fn not_connected(&self) -> Rc<Error<J>> {
        let failed = self
            .close_reason
            .as_ref()
            .and_then(|reason| reason.error.as_ref());
        Error::not_connected(failed.map(|error| error.message.as_str()))
    }

    fn start_timer(&mut self, timer: Timer, length: Option<Millis>, now: Instant) {
        match length {
            Some(length) => self.timers.set(timer, now + length),
            None => self.timers.stop(timer),
        }
    }

    /// Any message is a sign of life.
    fn heard(&mut self, now: Instant) {
        self.last_heard = now;
        self.timers.stop(Timer::Pong);
    }

    /// Begins an attempt to connect: the user's functions are asked anew for each.
    fn prepare(&mut self, offered: Offer, now: Instant) {
        self.attempt = self.attempt.wrapping_add(1);
        self.offered = offered;
        self.url = None;
        self.init_payload = None;
        self.dialect = None;
        self.payloads = Payloads::default();
        self.socket_error = None;
        self.state = State::Preparing;
        self.timers.stop_all();
        self.start_timer(Timer::Connect, self.config.connect_timeout, now);
        let attempt = self.attempt;
        let retry = self.refused.is_some();
        self.outputs
            .push(Output::Event(Event::Connecting { retry }));
        self.outputs.push(Output::AskUrl { attempt });
        self.outputs.push(Output::AskInitPayload { attempt });
    }

    fn open_when_prepared(&mut self) {
        if let Some(url) = &self.url
            && self.init_payload.is_some()
        {
            self.state = State::Opening;
            self.outputs.push(Output::Open {
                attempt: self.attempt,
                url: url.clone(),
                subprotocols: self.offered,
            });
        }
    }

    fn waits_to_connect_for(&self) -> &'static str {
        match (&self.url, &self.init_payload) {
            (None, None) => "the url function and the initPayload function did not settle",
            (None, _) => "the url function did not settle",
            (_, None) => "the initPayload function did not settle",
            _ => "the WebSocket did not open",
        }
    }

    fn become_ready(&mut self, now: Instant) {
        if self.state != State::Initialising {
            return;
        }
        self.state = State::Ready;
        self.timers.stop(Timer::Ack);
        if self.has_ping() {
            self.start_timer(Timer::Ping, self.config.ping_interval, now);
        }
        self.start_timer(Timer::KeepAlive, self.config.keep_alive_timeout, now);
        if self.refused.take().is_some()
            && let Some(spoken) = self.dialect
        {
            // The next time it is asked for this one first.
            self.dialects = spoken.first();
        }
        self.outputs.push(Output::Connected);
        // In the order in which they were made, as mutations may depend on it.
        while self.made_before != self.operations.last_id() {
            self.made_before = self.made_before.wrapping_add(1);
            self.start_operation(self.made_before);
        }
    }

    fn start_operation(&mut self, id: OperationId) {
        let completes_answers = self.dialect.is_none_or(Dialect::completes_answers);
        if let Some(payload) = self.operations.start(id, completes_answers) {
            self.transmit(ClientMessage::Subscribe {
                id,
                payload: &payload,
            });
        }
    }

    fn end_operation(&mut self, id: OperationId, error: Option<Rc<Error<J>>>) {
        if self.operations.end(id, error) {
            self.outputs.push(Output::Wake(id));
        }
    }

    /// Queues a result, and ends the operation behind it if no other end can be counted on. With
    /// incremental delivery the server says whether there is more.
    fn queue_result(&mut self, id: OperationId, result: J, now: Instant) {
        let ends = self
            .operations
            .get(id)
            .is_some_and(Operation::ends_with_answer)
            && !has_next(&result);
        if self.operations.push(id, result).is_some() {
            self.outputs.push(Output::Wake(id));
            if ends {
                self.end_operation(id, None);
                self.close_socket_when_drained(now);
            }
        }
    }

    fn end_operations(&mut self, error: &Rc<Error<J>>) {
        for id in self.operations.unfinished() {
            self.end_operation(id, Some(error.clone()));
        }
    }

    fn close_socket_when_drained(&mut self, now: Instant) {
        if matches!(self.state, State::Draining) && self.operations.all_over() {
            self.close_socket(now);
        }
    }

    fn close_socket(&mut self, now: Instant) {
        self.end_operations(&Error::transport_closed());
        self.transmit(ClientMessage::ConnectionTerminate);
        self.timers.stop_all();
        self.start_timer(Timer::Close, self.config.close_timeout, now);
        self.state = State::Closing;
        self.outputs.push(Output::CloseSocket {
            code: close_code::NORMAL,
            reason: "",
        });
    }

    fn fail_to_open(&mut self, message: &str, cause: Option<J>, close: Close) {
        // Of a second try that did not get as far as the first, the first tells more.
        let error = self.refused.take().unwrap_or_else(|| {
            let url = self.url.as_deref().unwrap_or_default();
            Error::connection_refused(url, self.offered, message, cause, close)
        });
        self.fail(error);
    }

    /// The socket closed before the ack.
    fn fail_to_initialise(&mut self, close: Close, now: Instant) {
        // Some servers take the first subprotocol that they are offered, and only then find that
        // they cannot speak it.
        let may_be_the_dialect = matches!(
            close.code,
            close_code::PROTOCOL_ERROR | close_code::LOST | close_code::SUBPROTOCOL_NOT_ACCEPTABLE
        );
        let cause = self.socket_error.take();
        let mut error = Error::handshake_refused(close, cause);
        if may_be_the_dialect {
            if let Some(first) = self.refused.take() {
                error = first;
            } else {
                let other = self
                    .offered
                    .iter()
                    .find(|dialect| Some(**dialect) != self.dialect);
                if let Some(other) = other {
                    self.refused = Some(error);
                    self.outputs.push(Output::DropSocket { terminate: false });
                    return self.prepare(other.only(), now);
                }
            }
        }
        self.fail(error);
    }

    /// Ends the connection, or the attempt at one, with an error for all who wait.
    fn fail(&mut self, error: Rc<Error<J>>) {
        if self.state() == TransportState::Connecting {
            self.outputs.push(Output::ConnectFailed(error.clone()));
        }
        let farewell = error
            .code
            .farewell()
            .filter(|_| self.state != State::Preparing);
        if let Some((code, reason)) = farewell {
            self.outputs.push(Output::CloseSocket { code, reason });
        }
        self.end_operations(&error);
        // A server that let a time pass cannot be expected to answer a close.
        let terminate = error.code.class() == Class::Timeout;
        let close = match &error.detail {
            Detail::Close(close) => Some(close.clone()),
            _ => farewell.map(|(code, reason)| Close {
                code,
                reason: reason.to_owned(),
                was_clean: false,
            }),
        };
        let by_user = error.code == Code::TransportClosed;
        if !by_user {
            self.outputs
                .push(Output::Event(Event::Error(error.clone())));
        }
        let error = (!by_user).then_some(error);
        self.finish(terminate, CloseReason { close, error });
    }

    fn finish(&mut self, terminate: bool, reason: CloseReason<J>) {
        self.timers.stop_all();
        self.refused = None;
        self.init_payload = None;
        self.socket_error = None;
        self.state = State::Closed;
        self.close_reason = Some(CloseReason {
            close: reason.close.clone(),
            error: reason.error.as_ref().map(Error::without_cause),
        });
        self.outputs.push(Output::DropSocket { terminate });
        self.outputs.push(Output::Closed(reason));
    }
}

/// Of a timer that has fired, which has one.
fn length(time: Option<Millis>) -> Millis {
    time.unwrap_or(Millis(0))
}

/// With incremental delivery: whether more of this result follows.
fn has_next<J: Json>(result: &J) -> bool {
    result.get("hasNext").is_some_and(|more| more.is_true())
}

//! One socket's life, from opening to closed. It is made for an attempt to connect, and is dropped
//! when its socket is done with.
//!
//! ```text
//!             opened               connection_ack            close
//!   Opening ──────────▶ Initialising ───────────────▶ Ready ────────▶ Closing
//! ```
//!
//! What outlives a socket (the operations, the second dialect, what `connect` and `close` wait for)
//! is the [client](super::client)'s. The methods that can fail give the error that ends the
//! connection; what becomes of it the client decides.

use std::rc::Rc;

use super::close_code;
use super::detection::may_blame_dialect;
use super::dialect::{Dialect, Offer, ResultEnvelope, Session, Start};
use super::document::OperationType;
use super::error::{Close, Error, TimeLimit};
use super::json::Json;
use super::message::{Frame, Liveness, OperationId, Parts, Received};
use super::output::{Attempt, Context, Event, Output};
use super::time::{Instant, Millis};
use super::timer::Timer;
use super::trace::without_secrets;
use super::untrusted::excerpt;

enum Stage<J> {
    /// Waits for the socket to open.
    Opening {
        init_payload: Option<J>,
    },
    /// Waits for `connection_ack`.
    Initialising(Box<dyn Session<J>>),
    Ready(Box<dyn Session<J>>),
    /// The socket was told to close; waits until it has.
    Closing,
}

pub(super) struct Connection<J> {
    stage: Stage<J>,
    url: String,
    offered: Offer,
    /// What the host said of an open socket before it closes.
    socket_error: Option<J>,
    last_heard: Instant,
    /// What was told of messages that the dialect does not allow.
    tolerated: Vec<String>,
    /// What tells how long a server may be silent that has no `ping`.
    keep_alives: KeepAlives,
    /// The last error of the server's that belongs to no operation.
    complaint: Option<(Instant, Rc<Error<J>>)>,
}

/// How far an operation was started.
pub(super) enum Started<J> {
    /// The server was told, for this operation or for another that is the same.
    Sent,
    /// The same runs for another operation.
    IsThere,
    /// A user function has to make the payload of this request first.
    Asks(J),
}

/// The server's own keep-alive messages, which tell how often they come.
#[derive(Default)]
struct KeepAlives {
    /// How long the server said that it will be silent at most.
    told_silence: Option<Millis>,
    last: Option<Instant>,
    longest_gap: Option<Millis>,
}

/// How many different deviations the user is told of, at most: a hostile server can think of many.
const MOST_TOLERATED: usize = 32;

/// However often they come, a shorter silence is none.
const SHORTEST_SILENCE: u32 = 15_000;

/// Why a socket closed.
pub(super) enum Ended<J> {
    /// We closed it.
    Closed,
    /// It never opened.
    Refused(Error<J>),
    /// It closed before the ack. `dialect_to_blame`: whether the dialect may be why. `other`: what
    /// was offered beside it.
    HandshakeRefused {
        error: Error<J>,
        dialect_to_blame: bool,
        other: Option<Dialect>,
    },
    /// It closed after the ack.
    Lost(Error<J>),
}

impl<J: Json> Connection<J> {
    /// Has a socket opened.
    pub(super) fn open(
        context: &mut Context<J>,
        attempt: Attempt,
        url: String,
        offered: Offer,
        init_payload: Option<J>,
    ) -> Self {
        context.push(Output::Open {
            attempt,
            url: url.clone(),
            subprotocols: if context.config.offers_subprotocols {
                offered
            } else {
                &[]
            },
        });
        Connection {
            stage: Stage::Opening { init_payload },
            url,
            offered,
            socket_error: None,
            last_heard: context.now,
            tolerated: Vec::new(),
            keep_alives: KeepAlives::default(),
            complaint: None,
        }
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self.stage, Stage::Opening { .. })
    }

    /// Whether the server has acknowledged, and we have not closed.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Ready(_))
    }

    /// Of a socket that is acknowledged.
    pub(super) fn result_envelope(&self) -> Option<ResultEnvelope> {
        match &self.stage {
            Stage::Ready(session) => session.result_envelope(),
            _ => None,
        }
    }

    /// What the server says when it has an operation of that kind, if it does.
    pub(super) fn confirmation(&self, kind: OperationType) -> Option<&'static str> {
        match &self.stage {
            Stage::Ready(session) => session.confirmation(kind),
            _ => None,
        }
    }

    /// Whether the server says when it has an operation, so that time does not have to show it.
    pub(super) fn confirms_starts(&self) -> bool {
        self.confirmation(OperationType::Subscription).is_some()
    }

    /// What the server last said that belongs to no operation, if that was after `since`.
    pub(super) fn complaint(&self, since: Instant) -> Option<Rc<Error<J>>> {
        let (at, error) = self.complaint.as_ref()?;
        (*at >= since).then(|| error.clone())
    }

    /// Whether the server can be relied on to end a query or a mutation once it has answered.
    pub(super) fn completes_answers(&self) -> bool {
        match &self.stage {
            Stage::Ready(session) => session.completes_answers(),
            _ => true,
        }
    }

    // ---- what goes to the server --------------------------------------------------

    /// Starts an operation, as far as it can be started now. `payload`: the request as JSON text.
    pub(super) fn start(
        &mut self,
        context: &mut Context<J>,
        id: OperationId,
        kind: OperationType,
        payload: J,
    ) -> Started<J> {
        let Some(session) = self.session() else {
            return Started::Sent;
        };
        match session.start(id, kind, payload) {
            Start::Send(message) => {
                context.push(Output::Send {
                    message,
                    secret: false,
                    starts: Some(id),
                });
                Started::Sent
            }
            Start::Authorise(request) => Started::Asks(request),
            Start::Shared { is_there: false } => Started::Sent,
            Start::Shared { is_there: true } => Started::IsThere,
        }
    }

    /// Starts an operation whose payload has been made.
    pub(super) fn start_authorised(
        &mut self,
        context: &mut Context<J>,
        id: OperationId,
        payload: J,
    ) {
        let message = self.session().and_then(|it| it.authorised(id, payload));
        if let Some(message) = message {
            context.push(Output::Send {
                message,
                secret: true,
                starts: Some(id),
            });
        }
    }

    /// A frame that the dialect did not see has shown that the server has an operation, or has ended it.
    pub(super) fn settled(&mut self, id: OperationId) {
        if let Some(session) = self.session() {
            session.settled(id);
        }
    }

    /// Sends what the dialect wants sent.
    pub(super) fn reply(&mut self, context: &mut Context<J>, message: Parts<J>) {
        if self.is_ready() {
            send(context, message);
        }
    }

    /// Stops an operation.
    pub(super) fn stop(&mut self, context: &mut Context<J>, id: OperationId) {
        if let Some(message) = self.session().and_then(|session| session.stop(id)) {
            send(context, message);
        }
    }

    /// An operation is left, and the server is not told.
    pub(super) fn forget(&mut self, id: OperationId) {
        if let Some(session) = self.session() {
            session.forget(id);
        }
    }

    /// Sends a `ping` or a `pong`; `payload`: JSON text.
    pub(super) fn send(
        &mut self,
        context: &mut Context<J>,
        what: Liveness,
        payload: Option<J>,
    ) -> Result<(), Error<J>> {
        let Some(session) = self.session() else {
            return Ok(());
        };
        let dialect = session.dialect().name();
        let told = payload.as_ref().and_then(J::parse);
        let message = match what {
            Liveness::Ping => session.ping(payload),
            Liveness::Pong => session.pong(payload),
        };
        let what_is_missing = match what {
            _ if !session.has_ping() => "ping and no pong",
            Liveness::Ping => "ping",
            Liveness::Pong => "pong",
        };
        let missing = Error::NoPing {
            dialect,
            what: what_is_missing,
        };
        send(context, message.ok_or(missing)?);
        context.event(Event::Liveness {
            what,
            received: false,
            payload: told,
        });
        Ok(())
    }

    /// Begins to close the socket.
    pub(super) fn close(&mut self, context: &mut Context<J>) {
        if let Some(message) = self.session().and_then(|session| session.terminate()) {
            send(context, message);
        }
        context.timers.stop_connection();
        context.start_timer(Timer::Goodbye, context.config.close_timeout);
        self.stage = Stage::Closing;
        context.push(Output::CloseSocket {
            code: close_code::NORMAL,
            reason: "",
        });
    }

    // ---- what the host says ---------------------------------------------------------

    /// The socket is open; `subprotocol` is the server's choice, empty for none.
    pub(super) fn recv_opened(
        &mut self,
        context: &mut Context<J>,
        subprotocol: &str,
    ) -> Result<Option<Dialect>, Error<J>> {
        let Stage::Opening { init_payload } = &mut self.stage else {
            return Ok(None);
        };
        let dialect = if context.config.offers_subprotocols {
            Dialect::chosen(subprotocol, self.offered)
        } else {
            self.offered.first().copied()
        };
        let Some(dialect) = dialect else {
            return Err(Error::WrongSubprotocol {
                offered: super::dialect::subprotocols(self.offered, ", "),
                received: excerpt(subprotocol),
            });
        };
        let mut session = dialect.session(&context.config);
        let message = session.init(init_payload.take());
        self.stage = Stage::Initialising(session);
        context.timers.stop(Timer::Connect);
        context.start_timer(Timer::Ack, context.config.ack_timeout);
        context.event(Event::Opened {
            dialect,
            subprotocol: Dialect::of_subprotocol(subprotocol),
        });
        context.push(Output::Send {
            message,
            secret: true,
            starts: None,
        });
        Ok(Some(dialect))
    }

    /// A message came: what it says.
    pub(super) fn recv_frame(
        &mut self,
        context: &mut Context<J>,
        frame: Frame<J>,
    ) -> Result<Vec<Received<J>>, Rc<Error<J>>> {
        let Some(session) = self.session() else {
            return Ok(Vec::new());
        };
        let frame = match frame {
            Frame::Json(frame) => frame,
            Frame::NotJson(received) => {
                let received = excerpt(&received);
                return Err(Rc::new(Error::NotJson { received }));
            }
            Frame::Binary => return Err(Rc::new(Error::BinaryFrame)),
        };
        let mut received = Vec::new();
        session.recv(&frame, &mut received)?;
        self.heard(context);
        Ok(received)
    }

    /// The server sent what the dialect does not allow, and it does not matter. The user is told once on each
    /// connection, as a server that does so once does it with every message.
    pub(super) fn tolerate(&mut self, context: &mut Context<J>, error: Rc<Error<J>>) {
        let text = error.to_string();
        if self.tolerated.len() < MOST_TOLERATED && !self.tolerated.contains(&text) {
            self.tolerated.push(text);
            context.event(Event::Error(error));
        }
    }

    /// Any message is a sign of life.
    pub(super) fn heard(&mut self, context: &mut Context<J>) {
        self.last_heard = context.now;
        context.timers.stop(Timer::Pong);
        context.timers.stop(Timer::Probe);
    }

    /// The server sent a message that says nothing but that it is there. From the second one on it is
    /// known how often they come, and a much longer silence is the end.
    pub(super) fn recv_keep_alive(&mut self, context: &mut Context<J>) {
        let is_known = context
            .config
            .keep_alive_timeout
            .or(self.keep_alives.told_silence)
            .is_some();
        if context.config.client.is_none() || is_known {
            return;
        }
        if let Some(last) = self.keep_alives.last.replace(context.now) {
            let gap = context.now.since(last);
            let longest = self
                .keep_alives
                .longest_gap
                .map_or(gap, |known| known.max(gap));
            self.keep_alives.longest_gap = Some(longest);
        }
        context.start_timer(Timer::KeepAlive, self.longest_silence(context));
    }

    /// How long the server may be silent.
    fn longest_silence(&self, context: &Context<J>) -> Option<Millis> {
        let by_its_own = || {
            let gap = self.keep_alives.longest_gap?;
            Some(Millis(gap.0.saturating_mul(3).max(SHORTEST_SILENCE)))
        };
        let told = || self.keep_alives.told_silence.or_else(by_its_own);
        context.config.keep_alive_timeout.or_else(told)
    }

    /// How long a server may have been silent that cannot be asked, before a hint that the network has changed
    /// is taken for its end.
    fn usual_silence(&self) -> Millis {
        match &self.stage {
            Stage::Initialising(session) | Stage::Ready(session) => session.usual_silence(),
            Stage::Opening { .. } | Stage::Closing => Millis(0),
        }
    }

    /// Whether it matters when the last message came.
    pub(super) fn limits_silence(&self, context: &Context<J>) -> bool {
        self.longest_silence(context).is_some()
    }

    /// How long nothing was heard, as far as it was noted.
    pub(super) fn silence(&self, context: &Context<J>) -> Millis {
        context.now.since(self.last_heard)
    }

    /// Whether client and server can `ping` each other.
    pub(super) fn has_ping(&self) -> bool {
        match &self.stage {
            Stage::Initialising(session) | Stage::Ready(session) => session.has_ping(),
            Stage::Opening { .. } | Stage::Closing => false,
        }
    }

    /// Finds out whether the server still answers, as the host says that something has changed. Fails
    /// if it cannot be asked and has been silent for long.
    pub(super) fn probe(
        &mut self,
        context: &mut Context<J>,
        limit: Option<Millis>,
    ) -> Result<(), Error<J>> {
        if self.has_ping() {
            let _ = self.send(context, Liveness::Ping, None);
            if !context.timers.is_set(Timer::Probe) {
                context.start_timer(Timer::Probe, limit);
            }
            return Ok(());
        }
        let longest = self.usual_silence();
        if self.silence(context) < longest {
            return Ok(());
        }
        let missing = "the server had sent nothing when the host's network changed";
        Err(timeout(TimeLimit::Probe, missing, Some(longest)))
    }

    /// The host stood still, so that its timers say nothing about the server: they begin anew.
    pub(super) fn restart_timers(&mut self, context: &mut Context<J>) {
        context.timers.stop(Timer::Pong);
        if self.is_ready() {
            if self.has_ping() {
                context.start_timer(Timer::Ping, context.config.ping_interval);
            }
            if self.limits_silence(context) {
                context.start_timer(Timer::KeepAlive, self.longest_silence(context));
            }
        }
    }

    /// The server acknowledged, and may have said how long it will be silent at most. Returns whether it is the
    /// first time.
    pub(super) fn recv_ack(
        &mut self,
        context: &mut Context<J>,
        longest_silence: Option<Millis>,
    ) -> bool {
        if !matches!(self.stage, Stage::Initialising(_)) {
            return false;
        }
        if let Stage::Initialising(session) = std::mem::replace(&mut self.stage, Stage::Closing) {
            context.timers.stop(Timer::Ack);
            if session.has_ping() {
                context.start_timer(Timer::Ping, context.config.ping_interval);
            }
            self.keep_alives.told_silence = longest_silence;
            context.start_timer(Timer::KeepAlive, self.longest_silence(context));
            self.stage = Stage::Ready(session);
        }
        true
    }

    /// The server reported an error that belongs to no operation; one of them may fail because of it.
    pub(super) fn recv_complaint(&mut self, context: &mut Context<J>, error: Rc<Error<J>>) {
        self.complaint = Some((context.now, error.clone()));
        context.event(Event::Error(error));
    }

    /// The server sent a `ping`, which may be answered.
    pub(super) fn recv_ping(&mut self, context: &mut Context<J>, payload: Option<J>) {
        // No payload if it is nested too deeply to serialise.
        let echo = payload.as_ref().and_then(J::stringify);
        context.event(Event::Liveness {
            what: Liveness::Ping,
            received: true,
            payload,
        });
        if context.config.answer_pings {
            // A dialect that has no pong has no ping that could come.
            let _ = self.send(context, Liveness::Pong, echo);
        }
    }

    /// The host says that something is wrong with the socket. Returns the error if it is the end: not
    /// every host closes a socket that did not open.
    pub(super) fn recv_socket_error(&mut self, why: &str, said: J) -> Option<Error<J>> {
        if self.is_opening() {
            return Some(self.refused(why, Some(said), Close::lost()));
        }
        self.socket_error = Some(said);
        None
    }

    /// The socket is closed.
    pub(super) fn recv_closed(&mut self, close: Close) -> Ended<J> {
        let cause = self.socket_error.take();
        match &self.stage {
            Stage::Closing => Ended::Closed,
            Stage::Opening { .. } => Ended::Refused(self.refused("", None, close)),
            Stage::Ready(session) => Ended::Lost(Error::ConnectionLost {
                meaning: session.meaning_of(&close),
                close,
                cause,
            }),
            Stage::Initialising(session) => {
                // Some servers take the first subprotocol that they are offered, and only then
                // find that they cannot speak it.
                let dialect_to_blame = may_blame_dialect(&close);
                let spoken = session.dialect();
                Ended::HandshakeRefused {
                    error: Error::HandshakeRefused {
                        meaning: session.meaning_of(&close),
                        close,
                        only: self.only(),
                        cause,
                    },
                    dialect_to_blame,
                    other: self.offered.iter().copied().find(|other| *other != spoken),
                }
            }
        }
    }

    // ---- time -------------------------------------------------------------------------

    /// One of the connection's timers has expired.
    pub(super) fn handle_timeout(
        &mut self,
        context: &mut Context<J>,
        timer: Timer,
    ) -> Result<(), Error<J>> {
        let config = &context.config;
        match timer {
            Timer::Ack => {
                let after = config.ack_timeout;
                let ack = self.session().map_or("answer", |session| session.ack());
                let missing = format!("the server sent no {ack}");
                Err(timeout(TimeLimit::Ack, &missing, after))
            }
            Timer::Ping => {
                // It is set only where the dialect has a ping.
                let _ = self.send(context, Liveness::Ping, None);
                if !context.timers.is_set(Timer::Pong) {
                    context.start_timer(Timer::Pong, context.config.pong_timeout);
                }
                context.start_timer(Timer::Ping, context.config.ping_interval);
                Ok(())
            }
            Timer::Pong => Err(timeout(
                TimeLimit::Pong,
                "the server gave no sign of life after a ping",
                config.pong_timeout,
            )),
            Timer::KeepAlive => {
                let after = self.longest_silence(context);
                let deadline = after.map_or(context.now, |after| self.last_heard + after);
                if deadline > context.now {
                    context.timers.set(Timer::KeepAlive, deadline);
                    return Ok(());
                }
                Err(timeout(
                    TimeLimit::KeepAlive,
                    "the server sent nothing",
                    after,
                ))
            }
            Timer::Probe => Err(timeout(
                TimeLimit::Probe,
                "the server gave no sign of life after a probe",
                config
                    .client
                    .as_ref()
                    .and_then(|client| client.probe_timeout),
            )),
            Timer::Connect
            | Timer::Drain
            | Timer::Goodbye
            | Timer::Subscribe
            | Timer::Settle
            | Timer::Uptime
            | Timer::Idle
            | Timer::Retry
            | Timer::Wait => Ok(()),
        }
    }

    // ---- inside -------------------------------------------------------------------------

    /// Of a socket that is open.
    fn session(&mut self) -> Option<&mut Box<dyn Session<J>>> {
        match &mut self.stage {
            Stage::Initialising(session) | Stage::Ready(session) => Some(session),
            Stage::Opening { .. } | Stage::Closing => None,
        }
    }

    /// The dialect, if no other is tried on this socket.
    fn only(&self) -> Option<&'static str> {
        match self.offered {
            [only] => Some(only.name()),
            _ => None,
        }
    }

    fn refused(&self, why: &str, cause: Option<J>, close: Close) -> Error<J> {
        Error::ConnectionRefused {
            url: without_secrets(&self.url),
            only: self.only(),
            why: why.to_owned(),
            close,
            cause,
        }
    }
}

fn send<J: Json>(context: &mut Context<J>, message: Parts<J>) {
    context.push(Output::Send {
        message,
        secret: false,
        starts: None,
    });
}

pub(super) fn timeout<J>(limit: TimeLimit, missing: &str, after: Option<Millis>) -> Error<J> {
    Error::Timeout {
        limit,
        missing: missing.to_owned(),
        url: None,
        // A timer that has fired has one.
        after: after.unwrap_or(Millis(0)),
    }
}

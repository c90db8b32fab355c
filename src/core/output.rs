//! What the core wants done, and what it tells.

use std::rc::Rc;

use super::config::Config;
use super::dialect::{Dialect, Offer};
use super::error::{Close, Error};
use super::json::Json;
use super::message::{Liveness, OperationId, Parts};
use super::retry::{Failure, Verdict};
use super::time::{Instant, Millis};
use super::timer::{Timer, Timers};
use super::trace;

/// Numbers the attempts to connect. What the host says carries the attempt that it belongs to,
/// so that a socket which was given up can say nothing any more.
pub type Attempt = u32;

/// Numbers the questions to user functions; never used twice.
pub type AskId = u32;

/// What the driver has to do.
#[derive(Clone, Debug)]
pub enum Output<J> {
    /// Have a user function answer, then call the method that the [`Question`] names.
    Ask { ask: AskId, question: Question<J> },
    /// Open a socket and tell what becomes of it by the `recv_*` methods.
    Open {
        attempt: Attempt,
        url: String,
        /// May be empty.
        subprotocols: Offer,
    },
    /// Send a text message on the socket. `secret`: its payload is not to be shown to anybody. If it
    /// `starts` an operation and the socket is no longer open, call [`Client::recv_unsent`].
    ///
    /// [`Client::recv_unsent`]: super::client::Client::recv_unsent
    Send {
        message: Parts<J>,
        secret: bool,
        starts: Option<OperationId>,
    },
    /// Call [`Client::recv_turn_end`] when the host's current turn is over: when what has called us, and
    /// whatever that has caused at once, has run.
    ///
    /// [`Client::recv_turn_end`]: super::client::Client::recv_turn_end
    AwaitTurnEnd,
    /// Begin to close the socket.
    CloseSocket { code: u16, reason: &'static str },
    /// Detach from the socket; `terminate` if no close frame can be expected.
    DropSocket { terminate: bool },
    /// The server acknowledged, with this payload; each `connect` up to that number has succeeded.
    /// `reconnected`: one was lost or replaced since one was last needed.
    Connected {
        payload: Option<J>,
        reconnected: bool,
        up_to: ConnectId,
    },
    /// Each `connect` up to that number has failed.
    ConnectFailed {
        error: Rc<Error<J>>,
        up_to: ConnectId,
    },
    /// An operation has something for its consumer: see [`Client::poll_operation`].
    ///
    /// [`Client::poll_operation`]: super::client::Client::poll_operation
    Wake(OperationId),
    /// Tell who wanted to know that the server has an operation: for sure if `confirmed`, or as far
    /// as time can tell.
    Active { id: OperationId, confirmed: bool },
    /// Tell who wanted to know that the server will not have it: `None` if the consumer has left.
    NotActive {
        id: OperationId,
        error: Option<Rc<Error<J>>>,
    },
    /// Have a user function look at a result, then call [`Client::recv_examined`] unless it is one that
    /// came before.
    ///
    /// [`Client::recv_examined`]: super::client::Client::recv_examined
    Examine { id: OperationId, result: J },
    /// A user may see a difference: see [`Client::poll_status`].
    ///
    /// [`Client::poll_status`]: super::client::Client::poll_status
    Status,
    /// The connection has failed: how it ended, before anybody is told what follows.
    Ending(CloseReason<J>),
    /// The connection is over; `close` and `wait_closed` of this life have what they waited for.
    Closed { reason: CloseReason<J>, life: u32 },
    /// Something that nobody waits for, but that a user may want to know.
    Event(Event<J>),
    /// A line for the user's `trace`.
    Trace(Parts<J>),
}

/// Numbers the calls of `connect`.
pub type ConnectId = u32;

/// What only a user function can answer.
#[derive(Clone, Debug)]
pub enum Question<J> {
    /// The URL, as text: [`Client::recv_answer`](super::client::Client::recv_answer).
    Url(Rc<AttemptInfo<J>>),
    /// The payload of `connection_init`: JSON text, or nothing:
    /// [`Client::recv_answer`](super::client::Client::recv_answer).
    InitPayload(Rc<AttemptInfo<J>>),
    /// The URL of the socket, with parameters and credentials, for the user's URL, which is known now; with it,
    /// the host notes the subprotocols that carry credentials: [`Client::recv_answer`](super::client::Client::recv_answer).
    Handshake,
    /// The payload that starts an operation, with its credentials: JSON text:
    /// [`Client::recv_answer`](super::client::Client::recv_answer).
    Authorise {
        id: OperationId,
        /// JSON text, a host string.
        request: J,
    },
    /// What to do about a failure: [`Client::recv_verdict`](super::client::Client::recv_verdict).
    Verdict(Rc<Failure<J>>),
    /// How long to wait: [`Client::recv_delay`](super::client::Client::recv_delay).
    Delay(Rc<Failure<J>>),
    /// The request to go on with, where an operation was lost:
    /// [`Client::recv_request`](super::client::Client::recv_request).
    Resume(OperationId),
}

/// Why an attempt to connect is made.
#[derive(Clone, Debug)]
pub struct AttemptInfo<J> {
    /// 1 for the first since a connection was last ready.
    pub number: u32,
    pub reason: Reason,
    /// What ended the last connection or attempt.
    pub error: Option<Rc<Error<J>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Something needs a connection, and there was none.
    First,
    /// The connection was lost.
    Lost,
    /// The last attempt failed.
    Failed,
    /// The server refused the credentials.
    Denied,
    /// The host slept, or the page was away.
    Wake,
    /// `reconnect` was called.
    Reconnect,
}

impl Reason {
    /// As the npm package has it.
    #[doc(hidden)]
    pub fn name(self) -> &'static str {
        match self {
            Reason::First => "first",
            Reason::Lost => "lost",
            Reason::Failed => "failed",
            Reason::Denied => "denied",
            Reason::Wake => "wake",
            Reason::Reconnect => "reconnect",
        }
    }
}

/// What becomes of a client when a connection, or an attempt at one, has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It tries again.
    Retry,
    /// It does not.
    Stop,
    /// Nothing needs a connection.
    Idle,
}

impl Outcome {
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Retry | Verdict::RetryNow => Outcome::Retry,
            Verdict::Stop => Outcome::Stop,
        }
    }

    /// As the npm package has it.
    #[doc(hidden)]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Retry => "retry",
            Outcome::Stop => "stop",
            Outcome::Idle => "idle",
        }
    }
}

/// What a user may want to know, beside what is told by the other [`Output`]s.
#[derive(Clone, Debug)]
pub enum Event<J> {
    /// An attempt to connect begins. `retry`: the server closed the first in the dialect that it
    /// picked, and the other is tried.
    Connecting {
        retry: bool,
        attempt: Rc<AttemptInfo<J>>,
    },
    /// The socket is open. `subprotocol`: the dialect whose subprotocol the server picked, if it picked one.
    Opened {
        dialect: Dialect,
        subprotocol: Option<Dialect>,
    },
    /// A `ping` or a `pong` came, or is sent.
    Liveness {
        what: Liveness,
        received: bool,
        payload: Option<J>,
    },
    /// The connection failed, or the server reported an error that belongs to no operation.
    Error(Rc<Error<J>>),
    /// A client's connection, or an attempt at one, has ended.
    Disconnected {
        reason: CloseReason<J>,
        outcome: Outcome,
    },
}

/// How the last connection, or attempt at one, ended.
#[derive(Clone, Debug)]
pub struct CloseReason<J> {
    /// How its socket ended; `None` if it said nothing: there was none yet, it was given up, or it ended without a
    /// close frame after we had closed it.
    pub close: Option<Close>,
    /// The close code and the reason that we sent, if we closed the socket.
    pub sent: Option<(u16, &'static str)>,
    /// What went wrong; `None` after `close()`.
    pub error: Option<Rc<Error<J>>>,
}

/// What the parts of the machine share: the options, the time, the timers, and what is to be done.
pub(super) struct Context<J> {
    pub(super) config: Config,
    pub(super) timers: Timers,
    /// Of the call that is under way.
    pub(super) now: Instant,
    made: Instant,
    outputs: Vec<Output<J>>,
}

impl<J: Json> Context<J> {
    pub(super) fn new(config: Config, now: Instant) -> Self {
        Context {
            config,
            timers: Timers::default(),
            now,
            made: now,
            outputs: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, output: Output<J>) {
        if self.config.traced
            && let Some((mark, what)) = trace::output(&output)
        {
            self.trace(mark, what);
        }
        self.outputs.push(output);
    }

    /// Notes what happens in the user's `trace`, if there is one.
    pub(super) fn note(&mut self, mark: char, verb: &str, rest: &str) {
        if self.config.traced {
            self.trace(mark, Parts::text(verb.to_owned() + rest));
        }
    }

    /// The same with a text that the host holds.
    pub(super) fn note_value(&mut self, mark: char, verb: &str, value: Option<&J>) {
        if self.config.traced {
            let what = Parts {
                value: value.cloned(),
                ..Parts::text(verb.to_owned())
            };
            self.trace(mark, what);
        }
    }

    fn trace(&mut self, mark: char, what: Parts<J>) {
        let at = self.now.since(self.made);
        self.outputs
            .push(Output::Trace(trace::line(at, mark, what)));
    }

    pub(super) fn event(&mut self, event: Event<J>) {
        self.push(Output::Event(event));
    }

    pub(super) fn take_outputs(&mut self) -> Vec<Output<J>> {
        std::mem::take(&mut self.outputs)
    }

    /// Starts a timer, or stops it if there is no limit.
    pub(super) fn start_timer(&mut self, timer: Timer, length: Option<Millis>) {
        match length {
            Some(length) => self.timers.set(timer, self.now + length),
            None => self.timers.stop(timer),
        }
    }
}

//! What the core wants done, and what it tells.

use std::rc::Rc;

use super::config::Config;
use super::dialect::{Dialect, Offer};
use super::error::{Close, Error};
use super::json::Json;
use super::message::{Liveness, OperationId, Parts};
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
    /// Have a user function answer, then call [`Client::recv_answer`].
    ///
    /// [`Client::recv_answer`]: super::client::Client::recv_answer
    Ask { ask: AskId, question: Question },
    /// Open a socket and tell what becomes of it by the `recv_*` methods.
    Open {
        attempt: Attempt,
        url: String,
        subprotocols: Offer,
    },
    /// Send a text message on the socket. `secret`: its payload is not to be shown to anybody.
    Send { message: Parts<J>, secret: bool },
    /// Begin to close the socket.
    CloseSocket { code: u16, reason: &'static str },
    /// Detach from the socket; `terminate` if no close frame can be expected.
    DropSocket { terminate: bool },
    /// `connect` has succeeded: the server acknowledged, with this payload.
    Connected { payload: Option<J> },
    /// `connect` has failed.
    ConnectFailed(Rc<Error<J>>),
    /// An operation has something for its consumer: see [`Client::poll_operation`].
    ///
    /// [`Client::poll_operation`]: super::client::Client::poll_operation
    Wake(OperationId),
    /// The connection is over; `close` and `wait_closed` have what they waited for.
    Closed(CloseReason<J>),
    /// Something that nobody waits for, but that a user may want to know.
    Event(Event<J>),
    /// A line for the user's `trace`.
    Trace(Parts<J>),
}

/// What only a user function can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The URL, as text.
    Url,
    /// The payload of `connection_init`: JSON text, or nothing.
    InitPayload,
}

/// What a user may want to know, beside what is told by the other [`Output`]s.
#[derive(Clone, Debug)]
pub enum Event<J> {
    /// An attempt to connect begins. `retry`: the server closed the first in the dialect that it
    /// picked, and the other is tried.
    Connecting { retry: bool },
    /// The socket is open.
    Opened { dialect: Dialect },
    /// A `ping` or a `pong` came, or is sent.
    Liveness {
        what: Liveness,
        received: bool,
        payload: Option<J>,
    },
    /// The connection failed, or the server reported an error that belongs to no operation.
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

//! What is told of connections.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::Stream;
use wasm_bindgen::JsValue;

use super::link::Link;
use crate::Error;
use crate::core::message::Liveness;
use crate::core::{client, dialect, output, retry};

pub use crate::core::client::TransportState;
pub use crate::core::output::{Outcome, Reason};
pub use crate::core::retry::{During, Verdict};
pub use crate::core::status::ClientState;

use super::error::Close;

/// A dialect that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Spoken by new servers; npm `graphql-ws`.
    GraphqlTransportWs,
    /// Spoken by older ones; npm `subscriptions-transport-ws`.
    GraphqlWs,
    /// AWS AppSync's: see `AppSync`.
    AppSync,
    /// Phoenix channels with Absinthe: see `Phoenix`.
    Phoenix,
}

/// A subprotocol that is offered to the server, whose choice among them says which dialect is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subprotocol {
    /// `graphql-transport-ws`: spoken by new servers.
    GraphqlTransportWs,
    /// `graphql-ws`: spoken by older ones.
    GraphqlWs,
}

impl From<dialect::Dialect> for Dialect {
    fn from(dialect: dialect::Dialect) -> Self {
        match dialect {
            dialect::Dialect::GraphqlTransportWs => Dialect::GraphqlTransportWs,
            dialect::Dialect::GraphqlWs => Dialect::GraphqlWs,
            dialect::Dialect::AppSync => Dialect::AppSync,
            dialect::Dialect::Phoenix => Dialect::Phoenix,
        }
    }
}

impl Subprotocol {
    pub(super) fn dialect(self) -> dialect::Dialect {
        match self {
            Subprotocol::GraphqlTransportWs => dialect::Dialect::GraphqlTransportWs,
            Subprotocol::GraphqlWs => dialect::Dialect::GraphqlWs,
        }
    }

    fn of(dialect: dialect::Dialect) -> Option<Self> {
        [Subprotocol::GraphqlTransportWs, Subprotocol::GraphqlWs]
            .into_iter()
            .find(|subprotocol| subprotocol.dialect() == dialect)
    }
}

/// Why an attempt to connect is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// 1 for the first since a connection was last ready.
    pub number: u32,
    pub reason: Reason,
    /// What ended the last connection or attempt.
    pub error: Option<Error>,
}

impl From<&output::AttemptInfo<JsValue>> for Attempt {
    fn from(attempt: &output::AttemptInfo<JsValue>) -> Self {
        Attempt {
            number: attempt.number,
            reason: attempt.reason,
            error: attempt.error.clone().map(Error::shared),
        }
    }
}

/// A connection of a [`Client`](crate::Client), or an attempt at one, that has failed, and what the client proposes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    pub error: Error,
    pub during: During,
    /// Failures in a row, with this one.
    pub failures: u32,
    /// Whether a connection was ever ready.
    pub ever_ready: bool,
    /// How long this connection was ready.
    pub uptime: Duration,
    pub proposed: Verdict,
    pub proposed_delay: Duration,
}

impl From<&retry::Failure<JsValue>> for Failure {
    fn from(failure: &retry::Failure<JsValue>) -> Self {
        Failure {
            error: Error::shared(failure.error.clone()),
            during: failure.during,
            failures: failure.failures,
            ever_ready: failure.ever_ready,
            uptime: Duration::from_millis(failure.uptime.0.into()),
            proposed: failure.proposed,
            proposed_delay: Duration::from_millis(failure.proposed_delay.0.into()),
        }
    }
}

/// How a connection, or an attempt at one, ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CloseReason {
    /// How its socket ended; `None` if it said nothing: there was none yet, or we closed it and it was given up, or ended
    /// without a close frame.
    pub close: Option<Close>,
    /// The close code and the reason that we sent, if we closed the socket.
    pub sent: Option<(u16, &'static str)>,
    /// What went wrong; `None` after `close`.
    pub error: Option<Error>,
}

impl From<&output::CloseReason<JsValue>> for CloseReason {
    fn from(reason: &output::CloseReason<JsValue>) -> Self {
        CloseReason {
            close: reason.close.clone(),
            sent: reason.sent,
            error: reason.error.clone().map(Error::shared),
        }
    }
}

/// The last payloads that the server sent with these messages on this connection.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Payloads {
    pub connection_ack: Option<JsValue>,
    pub ping: Option<JsValue>,
    pub pong: Option<JsValue>,
}

impl From<&client::Payloads<JsValue>> for Payloads {
    fn from(payloads: &client::Payloads<JsValue>) -> Self {
        Payloads {
            connection_ack: payloads.connection_ack.clone(),
            ping: payloads.ping.clone(),
            pong: payloads.pong.clone(),
        }
    }
}

/// What happens to the connections of a [`Client`](crate::Client) or a [`Transport`](crate::Transport).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// An attempt to connect begins.
    Connecting(Attempt),
    /// The socket is open.
    Opened {
        dialect: Dialect,
        /// What the server picked.
        subprotocol: Option<Subprotocol>,
    },
    /// The server has acknowledged the connection.
    Connected {
        payload: Option<JsValue>,
        /// Whether one was lost or replaced since one was last needed.
        reconnected: bool,
    },
    /// A `ping` was received or sent.
    Ping {
        received: bool,
        payload: Option<JsValue>,
    },
    /// A `pong` was received or sent.
    Pong {
        received: bool,
        payload: Option<JsValue>,
    },
    /// The connection failed; or the server reported an error that belongs to no operation and ends nothing.
    Error(Error),
    /// A connection, or an attempt at one, has ended.
    Disconnected {
        reason: CloseReason,
        /// Whether there will be another: of a transport never.
        outcome: Outcome,
    },
}

impl ConnectionEvent {
    pub(super) fn of(event: output::Event<JsValue>) -> Self {
        match event {
            output::Event::Connecting { attempt, .. } => {
                ConnectionEvent::Connecting((&*attempt).into())
            }
            output::Event::Opened {
                dialect,
                subprotocol,
            } => ConnectionEvent::Opened {
                dialect: dialect.into(),
                subprotocol: subprotocol.and_then(Subprotocol::of),
            },
            output::Event::Liveness {
                what: Liveness::Ping,
                received,
                payload,
            } => ConnectionEvent::Ping { received, payload },
            output::Event::Liveness {
                what: Liveness::Pong,
                received,
                payload,
            } => ConnectionEvent::Pong { received, payload },
            output::Event::Error(error) => ConnectionEvent::Error(Error::shared(error)),
            output::Event::Disconnected { reason, outcome } => ConnectionEvent::Disconnected {
                reason: (&reason).into(),
                outcome,
            },
        }
    }
}

/// Who listens to the events of a driver, each with a queue.
#[derive(Default)]
pub(super) struct Listeners(RefCell<Vec<Weak<Listener>>>);

#[derive(Default)]
struct Listener {
    queue: RefCell<VecDeque<ConnectionEvent>>,
    waker: RefCell<Option<Waker>>,
}

impl Listeners {
    fn add(&self) -> Rc<Listener> {
        let listener = Rc::<Listener>::default();
        self.0.borrow_mut().push(Rc::downgrade(&listener));
        listener
    }

    /// `event` is made if somebody listens.
    pub(super) fn tell(&self, event: impl FnOnce() -> ConnectionEvent) {
        // No borrow spans a call of a waker, which may come back here.
        let listening: Vec<_> = {
            let mut all = self.0.borrow_mut();
            all.retain(|listener| listener.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        if listening.is_empty() {
            return;
        }
        let event = event();
        for listener in listening {
            listener.queue.borrow_mut().push_back(event.clone());
            let waker = listener.waker.take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

/// What happens to connections, from when it was asked for: see
/// [`Client::connection_events`](crate::Client::connection_events). It has a queue without a bound, and does not end.
/// While it is there, so is the client.
pub struct ConnectionEvents {
    /// Keeps the driver.
    link: Link,
    listener: Rc<Listener>,
    /// Elsewhere than in WebAssembly it says so, and ends.
    error: Option<Error>,
}

impl ConnectionEvents {
    pub(super) fn new(link: &Link) -> Self {
        let (listener, error) = match link.driver() {
            Ok(driver) => (driver.host().listeners.add(), None),
            Err(error) => (Rc::default(), Some(error)),
        };
        ConnectionEvents {
            link: link.clone(),
            listener,
            error,
        }
    }
}

impl Stream for ConnectionEvents {
    type Item = ConnectionEvent;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(ConnectionEvent::Error(error)));
        }
        if self.link.driver().is_err() {
            return Poll::Ready(None);
        }
        let event = self.listener.queue.borrow_mut().pop_front();
        if event.is_none() {
            let waker = task.waker().clone();
            self.listener.waker.replace(Some(waker));
            return Poll::Pending;
        }
        Poll::Ready(event)
    }
}

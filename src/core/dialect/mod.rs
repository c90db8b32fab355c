//! The dialects of GraphQL over WebSocket. Each is a [`Session`] in a file of its own; nothing
//! outside this folder knows what a message is called on the wire.

#[cfg(feature = "appsync")]
mod appsync;
pub(super) mod deviation;
mod frame;
mod graphql_transport_ws;
mod graphql_ws;
#[cfg(feature = "phoenix")]
mod phoenix;

use std::rc::Rc;

use super::config::Config;
use super::document::OperationType;
use super::error::{Close, Error};
use super::json::Json;
use super::message::{OperationId, Parts, Received};
use super::time::Millis;

/// The dialects that a client can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Spoken by new servers; npm `graphql-ws`.
    GraphqlTransportWs,
    /// Spoken by older ones; npm `subscriptions-transport-ws`.
    GraphqlWs,
    /// AWS AppSync's: `graphql-ws` with credentials, and with an answer to each `start`. Subscriptions only.
    AppSync,
    /// Phoenix channels, as Absinthe speaks GraphQL over them.
    Phoenix,
}

/// What is sent to start an operation.
#[derive(Clone, Debug)]
pub enum Start<J> {
    Send(Parts<J>),
    /// Nothing before a user function has made the payload with credentials of this one: see
    /// [`Session::authorised`].
    Authorise(J),
    /// Nothing: the server runs the same already, for another operation. `is_there`: it has said so.
    Shared {
        is_there: bool,
    },
}

/// A dialect on one socket: turns what we want into frames, and frames into what happened. It
/// lives as long as the socket, and keeps to itself what the dialect has to remember.
pub trait Session<J: Json> {
    fn dialect(&self) -> Dialect;

    /// The first frame, sent when the socket is open; the server acknowledges it.
    fn init(&mut self, payload: Option<J>) -> Parts<J>;

    /// What the server has to send before anything else, for error messages.
    fn ack(&self) -> &'static str;

    /// Starts an operation. `payload`: the request as JSON text.
    fn start(&mut self, id: OperationId, kind: OperationType, payload: J) -> Start<J>;

    /// The frame that starts an operation with the payload that was asked for; `None` if it was left meanwhile.
    fn authorised(&mut self, _id: OperationId, _payload: J) -> Option<Parts<J>> {
        None
    }

    /// Stops an operation; `None` if there is nothing to send (yet).
    fn stop(&mut self, id: OperationId) -> Option<Parts<J>>;

    /// An operation is left without a stop: its user wants the server to go on.
    fn forget(&mut self, _id: OperationId) {}

    /// `None` if the dialect has no ping.
    fn ping(&mut self, payload: Option<J>) -> Option<Parts<J>>;

    /// `None` if the dialect has no pong.
    fn pong(&mut self, payload: Option<J>) -> Option<Parts<J>>;

    /// Sent before we close the socket, if the dialect has such a message.
    fn terminate(&mut self) -> Option<Parts<J>>;

    /// Judges a frame, and adds what it says to `events`: nothing for one that says nothing, or that
    /// is about an operation which is not ours. An error ends the connection. What a dialect does not allow is
    /// judged by one table, `deviation::Deviation`.
    fn recv(&mut self, frame: &J, events: &mut Vec<Received<J>>) -> Result<(), Rc<Error<J>>>;

    /// The server has the operation, as a result of it has shown on the driver's short way; or it has ended it.
    fn settled(&mut self, _id: OperationId) {}

    /// What the server says when it has an operation of that kind, for error messages; `None` if it says
    /// nothing. One whose start it does not answer has failed.
    fn confirmation(&self, _kind: OperationType) -> Option<&'static str> {
        None
    }

    /// How frames look that carry a result, or the end of an operation, and nothing else; `None` if each has to
    /// be judged by [`recv`](Self::recv).
    fn result_envelope(&self) -> Option<ResultEnvelope>;

    /// What a close means, where the dialect has a meaning of its own for it.
    fn meaning_of(&self, _close: &Close) -> Option<&'static str> {
        None
    }

    /// For how long a server is silent that is well, where it cannot be asked.
    fn usual_silence(&self) -> Millis {
        Millis(30_000)
    }

    /// Whether client and server can `ping` each other.
    fn has_ping(&self) -> bool;

    /// Whether the server can be relied on to end a query or a mutation once it has answered.
    fn completes_answers(&self) -> bool;
}

/// The frames `{ id, type, payload }` that the driver recognises by itself: their `type`s. It hands
/// them to [`Client::recv_result`] and [`Client::recv_complete`] without decoding them here.
///
/// [`Client::recv_result`]: super::client::Client::recv_result
/// [`Client::recv_complete`]: super::client::Client::recv_complete
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultEnvelope {
    pub next: &'static str,
    pub complete: &'static str,
}

/// Dialects in order of preference, each once: at least one.
pub type Offer = &'static [Dialect];

impl Dialect {
    /// All that can be told apart by the server's choice of a subprotocol, in order of preference.
    pub const ALL: Offer = &[Dialect::GraphqlTransportWs, Dialect::GraphqlWs];

    /// Those that only the user can choose.
    const CHOSEN: Offer = &[Dialect::AppSync, Dialect::Phoenix];

    /// This one first, then the others that it can be told apart from.
    pub fn first(self) -> Offer {
        match self {
            Dialect::GraphqlTransportWs => Self::ALL,
            Dialect::GraphqlWs => &[Dialect::GraphqlWs, Dialect::GraphqlTransportWs],
            Dialect::AppSync | Dialect::Phoenix => self.only(),
        }
    }

    /// This one and no other.
    pub fn only(self) -> Offer {
        match self {
            Dialect::GraphqlTransportWs => &[Dialect::GraphqlTransportWs],
            Dialect::GraphqlWs => &[Dialect::GraphqlWs],
            Dialect::AppSync => &[Dialect::AppSync],
            Dialect::Phoenix => &[Dialect::Phoenix],
        }
    }

    /// What users call it.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::GraphqlTransportWs => "graphql-transport-ws",
            Dialect::GraphqlWs => "graphql-ws",
            Dialect::AppSync => "appsync",
            Dialect::Phoenix => "phoenix",
        }
    }

    /// The dialect of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().chain(Self::CHOSEN).copied();
        all.find(|dialect| dialect.name() == name)
    }

    /// Whether it has operations of that kind, as far as that can be told before they are sent.
    pub(super) fn has(self, kind: OperationType) -> bool {
        self != Dialect::AppSync || !(kind.answers_once() || kind == OperationType::LiveQuery)
    }

    /// Whether the URL that the user gives is not yet the socket's: parameters and credentials belong to it.
    pub(super) fn has_handshake(self) -> bool {
        Self::CHOSEN.contains(&self)
    }

    /// The offer that a user lists: the first of `dialects`, alone or before the other. All for an
    /// empty list.
    pub fn offer(dialects: &[Dialect]) -> Offer {
        let Some(first) = dialects.first() else {
            return Self::ALL;
        };
        if dialects.iter().all(|dialect| dialect == first) {
            first.only()
        } else {
            first.first()
        }
    }

    /// The dialect of a subprotocol that is offered by its name alone.
    pub fn of_subprotocol(name: &str) -> Option<Self> {
        let is_named = |dialect: &Dialect| dialect.name() == name;
        Self::ALL.iter().copied().find(is_named)
    }

    /// The dialect that a server's choice among `offered` stands for: `None` if it picked
    /// something else. A server that picks nothing is taken for an old one if that was offered, as
    /// Python gql does.
    pub fn chosen(subprotocol: &str, offered: Offer) -> Option<Self> {
        if !subprotocol.is_empty() {
            return Self::of_subprotocol(subprotocol).filter(|dialect| offered.contains(dialect));
        }
        if offered.contains(&Dialect::GraphqlWs) {
            return Some(Dialect::GraphqlWs);
        }
        offered.first().copied()
    }

    /// A session on a socket that has just opened.
    pub fn session<J: Json>(self, config: &Config) -> Box<dyn Session<J>> {
        match self {
            Dialect::GraphqlTransportWs => {
                Box::<graphql_transport_ws::GraphqlTransportWs>::default()
            }
            Dialect::GraphqlWs => Box::<graphql_ws::GraphqlWs>::default(),
            #[cfg(feature = "appsync")]
            Dialect::AppSync => Box::<appsync::AppSync>::default(),
            #[cfg(feature = "phoenix")]
            Dialect::Phoenix => Box::new(phoenix::Phoenix::new(&config.topic)),
            // Without its feature nobody can choose it.
            #[cfg(not(all(feature = "appsync", feature = "phoenix")))]
            _ => {
                let _ = config;
                Box::<graphql_transport_ws::GraphqlTransportWs>::default()
            }
        }
    }
}

/// A subprotocol as a trace shows it: of one that carries credentials, which a server may pick, only its prefix.
pub fn shown(subprotocol: &str) -> &str {
    let mut carriers = ["header-", "base64url.bearer.phx."].into_iter();
    carriers
        .find(|it| subprotocol.starts_with(it))
        .unwrap_or(subprotocol)
}

/// The subprotocols of an offer, as error messages and traces list them.
pub fn subprotocols(offer: Offer, separator: &str) -> String {
    let mut names = String::new();
    for dialect in offer {
        if !names.is_empty() {
            names += separator;
        }
        names += dialect.name();
    }
    names
}

//! The dialects of GraphQL over WebSocket, one file each, behind one trait.

mod frame;
mod graphql_transport_ws;
mod graphql_ws;

use crate::json::Json;
use crate::message::{ClientMessage, ServerMessage};
use graphql_transport_ws::GraphqlTransportWs;
use graphql_ws::GraphqlWs;

/// One dialect: how messages are written and read. It reports what a frame says; what follows
/// from it is the connection's business.
pub trait Protocol<J: Json> {
    /// Writes a message as the text of a frame; `None` if the dialect has no such message.
    fn encode(&self, message: ClientMessage<'_>) -> Option<String>;

    /// Reads a frame.
    fn decode(&self, frame: &J) -> Result<ServerMessage<J>, Invalid>;

    /// The `type` of a frame `{ id, type, payload }` that carries a result and nothing else. It
    /// lets the driver hand such frames to [`Connection::recv_result`] without decoding them here.
    ///
    /// [`Connection::recv_result`]: crate::connection::Connection::recv_result
    fn result_type(&self) -> &'static str;

    /// Whether client and server can `ping` each other.
    fn has_ping(&self) -> bool;

    /// Whether `complete` can be relied on behind the answer to a query or a mutation.
    fn completes_answers(&self) -> bool;
}

/// Why a frame is no message of the dialect: what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub unknown_type: bool,
    pub expected: &'static str,
    pub received: String,
}

/// The dialects, each named by its WebSocket subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Spoken by new servers; npm `graphql-ws`.
    GraphqlTransportWs,
    /// Spoken by older ones; npm `subscriptions-transport-ws`.
    GraphqlWs,
}

impl Dialect {
    /// All of them, in order of preference.
    pub const ALL: &[Dialect] = &[Dialect::GraphqlTransportWs, Dialect::GraphqlWs];

    /// The subprotocol.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::GraphqlTransportWs => "graphql-transport-ws",
            Dialect::GraphqlWs => "graphql-ws",
        }
    }

    /// The dialect of a subprotocol.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|dialect| dialect.name() == name)
    }

    pub fn protocol<J: Json>(self) -> &'static dyn Protocol<J> {
        match self {
            Dialect::GraphqlTransportWs => &GraphqlTransportWs,
            Dialect::GraphqlWs => &GraphqlWs,
        }
    }

    /// The dialect that a server's choice among `offered` stands for: `None` if it picked
    /// something else. A server that picks nothing is taken for an old one if that was offered, as
    /// the model does.
    pub fn chosen(subprotocol: &str, offered: &[Dialect]) -> Option<Self> {
        if subprotocol.is_empty() {
            return offered
                .iter()
                .copied()
                .find(|dialect| *dialect == Dialect::GraphqlWs)
                .or_else(|| offered.first().copied());
        }
        Self::named(subprotocol).filter(|dialect| offered.contains(dialect))
    }
}

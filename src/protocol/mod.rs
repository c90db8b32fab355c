//! The dialects of GraphQL over WebSocket, one file each, behind one trait.

mod graphql_transport_ws;

use crate::json::Json;
use crate::message::{ClientMessage, ServerMessage};
use graphql_transport_ws::GraphqlTransportWs;

/// One dialect: how messages are written and read. It reports what a frame says; what follows
/// from it is the connection's business.
pub trait Protocol<J: Json> {
    /// Writes a message as the text of a frame.
    fn encode(&self, message: ClientMessage<'_>) -> String;

    /// Reads a frame.
    fn decode(&self, frame: &J) -> Result<ServerMessage<J>, Invalid>;

    /// The `type` of a frame `{ id, type, payload }` that carries a result and nothing else. It
    /// lets the driver hand such frames to [`Connection::recv_result`] without decoding them here.
    ///
    /// [`Connection::recv_result`]: crate::connection::Connection::recv_result
    fn result_type(&self) -> Option<&'static str>;
}

/// Why a frame is no message of the dialect: what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub unknown_type: bool,
    pub expected: &'static str,
    pub received: String,
}

/// The subprotocols to offer to a server, in order of preference.
pub const SUBPROTOCOLS: &[&str] = &[graphql_transport_ws::NAME];

/// The dialect that the server's choice of a subprotocol stands for, and its name.
///
/// A server that picks none is taken for one that speaks what was offered, as the model does.
/// `None` if it picked something that was not offered.
pub fn chosen<J: Json>(subprotocol: &str) -> Option<(&'static str, Box<dyn Protocol<J>>)> {
    match subprotocol {
        "" | graphql_transport_ws::NAME => {
            Some((graphql_transport_ws::NAME, Box::new(GraphqlTransportWs)))
        }
        _ => None,
    }
}

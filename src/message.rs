//! The messages of GraphQL over WebSocket, whatever a dialect calls them on the wire.

/// Identifies an operation of ours: on the wire as decimal text, never used twice.
pub type OperationId = u32;

/// A message from us to the server. Payloads are JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage<'a> {
    ConnectionInit {
        payload: Option<&'a str>,
    },
    Ping {
        payload: Option<&'a str>,
    },
    Pong {
        payload: Option<&'a str>,
    },
    Subscribe {
        id: OperationId,
        payload: &'a str,
    },
    /// Stops an operation.
    Complete {
        id: OperationId,
    },
    /// Legacy dialect: the client is about to close the connection.
    ConnectionTerminate,
}

/// One WebSocket message as the host gave it to us.
#[derive(Clone, Debug)]
pub enum Frame<J> {
    /// A text message that is JSON.
    Json(J),
    /// A text message that is not JSON.
    NotJson(String),
    Binary,
}

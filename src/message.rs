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

/// A message from the server to us. `id` is `None` for an id that cannot be one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage<J> {
    ConnectionAck {
        payload: Option<J>,
    },
    ConnectionError {
        payload: Option<J>,
    },
    Ping {
        payload: Option<J>,
    },
    Pong {
        payload: Option<J>,
    },
    /// Legacy dialect: the server is alive.
    KeepAlive,
    Next {
        id: Option<OperationId>,
        payload: J,
    },
    Error {
        id: Option<OperationId>,
        payload: Option<J>,
    },
    Complete {
        id: Option<OperationId>,
    },
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

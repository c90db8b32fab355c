//! The messages of GraphQL over WebSocket, whatever a dialect calls them on the wire.

/// Identifies an operation of ours: on the wire as decimal text, never used twice.
pub type OperationId = u32;

/// A message from us to the server. Payloads are JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage<'a> {
    ConnectionInit { payload: Option<&'a str> },
    Ping { payload: Option<&'a str> },
    Pong { payload: Option<&'a str> },
    Subscribe { id: OperationId, payload: &'a str },
    Complete { id: OperationId },
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

impl<J> ServerMessage<J> {
    /// The message's name in the specification.
    pub fn name(&self) -> &'static str {
        match self {
            ServerMessage::ConnectionAck { .. } => "connection_ack",
            ServerMessage::ConnectionError { .. } => "connection_error",
            ServerMessage::Ping { .. } => "ping",
            ServerMessage::Pong { .. } => "pong",
            ServerMessage::Next { .. } => "next",
            ServerMessage::Error { .. } => "error",
            ServerMessage::Complete { .. } => "complete",
        }
    }
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

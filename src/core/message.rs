//! Messages between client and server, whatever a dialect calls them on the wire.

use std::rc::Rc;

use super::error::{Error, Refusal};
use super::time::Millis;

/// Identifies one of our operations: on the wire as decimal text, never 0, never used twice.
pub type OperationId = u32;

/// The id in a text of the server's; `None` if it is none of ours, which are decimal numbers without leading zeros.
pub(super) fn decimal(text: &str) -> Option<OperationId> {
    if text.is_empty() || text.starts_with('0') && text != "0" {
        return None;
    }
    text.bytes().try_fold(0, |number: OperationId, byte| {
        let digit = char::from(byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Text in three parts; the host holds the middle one, and joins them. So what an operation carries is
/// never copied into WebAssembly.
#[derive(Clone, Debug)]
pub struct Parts<J> {
    pub before: String,
    /// A host string.
    pub value: Option<J>,
    pub after: &'static str,
}

impl<J> Parts<J> {
    /// Text of the core's alone.
    pub fn text(text: impl Into<String>) -> Self {
        Parts {
            before: text.into(),
            value: None,
            after: "",
        }
    }
}

/// One WebSocket message from the server, as the host gave it to us.
#[derive(Clone, Debug)]
pub enum Frame<J> {
    /// A text message that is JSON.
    Json(J),
    /// A text message that is not JSON, or the beginning of it.
    NotJson(String),
    Binary,
}

/// The messages by which client and server show that they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    Ping,
    Pong,
}

/// What a frame from the server says.
#[derive(Clone, Debug)]
pub enum Received<J> {
    /// The server accepted the connection, for the first time or again.
    Acknowledged {
        payload: Option<J>,
        /// How long it will be silent at most, if it says so.
        longest_silence: Option<Millis>,
    },
    /// The server refused the connection instead of acknowledging it.
    Refused {
        payload: Option<J>,
        why: Refusal,
    },
    /// The server has an operation: it said so.
    Started {
        id: OperationId,
    },
    /// A frame that the dialect wants sent.
    Reply(Parts<J>),
    /// The server ended a connection that it had accepted, and leaves the socket open.
    Broken(Error<J>),
    /// A result of an operation.
    Next {
        id: OperationId,
        result: J,
    },
    /// The server ended an operation with an error. `is_denied`: its credentials were not accepted, or are
    /// not any more.
    Failed {
        id: OperationId,
        payload: Option<J>,
        is_denied: bool,
    },
    /// The server sent something for an operation that cannot be its result.
    Malformed {
        id: OperationId,
        error: Rc<Error<J>>,
    },
    /// The server sent what the dialect does not allow, and it does not matter.
    Tolerated(Rc<Error<J>>),
    /// The server ended an operation.
    Completed {
        id: OperationId,
    },
    Ping {
        payload: Option<J>,
    },
    Pong {
        payload: Option<J>,
    },
    /// A message that says nothing but that the server is there.
    KeepAlive,
    /// An error that belongs to no operation; nothing ends by it.
    ServerError {
        payload: Option<J>,
    },
}

//! The form of a message, which is the same in all dialects: `{ id?, type, payload? }`.

use std::rc::Rc;

use super::{Dialect, Message};
use crate::error::Error;
use crate::json::{Json, Kind};
use crate::message::{ClientMessage, OperationId};
use crate::text::{concat, decimal};

/// A message from the server.
#[derive(Clone, Debug)]
pub struct Received<J> {
    pub message: Message,
    /// `None` for an id that cannot be one of ours, and for messages that have none.
    pub id: Option<OperationId>,
    /// Checked to be what the message has. A result has one.
    pub payload: Option<J>,
}

impl Dialect {
    /// Writes a message as the text of a frame; `None` if the dialect has no such message.
    pub fn encode(self, message: ClientMessage<'_>) -> Option<String> {
        let (message, id, payload) = match message {
            ClientMessage::ConnectionInit { payload } => (Message::ConnectionInit, None, payload),
            ClientMessage::Ping { payload } => (Message::Ping, None, payload),
            ClientMessage::Pong { payload } => (Message::Pong, None, payload),
            ClientMessage::Subscribe { id, payload } => {
                (Message::Subscribe, Some(id), Some(payload))
            }
            ClientMessage::Complete { id } => (Message::Complete, Some(id), None),
            ClientMessage::ConnectionTerminate => (Message::ConnectionTerminate, None, None),
        };
        let word = self.words().sent(message)?;
        let id = id.map(decimal);
        let (open, id, close) = match &id {
            Some(id) => (r#"{"id":""#, id.as_str(), r#"","type":""#),
            None => ("", "", r#"{"type":""#),
        };
        let (key, payload) = match payload {
            Some(payload) => (r#"","payload":"#, payload),
            None => (r#"""#, ""),
        };
        Some(concat(&[open, id, close, word, key, payload, "}"]))
    }

    /// Reads a frame.
    pub fn decode<J: Json>(self, frame: &J) -> Result<Received<J>, Rc<Error<J>>> {
        let words = self.words();
        let name = message_type(frame)?;
        let Some((message, _)) = words.received.iter().find(|(_, word)| *word == name) else {
            return Err(Error::unknown_message_type(words.expected, &name));
        };
        let mut received = Received {
            message: *message,
            id: None,
            payload: frame.get("payload"),
        };
        let kind = received.payload.as_ref().map_or(Kind::Null, J::kind);
        match message {
            // `null` counts as nothing, since servers in languages where the two are one send it.
            Message::ConnectionAck | Message::Ping | Message::Pong if kind == Kind::Null => {
                received.payload = None;
            }
            Message::ConnectionAck | Message::Ping | Message::Pong if kind != Kind::Object => {
                return Err(invalid("a `payload` that is an object", kind.described()));
            }
            Message::Next | Message::Complete => received.id = id(frame)?,
            // The modern specification has a non-empty list of GraphQL errors as its payload; servers
            // also send an object, nothing at all, or no id, and the operation is over all the same.
            Message::Error if frame.get("id").is_some_and(|id| id.kind() != Kind::Null) => {
                received.id = id(frame)?;
            }
            _ => {}
        }
        if *message == Message::Next && kind != Kind::Object {
            return Err(match received.payload {
                None => invalid("a result with a `payload`", "one without"),
                Some(_) => invalid(
                    "a result whose `payload` is an execution result, which is an object",
                    kind.described(),
                ),
            });
        }
        Ok(received)
    }
}

/// The `type` of a frame.
fn message_type<J: Json>(frame: &J) -> Result<String, Rc<Error<J>>> {
    let kind = frame.kind();
    if kind != Kind::Object {
        return Err(invalid("a message, which is an object", kind.described()));
    }
    let Some(name) = frame.get("type") else {
        return Err(invalid("a message with a `type`", "an object without one"));
    };
    let expected = "a message whose `type` is a string";
    name.text()
        .ok_or_else(|| invalid(expected, name.kind().described()))
}

/// The `id`, which the specifications have as a string. Ours are decimal numbers without leading
/// zeros, so any other string is the id of no operation of ours.
fn id<J: Json>(frame: &J) -> Result<Option<OperationId>, Rc<Error<J>>> {
    let Some(id) = frame.get("id") else {
        return Err(invalid("a message with an `id`", "one without"));
    };
    let Some(text) = id.text() else {
        return Err(invalid("an `id` that is a string", id.kind().described()));
    };
    // For a text that is none of ours this is some other number.
    let number = text.bytes().fold(0, |number: OperationId, byte| {
        let digit = byte.wrapping_sub(b'0');
        number.wrapping_mul(10).wrapping_add(digit.into())
    });
    Ok((decimal(number) == text).then_some(number))
}

fn invalid<J: Json>(expected: &str, received: &str) -> Rc<Error<J>> {
    Error::invalid_message(expected, received)
}

//! The form of a message, which is the same in all dialects: `{ id?, type, payload? }`.

use super::{Dialect, Message};
use crate::json::{Json, Kind};
use crate::message::{ClientMessage, OperationId, ServerMessage};
use crate::text::{concat, decimal, excerpt};

/// Why a frame is no message of the dialect: what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub unknown_type: bool,
    pub expected: &'static str,
    pub received: String,
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
        let mut text = "{".to_owned();
        if let Some(id) = id {
            text.push_str(r#""id":""#);
            text.push_str(&decimal(id));
            text.push_str(r#"","#);
        }
        text.push_str(r#""type":""#);
        text.push_str(word);
        text.push('"');
        if let Some(payload) = payload {
            text.push_str(r#","payload":"#);
            text.push_str(payload);
        }
        text.push('}');
        Some(text)
    }

    /// Reads a frame.
    pub fn decode<J: Json>(self, frame: &J) -> Result<ServerMessage<J>, Invalid> {
        let received = self.words().received;
        let name = message_type(frame)?;
        let Some((message, _)) = received.iter().find(|(_, word)| *word == name) else {
            return Err(Invalid {
                unknown_type: true,
                expected: self.words().expected,
                received: concat(&["`", &excerpt(&name), "`"]),
            });
        };
        let payload = frame.get("payload");
        Ok(match message {
            Message::ConnectionAck => ServerMessage::ConnectionAck {
                payload: details(payload)?,
            },
            Message::Ping => ServerMessage::Ping {
                payload: details(payload)?,
            },
            Message::Pong => ServerMessage::Pong {
                payload: details(payload)?,
            },
            Message::Next => ServerMessage::Next {
                id: id(frame)?,
                payload: result(payload)?,
            },
            Message::Complete => ServerMessage::Complete { id: id(frame)? },
            // Servers also send it without an id, and the payload in other forms than a list of
            // errors: the operation is over all the same.
            Message::Error => ServerMessage::Error {
                id: match frame.get("id") {
                    Some(id) if id.kind() != Kind::Null => self::id(frame)?,
                    _ => None,
                },
                payload,
            },
            Message::ConnectionError => ServerMessage::ConnectionError { payload },
            // Only `ka` is left of those that servers send.
            _ => ServerMessage::KeepAlive,
        })
    }
}

/// The `type` of a frame.
fn message_type<J: Json>(frame: &J) -> Result<String, Invalid> {
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

/// The payload of `connection_ack`, `ping` and `pong`: an object, or nothing. `null` counts as
/// nothing, since servers in languages where the two are one send it.
fn details<J: Json>(payload: Option<J>) -> Result<Option<J>, Invalid> {
    match payload.as_ref().map_or(Kind::Null, J::kind) {
        Kind::Null => Ok(None),
        Kind::Object => Ok(payload),
        other => Err(invalid("a `payload` that is an object", other.described())),
    }
}

/// The payload of a result.
fn result<J: Json>(payload: Option<J>) -> Result<J, Invalid> {
    let Some(payload) = payload else {
        return Err(invalid("a result with a `payload`", "one without"));
    };
    match payload.kind() {
        Kind::Object => Ok(payload),
        other => Err(invalid(
            "a result whose `payload` is an execution result, which is an object",
            other.described(),
        )),
    }
}

/// The `id`, which the specifications have as a string. Ours are decimal numbers without leading
/// zeros, so any other string is the id of no operation of ours.
fn id<J: Json>(frame: &J) -> Result<Option<OperationId>, Invalid> {
    let Some(id) = frame.get("id") else {
        return Err(invalid("a message with an `id`", "one without"));
    };
    let Some(text) = id.text() else {
        return Err(invalid("an `id` that is a string", id.kind().described()));
    };
    let number = text.parse::<OperationId>().ok();
    Ok(number.filter(|number| decimal(*number) == text))
}

fn invalid(expected: &'static str, received: &str) -> Invalid {
    Invalid {
        unknown_type: false,
        expected,
        received: received.to_owned(),
    }
}

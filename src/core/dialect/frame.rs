//! The form `{ id?, type, payload? }`, which the messages of most dialects have.

use std::rc::Rc;

use super::deviation::Deviation;
use crate::core::error::{Ends, Error, Refusal};
use crate::core::json::{Json, Kind};
use crate::core::message::{OperationId, Parts, Received, decimal};
use crate::core::untrusted::excerpt;

/// The type of the message by which the server accepts the connection.
pub(super) const ACK: &str = "connection_ack";

/// A message to the server. `payload`: JSON text, a host string.
pub(super) fn message<J>(name: &str, id: Option<OperationId>, payload: Option<J>) -> Parts<J> {
    let mut text = match id {
        Some(id) => format!(r#"{{"id":"{id}","type":""#),
        None => r#"{"type":""#.to_owned(),
    };
    text += name;
    text += if payload.is_some() {
        r#"","payload":"#
    } else {
        r#"""#
    };
    Parts {
        before: text,
        value: payload,
        after: "}",
    }
}

/// A dialect's words, for [`recv`].
pub(super) struct Words {
    /// The type of a result.
    pub(super) next: &'static str,
    /// The type that says that an operation is there, if there is one.
    pub(super) started: Option<&'static str>,
    /// The types that a server should send, for error messages.
    pub(super) expected: &'static str,
    /// Whether client and server can `ping` each other.
    pub(super) has_ping: bool,
}

/// Judges a message, and adds what it says to `events`. An error ends the connection.
pub(super) fn recv<J: Json>(
    words: &Words,
    frame: &J,
    acknowledged: &mut bool,
    events: &mut Vec<Received<J>>,
) -> Result<(), Rc<Error<J>>> {
    let mut reader = Reader {
        frame,
        acknowledged: *acknowledged,
        events,
    };
    let Some(name) = reader.message_type()? else {
        return Ok(());
    };
    match name.as_str() {
        ACK => {
            let payload = reader.object_payload();
            *acknowledged = true;
            events.push(Received::Acknowledged {
                payload,
                longest_silence: None,
            });
        }
        "ping" if words.has_ping => {
            let payload = reader.object_payload();
            events.push(Received::Ping { payload });
        }
        "pong" if words.has_ping => {
            let payload = reader.object_payload();
            events.push(Received::Pong { payload });
        }
        // Servers that speak both dialects send these two in both. Where there are pings, nothing depends on it.
        "ka" if words.has_ping => {}
        "ka" => events.push(Received::KeepAlive),
        "connection_error" => reader.connection_error(),
        "error" => reader.error(),
        "complete" if *acknowledged => reader.complete(),
        name if Some(name) == words.started && *acknowledged => reader.started(),
        name if name == words.next && *acknowledged => reader.result(),
        name if name == words.next || name == "complete" => reader.too_early(name),
        name => {
            let error = Error::UnknownMessageType {
                expected: words.expected,
                received: excerpt(name),
            };
            events.push(Received::Tolerated(Rc::new(error)));
        }
    }
    Ok(())
}

/// Reads one frame.
struct Reader<'a, J> {
    frame: &'a J,
    acknowledged: bool,
    events: &'a mut Vec<Received<J>>,
}

/// The `id` of a frame.
enum Id {
    /// Of one of our operations, perhaps one that is over.
    Ours(OperationId),
    /// Of none: ours are decimal numbers without leading zeros.
    Foreign,
    /// There is no `id`, or one that is none.
    None(&'static str),
}

impl<J: Json> Reader<'_, J> {
    /// The `type`; `None` if it is to be ignored that there is none.
    fn message_type(&mut self) -> Result<Option<String>, Rc<Error<J>>> {
        let kind = self.frame.kind();
        let (deviation, expected, received) = if kind != Kind::Object {
            let expected = "a message, which is an object";
            (Deviation::NotAnObject, expected, kind.described())
        } else {
            match self.frame.get("type") {
                None => {
                    let expected = "a message with a `type`";
                    (Deviation::NoType, expected, "an object without one")
                }
                Some(name) => match name.text() {
                    Some(text) => return Ok(Some(text)),
                    None => {
                        let expected = "a message whose `type` is a string";
                        (Deviation::NoType, expected, name.kind().described())
                    }
                },
            }
        };
        let error = deviation.error(self.acknowledged, expected, received);
        if error.ends() == Ends::Connection {
            return Err(error);
        }
        self.events.push(Received::Tolerated(error));
        Ok(None)
    }

    /// The payload of `connection_ack`, `ping` or `pong`: an object, or nothing. `null` counts as
    /// nothing, since servers in languages where the two are one send it.
    fn object_payload(&mut self) -> Option<J> {
        let payload = self.frame.get("payload");
        match payload.as_ref().map_or(Kind::Null, J::kind) {
            Kind::Null => None,
            Kind::Object => payload,
            other => {
                let expected = "a `payload` that is an object";
                self.tolerate(Deviation::WrongPayload, expected, other.described());
                None
            }
        }
    }

    fn result(&mut self) {
        let id = match self.id() {
            Id::Ours(id) => id,
            Id::Foreign => return,
            Id::None(received) => return self.no_id(received),
        };
        let payload = self.frame.get("payload");
        let kind = payload.as_ref().map(J::kind);
        self.events.push(match payload {
            Some(result) if kind == Some(Kind::Object) => Received::Next { id, result },
            _ => Received::Malformed {
                id,
                error: Deviation::WrongResult.error(
                    self.acknowledged,
                    "a result whose `payload` is an execution result, which is an object",
                    kind.map_or("one without a `payload`", Kind::described),
                ),
            },
        });
    }

    fn complete(&mut self) {
        match self.id() {
            Id::Ours(id) => self.events.push(Received::Completed { id }),
            Id::Foreign => {}
            Id::None(received) => self.no_id(received),
        }
    }

    fn started(&mut self) {
        match self.id() {
            Id::Ours(id) => self.events.push(Received::Started { id }),
            Id::Foreign => {}
            Id::None(received) => self.no_id(received),
        }
    }

    /// An `error`. The modern specification has a non-empty list of GraphQL errors as its payload and
    /// the id of an operation. Servers also send an object, nothing at all, or no id. Without an id
    /// it is about the connection: a refusal before the ack, and after it a complaint about a
    /// message that the server could not read. An empty id is none.
    fn error(&mut self) {
        let id = self.frame.get("id").and_then(|id| id.text());
        match self.id() {
            Id::None(_) => self.refusal(),
            Id::Foreign if id.is_some_and(|id| id.is_empty()) => self.refusal(),
            // No operation is on the wire before the ack, whatever the id.
            _ if !self.acknowledged => self.refusal(),
            Id::Foreign => {}
            Id::Ours(id) => {
                let payload = self.frame.get("payload");
                self.events.push(Received::Failed {
                    id,
                    payload,
                    is_denied: false,
                });
            }
        }
    }

    /// Once there is an ack, a `connection_error` with an id is about an operation that is not ours.
    fn connection_error(&mut self) {
        let has_id = self
            .frame
            .get("id")
            .is_some_and(|id| id.kind() != Kind::Null);
        if !has_id || !self.acknowledged {
            self.refusal();
        }
    }

    /// An error of the connection.
    fn refusal(&mut self) {
        let payload = self.frame.get("payload");
        self.events.push(if self.acknowledged {
            Received::ServerError { payload }
        } else {
            Received::Refused {
                payload,
                why: Refusal::Credentials,
            }
        });
    }

    /// The `id`, which the specifications have as a string. Some servers make numbers of ours.
    fn id(&mut self) -> Id {
        let Some(id) = self.frame.get("id") else {
            return Id::None("one without");
        };
        let kind = id.kind();
        let text = match kind {
            Kind::String => id.text(),
            Kind::Number => id.stringify().and_then(|text| text.text()),
            _ => return Id::None(kind.described()),
        };
        if kind == Kind::Number {
            self.tolerate(Deviation::NumericId, "an `id` that is a string", "a number");
        }
        match decimal(&text.unwrap_or_default()) {
            Some(number) => Id::Ours(number),
            None => Id::Foreign,
        }
    }

    fn no_id(&mut self, received: &'static str) {
        self.tolerate(Deviation::NoId, "a message with an `id`", received);
    }

    fn too_early(&mut self, name: &str) {
        let error = Error::UnexpectedMessage {
            expected: ACK,
            received: name.to_owned(),
        };
        self.events.push(Received::Tolerated(Rc::new(error)));
    }

    fn tolerate(&mut self, deviation: Deviation, expected: &'static str, received: &'static str) {
        let error = deviation.error(self.acknowledged, expected, received);
        self.events.push(Received::Tolerated(error));
    }
}

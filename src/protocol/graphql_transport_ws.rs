//! The dialect `graphql-transport-ws`: the [GraphQL over WebSocket Protocol] of the npm package
//! `graphql-ws`, the one that new servers speak.
//!
//! [GraphQL over WebSocket Protocol]: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md

use super::{Invalid, Protocol};
use crate::error::excerpt;
use crate::json::{Json, Kind};
use crate::message::{ClientMessage, OperationId, ServerMessage};

pub(super) const NAME: &str = "graphql-transport-ws";

pub(super) struct GraphqlTransportWs;

impl<J: Json> Protocol<J> for GraphqlTransportWs {
    fn encode(&self, message: ClientMessage<'_>) -> String {
        match message {
            ClientMessage::ConnectionInit { payload } => without_id("connection_init", payload),
            ClientMessage::Ping { payload } => without_id("ping", payload),
            ClientMessage::Pong { payload } => without_id("pong", payload),
            ClientMessage::Subscribe { id, payload } => [
                r#"{"id":""#,
                &id.to_string(),
                r#"","type":"subscribe","payload":"#,
                payload,
                "}",
            ]
            .concat(),
            ClientMessage::Complete { id } => {
                [r#"{"id":""#, &id.to_string(), r#"","type":"complete"}"#].concat()
            }
        }
    }

    fn decode(&self, frame: &J) -> Result<ServerMessage<J>, Invalid> {
        if frame.kind() != Kind::Object {
            return Err(invalid(
                "a message, which is an object",
                frame.kind().described(),
            ));
        }
        let Some(name) = frame.get("type") else {
            return Err(invalid("a message with a `type`", "an object without one"));
        };
        let Some(name) = name.text() else {
            return Err(invalid(
                "a message whose `type` is a string",
                name.kind().described(),
            ));
        };
        match name.as_str() {
            "connection_ack" => Ok(ServerMessage::ConnectionAck {
                payload: details(frame)?,
            }),
            "ping" => Ok(ServerMessage::Ping {
                payload: details(frame)?,
            }),
            "pong" => Ok(ServerMessage::Pong {
                payload: details(frame)?,
            }),
            "next" => {
                let id = id(frame)?;
                let Some(payload) = frame.get("payload") else {
                    return Err(invalid("`next` with a `payload`", "one without"));
                };
                match payload.kind() {
                    Kind::Object => Ok(ServerMessage::Next { id, payload }),
                    other => Err(invalid(
                        "`next` whose `payload` is an execution result, which is an object",
                        other.described(),
                    )),
                }
            }
            // The specification has a non-empty list of GraphQL errors here; servers also send an
            // object, nothing at all, or no id, and the operation is over all the same.
            "error" => Ok(ServerMessage::Error {
                id: match frame.get("id") {
                    None => None,
                    Some(id) if id.kind() == Kind::Null => None,
                    Some(_) => id(frame)?,
                },
                payload: frame.get("payload"),
            }),
            "complete" => Ok(ServerMessage::Complete { id: id(frame)? }),
            // Not of this dialect, but sent in it by servers that speak the legacy one too.
            "connection_error" => Ok(ServerMessage::ConnectionError {
                payload: frame.get("payload"),
            }),
            _ => Err(Invalid {
                unknown_type: true,
                expected: "connection_ack, ping, pong, next, error or complete",
                received: ["`", &excerpt(&name), "`"].concat(),
            }),
        }
    }

    fn result_type(&self) -> Option<&'static str> {
        Some("next")
    }
}

fn without_id(name: &str, payload: Option<&str>) -> String {
    match payload {
        None => [r#"{"type":""#, name, r#""}"#].concat(),
        Some(payload) => [r#"{"type":""#, name, r#"","payload":"#, payload, "}"].concat(),
    }
}

/// The payload of `connection_ack`, `ping` and `pong`: an object, or nothing. `null` counts as
/// nothing, since servers in languages where the two are one send it.
fn details<J: Json>(frame: &J) -> Result<Option<J>, Invalid> {
    match frame.get("payload") {
        None => Ok(None),
        Some(payload) => match payload.kind() {
            Kind::Null => Ok(None),
            Kind::Object => Ok(Some(payload)),
            other => Err(invalid("a `payload` that is an object", other.described())),
        },
    }
}

/// The `id`, which the specification has as a string. Ours are decimal numbers without leading
/// zeros, so any other string is the id of no operation of ours.
fn id<J: Json>(frame: &J) -> Result<Option<OperationId>, Invalid> {
    let Some(id) = frame.get("id") else {
        return Err(invalid("a message with an `id`", "one without"));
    };
    match id.text() {
        Some(text) => Ok(text
            .parse::<OperationId>()
            .ok()
            .filter(|number| number.to_string() == text)),
        None => Err(invalid("an `id` that is a string", id.kind().described())),
    }
}

fn invalid(expected: &'static str, received: &str) -> Invalid {
    Invalid {
        unknown_type: false,
        expected,
        received: received.to_owned(),
    }
}

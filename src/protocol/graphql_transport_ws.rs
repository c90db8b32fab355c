//! The dialect `graphql-transport-ws`: the [GraphQL over WebSocket Protocol] of the npm package
//! `graphql-ws`, the one that new servers speak.
//!
//! [GraphQL over WebSocket Protocol]: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md

use super::frame::{details, error, id, message_type, result, with_id, without_id};
use super::{Invalid, Protocol};
use crate::error::excerpt;
use crate::json::Json;
use crate::message::{ClientMessage, ServerMessage};

pub(super) struct GraphqlTransportWs;

impl<J: Json> Protocol<J> for GraphqlTransportWs {
    fn encode(&self, message: ClientMessage<'_>) -> Option<String> {
        Some(match message {
            ClientMessage::ConnectionInit { payload } => without_id("connection_init", payload),
            ClientMessage::Ping { payload } => without_id("ping", payload),
            ClientMessage::Pong { payload } => without_id("pong", payload),
            ClientMessage::Subscribe { id, payload } => with_id(id, "subscribe", Some(payload)),
            ClientMessage::Complete { id } => with_id(id, "complete", None),
            ClientMessage::ConnectionTerminate => return None,
        })
    }

    fn decode(&self, frame: &J) -> Result<ServerMessage<J>, Invalid> {
        let name = message_type(frame)?;
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
            "next" => result(frame),
            "error" => error(frame),
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

    fn result_type(&self) -> &'static str {
        "next"
    }

    fn has_ping(&self) -> bool {
        true
    }

    fn completes_answers(&self) -> bool {
        true
    }
}

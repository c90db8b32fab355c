//! The dialect `graphql-transport-ws`: the [GraphQL over WebSocket Protocol] of the npm package
//! `graphql-ws`, the one that new servers speak.
//!
//! [GraphQL over WebSocket Protocol]: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md

use super::frame::{details, message_type, result, shared, with_id, without_id};
use super::{Invalid, Protocol};
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
            "ping" => Ok(ServerMessage::Ping {
                payload: details(frame)?,
            }),
            "pong" => Ok(ServerMessage::Pong {
                payload: details(frame)?,
            }),
            "next" => result(frame),
            name => shared(
                name,
                frame,
                "connection_ack, ping, pong, next, error or complete",
            ),
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

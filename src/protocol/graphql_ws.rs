//! The dialect `graphql-ws`: the [protocol] of the npm package `subscriptions-transport-ws`, which
//! older servers speak. (The npm package called `graphql-ws` speaks the other one.)
//!
//! [protocol]: https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md

use super::frame::{message_type, result, shared, with_id, without_id};
use super::{Invalid, Protocol};
use crate::json::Json;
use crate::message::{ClientMessage, ServerMessage};

pub(super) struct GraphqlWs;

impl<J: Json> Protocol<J> for GraphqlWs {
    fn encode(&self, message: ClientMessage<'_>) -> Option<String> {
        Some(match message {
            ClientMessage::ConnectionInit { payload } => without_id("connection_init", payload),
            ClientMessage::Subscribe { id, payload } => with_id(id, "start", Some(payload)),
            ClientMessage::Complete { id } => with_id(id, "stop", None),
            ClientMessage::ConnectionTerminate => without_id("connection_terminate", None),
            ClientMessage::Ping { .. } | ClientMessage::Pong { .. } => return None,
        })
    }

    fn decode(&self, frame: &J) -> Result<ServerMessage<J>, Invalid> {
        let name = message_type(frame)?;
        match name.as_str() {
            "ka" => Ok(ServerMessage::KeepAlive),
            "data" => result(frame),
            name => shared(
                name,
                frame,
                "connection_ack, connection_error, ka, data, error or complete",
            ),
        }
    }

    fn result_type(&self) -> &'static str {
        "data"
    }

    fn has_ping(&self) -> bool {
        false
    }

    fn completes_answers(&self) -> bool {
        false
    }
}

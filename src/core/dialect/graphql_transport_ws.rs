//! The dialect `graphql-transport-ws`: the [GraphQL over WebSocket Protocol] of the npm package
//! `graphql-ws`, the one that new servers speak.
//!
//! [GraphQL over WebSocket Protocol]: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md

use std::rc::Rc;

use super::{Dialect, ResultEnvelope, Session, Start, frame};
use crate::core::document::OperationType;
use crate::core::error::Error;
use crate::core::json::Json;
use crate::core::message::{OperationId, Parts, Received};

/// The type of a result.
const NEXT: &str = "next";

const WORDS: frame::Words = frame::Words {
    next: NEXT,
    started: None,
    expected: "connection_ack, ping, pong, next, error or complete",
    has_ping: true,
};

#[derive(Debug, Default)]
pub(super) struct GraphqlTransportWs {
    acknowledged: bool,
}

impl<J: Json> Session<J> for GraphqlTransportWs {
    fn dialect(&self) -> Dialect {
        Dialect::GraphqlTransportWs
    }

    fn init(&mut self, payload: Option<J>) -> Parts<J> {
        frame::message("connection_init", None, payload)
    }

    fn ack(&self) -> &'static str {
        frame::ACK
    }

    fn start(&mut self, id: OperationId, _kind: OperationType, payload: J) -> Start<J> {
        Start::Send(frame::message("subscribe", Some(id), Some(payload)))
    }

    fn stop(&mut self, id: OperationId) -> Option<Parts<J>> {
        Some(frame::message("complete", Some(id), None))
    }

    fn ping(&mut self, payload: Option<J>) -> Option<Parts<J>> {
        Some(frame::message("ping", None, payload))
    }

    fn pong(&mut self, payload: Option<J>) -> Option<Parts<J>> {
        Some(frame::message("pong", None, payload))
    }

    fn terminate(&mut self) -> Option<Parts<J>> {
        None
    }

    fn recv(&mut self, frame: &J, events: &mut Vec<Received<J>>) -> Result<(), Rc<Error<J>>> {
        frame::recv(&WORDS, frame, &mut self.acknowledged, events)
    }

    fn result_envelope(&self) -> Option<ResultEnvelope> {
        Some(ResultEnvelope {
            next: NEXT,
            complete: "complete",
        })
    }

    fn has_ping(&self) -> bool {
        WORDS.has_ping
    }

    fn completes_answers(&self) -> bool {
        true
    }
}

//! The dialect `graphql-ws`: the [protocol] of the npm package `subscriptions-transport-ws`, which
//! older servers speak. (The npm package called `graphql-ws` speaks the other one.)
//!
//! [protocol]: https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md

use std::rc::Rc;

use super::{Dialect, ResultEnvelope, Session, Start, frame};
use crate::core::document::OperationType;
use crate::core::error::Error;
use crate::core::json::Json;
use crate::core::message::{OperationId, Parts, Received};

/// The type of a result.
const NEXT: &str = "data";

const WORDS: frame::Words = frame::Words {
    next: NEXT,
    started: None,
    expected: "connection_ack, connection_error, ka, data, error or complete",
    has_ping: false,
};

#[derive(Debug, Default)]
pub(super) struct GraphqlWs {
    acknowledged: bool,
}

impl<J: Json> Session<J> for GraphqlWs {
    fn dialect(&self) -> Dialect {
        Dialect::GraphqlWs
    }

    fn init(&mut self, payload: Option<J>) -> Parts<J> {
        frame::message("connection_init", None, payload)
    }

    fn ack(&self) -> &'static str {
        frame::ACK
    }

    fn start(&mut self, id: OperationId, _kind: OperationType, payload: J) -> Start<J> {
        Start::Send(frame::message("start", Some(id), Some(payload)))
    }

    fn stop(&mut self, id: OperationId) -> Option<Parts<J>> {
        Some(frame::message("stop", Some(id), None))
    }

    fn ping(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        None
    }

    fn pong(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        None
    }

    fn terminate(&mut self) -> Option<Parts<J>> {
        Some(frame::message("connection_terminate", None, None))
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

    /// Servers of this dialect may never send `complete` for a query or a mutation.
    fn completes_answers(&self) -> bool {
        false
    }
}

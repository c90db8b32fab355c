//! The dialect of AWS AppSync's real-time endpoint: `graphql-ws` with credentials in the handshake and in each
//! `start`, and with a `start_ack` that says when a subscription is there. [AWS's guide] has it; what it leaves out
//! is as AWS's own clients do it.
//!
//! [AWS's guide]: https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html

use std::collections::HashMap;
use std::rc::Rc;

use super::{Dialect, ResultEnvelope, Session, Start, frame};
use crate::core::document::OperationType;
use crate::core::error::{Error, Refusal};
use crate::core::json::{Json, Kind};
use crate::core::message::{OperationId, Parts, Received};
use crate::core::time::Millis;

/// The type of a result.
const NEXT: &str = "data";

const WORDS: frame::Words = frame::Words {
    next: NEXT,
    started: Some("start_ack"),
    expected: "connection_ack, connection_error, ka, start_ack, data, error or complete",
    has_ping: false,
};

/// How long the server may be silent if its ack does not say: AWS's clients take the same.
const LONGEST_SILENCE: Millis = Millis(300_000);

/// Its `ka` comes once a minute.
const USUAL_SILENCE: Millis = Millis(65_000);

/// How far the start of an operation is. One that has been acknowledged is in no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starting {
    /// Its credentials are being made; nothing was sent.
    Authorising,
    Sent,
    /// It was left before the `start_ack`. A `stop` that overtakes it may stop nothing, so it is sent behind it.
    Leaving,
}

#[derive(Debug, Default)]
pub(super) struct AppSync {
    acknowledged: bool,
    starting: HashMap<OperationId, Starting>,
}

impl<J: Json> Session<J> for AppSync {
    fn dialect(&self) -> Dialect {
        Dialect::AppSync
    }

    fn init(&mut self, payload: Option<J>) -> Parts<J> {
        frame::message("connection_init", None, payload)
    }

    fn ack(&self) -> &'static str {
        frame::ACK
    }

    fn start(&mut self, id: OperationId, _kind: OperationType, payload: J) -> Start<J> {
        self.starting.insert(id, Starting::Authorising);
        Start::Authorise(payload)
    }

    fn authorised(&mut self, id: OperationId, payload: J) -> Option<Parts<J>> {
        let starting = self.starting.get_mut(&id)?;
        *starting = Starting::Sent;
        Some(frame::message("start", Some(id), Some(payload)))
    }

    fn stop(&mut self, id: OperationId) -> Option<Parts<J>> {
        match self.starting.get_mut(&id) {
            Some(Starting::Authorising) => {
                self.starting.remove(&id);
                return None;
            }
            Some(starting @ Starting::Sent) => {
                *starting = Starting::Leaving;
                return None;
            }
            // A result shows that the server has it.
            Some(Starting::Leaving) => {
                self.starting.remove(&id);
            }
            None => {}
        }
        Some(frame::message("stop", Some(id), None))
    }

    fn forget(&mut self, id: OperationId) {
        self.starting.remove(&id);
    }

    fn ping(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        None
    }

    fn pong(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        None
    }

    fn terminate(&mut self) -> Option<Parts<J>> {
        None
    }

    fn recv(&mut self, frame: &J, events: &mut Vec<Received<J>>) -> Result<(), Rc<Error<J>>> {
        let from = events.len();
        frame::recv(&WORDS, frame, &mut self.acknowledged, events)?;
        for mut event in events.split_off(from) {
            match &mut event {
                Received::Acknowledged {
                    payload,
                    longest_silence,
                } => *longest_silence = Some(timeout(payload.as_ref())),
                Received::Refused { payload, why } => *why = refusal(payload.as_ref()),
                Received::Failed {
                    id,
                    payload,
                    is_denied,
                } => {
                    self.starting.remove(id);
                    *is_denied = self::is_denied(payload.as_ref());
                }
                Received::Completed { id } => {
                    self.starting.remove(id);
                }
                Received::Started { id } => match self.starting.remove(id) {
                    Some(Starting::Sent) => {}
                    Some(Starting::Leaving) => {
                        event = Received::Reply(frame::message("stop", Some(*id), None));
                    }
                    // It says nothing that is not known.
                    Some(Starting::Authorising) | None => continue,
                },
                _ => {}
            }
            events.push(event);
        }
        Ok(())
    }

    fn settled(&mut self, id: OperationId) {
        self.starting.remove(&id);
    }

    fn confirmation(&self, _kind: OperationType) -> Option<&'static str> {
        WORDS.started
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

    /// Only subscriptions are sent.
    fn completes_answers(&self) -> bool {
        true
    }

    fn usual_silence(&self) -> Millis {
        USUAL_SILENCE
    }
}

/// How long the server says that it will be silent at most.
fn timeout<J: Json>(payload: Option<&J>) -> Millis {
    let told = payload.and_then(|payload| payload.get("connectionTimeoutMs"));
    let millis = told.and_then(|millis| number(&millis));
    millis
        .filter(|millis| *millis > 0)
        .map_or(LONGEST_SILENCE, Millis)
}

/// A whole number.
fn number<J: Json>(value: &J) -> Option<u32> {
    let text = (value.kind() == Kind::Number).then(|| value.stringify())??;
    text.text()?.parse().ok()
}

/// What an error says of itself: AWS sends a list of errors, one error, or that by itself.
struct Said {
    /// Without the namespace that some have before a `#`.
    error_type: String,
    message: String,
    code: Option<u32>,
}

impl Said {
    fn of<J: Json>(payload: Option<&J>) -> Option<Self> {
        let payload = payload?;
        let error = match payload.get("errors") {
            Some(errors) => errors.at(0).unwrap_or(errors),
            None => payload.clone(),
        };
        let text = |key: &str| error.get(key).and_then(|value| value.text());
        let error_type = text("errorType").unwrap_or_default();
        let bare = error_type.rsplit('#').next().unwrap_or_default();
        Some(Said {
            error_type: bare.to_owned(),
            message: text("message").unwrap_or_default(),
            code: error.get("errorCode").as_ref().and_then(number),
        })
    }
}

/// Why the server refuses a connection, as far as it says. AWS's own client tries again but for these.
fn refusal<J: Json>(payload: Option<&J>) -> Refusal {
    let Some(said) = Said::of(payload) else {
        return Refusal::Unknown;
    };
    match (said.error_type.as_str(), said.message.as_str(), said.code) {
        ("UnauthorizedException", ..) => Refusal::Credentials,
        ("BadRequestException", ..)
        | (_, "NoProtocolError" | "SubProtocolNotSupportedError", _) => Refusal::Request,
        (.., Some(401 | 403)) => Refusal::Credentials,
        (.., Some(400)) => Refusal::Request,
        _ => Refusal::Unknown,
    }
}

/// Whether the server does not accept an operation's credentials, or does not any more.
fn is_denied<J: Json>(payload: Option<&J>) -> bool {
    Said::of(payload).is_some_and(|said| {
        matches!(
            said.error_type.as_str(),
            "Unauthorized" | "UnauthorizedException"
        ) || matches!(
            said.message.as_str(),
            "Token has expired." | "Token expired"
        )
    })
}

//! What the dialects share: they differ in words more than in form.

use super::Invalid;
use crate::json::{Json, Kind};
use crate::message::{OperationId, ServerMessage};
use crate::text::{concat, decimal, excerpt};

/// The text of a frame `{ type, payload? }`.
pub(super) fn without_id(name: &str, payload: Option<&str>) -> String {
    let (comma, payload) = match payload {
        None => (r#"""#, ""),
        Some(payload) => (r#"","payload":"#, payload),
    };
    concat(&[r#"{"type":""#, name, comma, payload, "}"])
}

/// The text of a frame `{ id, type, payload? }`.
pub(super) fn with_id(id: OperationId, name: &str, payload: Option<&str>) -> String {
    let (comma, payload) = match payload {
        None => ("", ""),
        Some(payload) => (r#","payload":"#, payload),
    };
    let id = decimal(id.into());
    let parts = [
        r#"{"id":""#,
        &id,
        r#"","type":""#,
        name,
        r#"""#,
        comma,
        payload,
        "}",
    ];
    concat(&parts)
}

/// The messages that the dialects have in the same words. `expected` names all of the dialect's, for
/// the error of one that it does not have.
pub(super) fn shared<J: Json>(
    name: &str,
    frame: &J,
    expected: &'static str,
) -> Result<ServerMessage<J>, Invalid> {
    match name {
        "connection_ack" => Ok(ServerMessage::ConnectionAck {
            payload: details(frame)?,
        }),
        // The modern dialect does not have it, but servers that speak both send it in that too.
        "connection_error" => Ok(ServerMessage::ConnectionError {
            payload: frame.get("payload"),
        }),
        "error" => error(frame),
        "complete" => Ok(ServerMessage::Complete { id: id(frame)? }),
        _ => Err(Invalid {
            unknown_type: true,
            expected,
            received: concat(&["`", &excerpt(name), "`"]),
        }),
    }
}

/// The `type` of a frame.
pub(super) fn message_type<J: Json>(frame: &J) -> Result<String, Invalid> {
    if frame.kind() != Kind::Object {
        return Err(invalid(
            "a message, which is an object",
            frame.kind().described(),
        ));
    }
    let Some(name) = frame.get("type") else {
        return Err(invalid("a message with a `type`", "an object without one"));
    };
    name.text().ok_or_else(|| {
        invalid(
            "a message whose `type` is a string",
            name.kind().described(),
        )
    })
}

/// The payload of `connection_ack`, `ping` and `pong`: an object, or nothing. `null` counts as
/// nothing, since servers in languages where the two are one send it.
pub(super) fn details<J: Json>(frame: &J) -> Result<Option<J>, Invalid> {
    match frame.get("payload") {
        None => Ok(None),
        Some(payload) => match payload.kind() {
            Kind::Null => Ok(None),
            Kind::Object => Ok(Some(payload)),
            other => Err(invalid("a `payload` that is an object", other.described())),
        },
    }
}

/// A frame that carries a result.
pub(super) fn result<J: Json>(frame: &J) -> Result<ServerMessage<J>, Invalid> {
    let id = id(frame)?;
    let Some(payload) = frame.get("payload") else {
        return Err(invalid("a result with a `payload`", "one without"));
    };
    match payload.kind() {
        Kind::Object => Ok(ServerMessage::Next { id, payload }),
        other => Err(invalid(
            "a result whose `payload` is an execution result, which is an object",
            other.described(),
        )),
    }
}

/// The frame `error`. The modern specification has a non-empty list of GraphQL errors as its
/// payload; servers also send an object, nothing at all, or no id, and the operation is over all
/// the same.
fn error<J: Json>(frame: &J) -> Result<ServerMessage<J>, Invalid> {
    Ok(ServerMessage::Error {
        id: match frame.get("id") {
            None => None,
            Some(id) if id.kind() == Kind::Null => None,
            Some(_) => id(frame)?,
        },
        payload: frame.get("payload"),
    })
}

/// The `id`, which the specifications have as a string. Ours are decimal numbers without leading
/// zeros, so any other string is the id of no operation of ours.
fn id<J: Json>(frame: &J) -> Result<Option<OperationId>, Invalid> {
    let Some(id) = frame.get("id") else {
        return Err(invalid("a message with an `id`", "one without"));
    };
    match id.text() {
        Some(text) => Ok(text
            .parse::<OperationId>()
            .ok()
            .filter(|number| decimal((*number).into()) == text)),
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

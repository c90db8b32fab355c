//! The form `{ id?, type, payload? }`, which the messages of most dialects have.

use std::rc::Rc;

use crate::core::error::Error;
use crate::core::json::{Json, Kind};
use crate::core::message::{OperationId, Parts, Received};
use crate::core::untrusted::excerpt;

/// The type of the message by which the server accepts the connection.
pub(super) const ACK: &str = "connection_ack";

type Decoded<T, J> = Result<T, Rc<Error<J>>>;

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

/// Judges a message that the dialects of this form have in common. `next`: the type of a result.
/// `expected`: the types that a server should send, for the error.
pub(super) fn recv<J: Json>(
    frame: &J,
    name: &str,
    next: &str,
    expected: &'static str,
    acknowledged: &mut bool,
) -> Decoded<Option<Received<J>>, J> {
    let received = match name {
        ACK => {
            let payload = object_payload(frame)?;
            *acknowledged = true;
            return Ok(Some(Received::Acknowledged { payload }));
        }
        // Servers that speak both dialects send it in both.
        "connection_error" => return Ok(connection_error(frame, *acknowledged)),
        "error" => error(frame, *acknowledged)?,
        "complete" => id(frame)?.map(|id| Received::Completed { id }),
        name if name == next => result(frame)?,
        _ => {
            let received = excerpt(name);
            return Err(Rc::new(Error::UnknownMessageType { expected, received }));
        }
    };
    if *acknowledged || matches!(received, Some(Received::Refused { .. })) {
        return Ok(received);
    }
    Err(Rc::new(Error::UnexpectedMessage {
        expected: ACK,
        received: name.to_owned(),
    }))
}

/// The `type` of a frame.
pub(super) fn message_type<J: Json>(frame: &J) -> Decoded<String, J> {
    let kind = frame.kind();
    if kind != Kind::Object {
        return Err(invalid("a message, which is an object", kind.described()));
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

/// The payload of `connection_ack`, `ping` or `pong`: an object, or nothing. `null` counts as
/// nothing, since servers in languages where the two are one send it.
pub(super) fn object_payload<J: Json>(frame: &J) -> Decoded<Option<J>, J> {
    let payload = frame.get("payload");
    match payload.as_ref().map_or(Kind::Null, J::kind) {
        Kind::Null => Ok(None),
        Kind::Object => Ok(payload),
        other => Err(invalid("a `payload` that is an object", other.described())),
    }
}

/// A result; `None` if its id is not one of ours.
fn result<J: Json>(frame: &J) -> Decoded<Option<Received<J>>, J> {
    let id = id(frame)?;
    let Some(result) = frame.get("payload") else {
        return Err(invalid("a result with a `payload`", "one without"));
    };
    let kind = result.kind();
    if kind != Kind::Object {
        return Err(invalid(
            "a result whose `payload` is an execution result, which is an object",
            kind.described(),
        ));
    }
    Ok(id.map(|id| Received::Next { id, result }))
}

/// An `error`. The modern specification has a non-empty list of GraphQL errors as its payload and
/// the id of an operation. Servers also send an object, nothing at all, or no id. Without an id
/// it is about the connection: a refusal before the ack, and after it a complaint about a
/// message that the server could not read.
fn error<J: Json>(frame: &J, acknowledged: bool) -> Decoded<Option<Received<J>>, J> {
    if !has_id(frame) {
        return Ok(connection_error(frame, acknowledged));
    }
    let payload = frame.get("payload");
    Ok(match id(frame)? {
        Some(id) => Some(Received::Failed { id, payload }),
        None if acknowledged => None,
        None => Some(Received::Refused { payload }),
    })
}

/// `connection_error`, or an `error` without an id. Once there is an ack, one with an id is about an
/// operation that is not ours.
fn connection_error<J: Json>(frame: &J, acknowledged: bool) -> Option<Received<J>> {
    let payload = frame.get("payload");
    if !acknowledged {
        return Some(Received::Refused { payload });
    }
    (!has_id(frame)).then_some(Received::ServerError { payload })
}

fn has_id<J: Json>(frame: &J) -> bool {
    frame.get("id").is_some_and(|id| id.kind() != Kind::Null)
}

/// The `id`, which the specifications have as a string. Ours are decimal numbers without leading
/// zeros, so any other string is not one of them.
fn id<J: Json>(frame: &J) -> Decoded<Option<OperationId>, J> {
    let Some(id) = frame.get("id") else {
        return Err(invalid("a message with an `id`", "one without"));
    };
    let Some(text) = id.text() else {
        return Err(invalid("an `id` that is a string", id.kind().described()));
    };
    let number = text.bytes().try_fold(0, |number: OperationId, byte| {
        let digit = char::from(byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    });
    let is_padded = text.is_empty() || text.starts_with('0') && text != "0";
    Ok(number.filter(|_| !is_padded))
}

fn invalid<J>(expected: &'static str, received: &'static str) -> Rc<Error<J>> {
    Rc::new(Error::InvalidMessage { expected, received })
}

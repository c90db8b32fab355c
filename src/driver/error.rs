//! Errors as the host's.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::host;
use crate::error::{Class, Detail, Error};

/// The `Error` of the host that stands for an error of the core.
pub fn to_js(error: Error<JsValue>) -> JsValue {
    let name = match error.code.class() {
        Class::Closed => "TransportClosedError",
        Class::Protocol => "TransportProtocolError",
        Class::Query => "TransportQueryError",
        Class::Server => "TransportServerError",
        Class::ConnectionFailed => "TransportConnectionFailedError",
        Class::AlreadyConnected => "TransportAlreadyConnectedError",
        Class::Timeout => "TransportTimeoutError",
    };
    let ends = error.code.scope().text();
    let code = error.code.text();
    let message = &error.message;
    let cause = error.cause.unwrap_or(JsValue::UNDEFINED);
    match error.detail {
        Detail::None => host::transport_error(name, message, code, ends, &cause),
        Detail::Close(close) => host::close_error(
            name,
            message,
            code,
            ends,
            &cause,
            close.code,
            &close.reason,
            close.was_clean,
        ),
        Detail::Query {
            operation_id,
            payload,
        } => host::query_error(
            name,
            message,
            code,
            ends,
            &operation_id.to_string(),
            &payload.unwrap_or(JsValue::UNDEFINED),
        ),
        Detail::Timeout { option, after } => {
            host::timeout_error(name, message, code, ends, option, after.0 as f64)
        }
    }
}

/// What a thrown value says of itself.
pub fn message_of(thrown: &JsValue) -> String {
    let message = Reflect::get(thrown, &JsValue::from_str("message")).ok();
    message
        .and_then(|message| message.as_string())
        .or_else(|| thrown.as_string())
        .unwrap_or_else(|| "no message".to_owned())
}

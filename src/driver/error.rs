//! Errors as the host's.

use wasm_bindgen::prelude::*;

use super::host;
use crate::error::{Detail, Error};

/// The `Error` of the host that stands for an error of the core.
pub fn to_js(error: &Error<JsValue>) -> JsValue {
    let nothing = JsValue::UNDEFINED;
    let (number, text, flag, value) = match &error.detail {
        Detail::None => (0.0, "", false, &nothing),
        Detail::Close(close) => (
            close.code.into(),
            close.reason.as_str(),
            close.was_clean,
            &nothing,
        ),
        Detail::Query {
            operation_id,
            payload,
        } => (
            (*operation_id).into(),
            "",
            false,
            payload.as_ref().unwrap_or(&nothing),
        ),
        Detail::Timeout { option, after } => (after.0.into(), *option, false, &nothing),
    };
    host::make_error(
        error.code.class() as u32,
        error.code.scope() as u32,
        error.code.text(),
        &error.message,
        error.cause.as_ref().unwrap_or(&nothing),
        number,
        text,
        flag,
        value,
    )
}

//! What a user asks of a server: a document with its variables, as the payload of `subscribe`.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::options::{flag, wrong};
use super::{check_options, described, is_record, to_json, type_error};
use crate::document::{OperationType, operation_type};
use crate::driver::host;
use crate::operations::Request;

#[wasm_bindgen]
extern "C" {
    /// `new String(…)`, and classes that extend it.
    #[wasm_bindgen(js_name = String)]
    type StringObject;

    #[wasm_bindgen(method, js_name = valueOf)]
    fn value_of(this: &StringObject) -> String;

    /// `Object.assign`, as a getter of the user's may throw.
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn assign(target: &Object, source: &JsValue) -> Result<Object, JsValue>;

    /// A whole request, or the options of an operation, as the user gave them. A getter of theirs
    /// may throw.
    type Parts;

    #[wasm_bindgen(catch, method, getter)]
    fn query(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn variables(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, js_name = operationName)]
    fn operation_name(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn extensions(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, js_name = documentId)]
    fn document_id(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, js_name = sendStop)]
    fn send_stop(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn signal(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn kind(this: &Parts) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, getter, js_name = toJSON)]
    fn json(this: &Parts) -> Result<JsValue, JsValue>;
}

const KNOWN: &[&str] = &[
    "variables",
    "operationName",
    "extensions",
    "sendStop",
    "signal",
];

/// What the user asks for, and the signal that takes it back.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) signal: Option<JsValue>,
}

/// Reads what `subscribe`, `observe` and `execute` are given.
pub(super) fn read(document: &JsValue, options: &JsValue) -> Result<Asked, JsValue> {
    check_options(options, KNOWN)?;
    let payload = payload(document)?;
    let mut send_stop = true;
    let mut signal = None;
    if !options.is_undefined() {
        let options: &Parts = options.unchecked_ref();
        set(&payload, "variables", &options.variables()?)?;
        set(&payload, "operationName", &options.operation_name()?)?;
        set(&payload, "extensions", &options.extensions()?)?;
        send_stop = flag("sendStop", &options.send_stop()?, true)?;
        signal = read_signal(options.signal()?)?;
    }
    let parts: &Parts = payload.unchecked_ref();
    let operation_name = check(parts)?;
    let operation_type = match parts.query()?.as_string() {
        Some(text) => operation_type(&text, operation_name.as_deref()),
        None => OperationType::Unknown,
    };
    Ok(Asked {
        request: Request {
            payload: to_json(&payload, "the request")?,
            operation_type,
            one_answer: false,
            send_stop,
        },
        signal,
    })
}

/// The option `signal`: an `AbortSignal`, or nothing.
pub(super) fn read_signal(signal: JsValue) -> Result<Option<JsValue>, JsValue> {
    if signal.is_undefined() || signal.is_null() {
        return Ok(None);
    }
    if !host::is_abort_signal(&signal) {
        return Err(wrong("signal", "an AbortSignal", &signal));
    }
    Ok(Some(signal))
}

/// The signal among the options of `connect`.
pub(super) fn read_connect(options: &JsValue) -> Result<Option<JsValue>, JsValue> {
    check_options(options, &["signal"])?;
    if options.is_undefined() {
        return Ok(None);
    }
    read_signal(options.unchecked_ref::<Parts>().signal()?)
}

/// A new object for the payload, with what the document says.
fn payload(document: &JsValue) -> Result<Object, JsValue> {
    if let Some(parts) = record(document)
        && !is_document_node(document)?
    {
        return whole_request(document, parts);
    }
    let payload = Object::new();
    set(&payload, "query", &text(document)?.into())?;
    Ok(payload)
}

fn whole_request(request: &JsValue, parts: &Parts) -> Result<Object, JsValue> {
    let payload = assign(&Object::new(), request)?;
    if !parts.query()?.is_undefined() {
        set(&payload, "query", &text(&parts.query()?)?.into())?;
    } else if parts.document_id()?.is_undefined() && parts.extensions()?.is_undefined() {
        return Err(type_error(&[
            "the request has no `query`, and no `documentId` or `extensions` that could stand for one",
        ]));
    }
    Ok(payload)
}

/// The text of a document: a string, a `String` as code generators make them, or a
/// `DocumentNode`.
fn text(document: &JsValue) -> Result<String, JsValue> {
    let object = || {
        document
            .dyn_ref::<StringObject>()
            .map(StringObject::value_of)
    };
    if let Some(text) = document.as_string().or_else(object) {
        // Servers answer an empty document by closing the connection of everybody.
        if text.trim_ascii().is_empty() {
            return Err(type_error(&["the document is empty"]));
        }
        return Ok(text);
    }
    if !is_document_node(document)? {
        return Err(type_error(&[
            "the document must be a string, a DocumentNode or a request with a `query`, but is ",
            described(document),
        ]));
    }
    host::document_text(document)?.ok_or_else(|| {
        type_error(&[
            "this DocumentNode does not carry its source text, and the package `graphql` that \
             could print it cannot be loaded here: pass `print(document)` instead",
        ])
    })
}

/// Checks the parts of a payload that the server would refuse otherwise, in its own words or
/// with a closed socket. Gives the operation's name.
fn check(parts: &Parts) -> Result<Option<String>, JsValue> {
    for (name, value) in [
        ("variables", parts.variables()?),
        ("extensions", parts.extensions()?),
    ] {
        if value.is_undefined() || value.is_null() {
            continue;
        }
        if !is_record(&value) {
            return Err(wrong(name, "an object", &value));
        }
        if value.unchecked_ref::<Parts>().json()?.is_function() {
            to_json(&value, &["option `", name, "`"].concat())?;
        }
    }
    let name = parts.operation_name()?;
    match name.as_string() {
        None if !(name.is_undefined() || name.is_null()) => {
            Err(wrong("operationName", "a string", &name))
        }
        text => Ok(text),
    }
}

fn is_document_node(value: &JsValue) -> Result<bool, JsValue> {
    match record(value) {
        Some(node) => Ok(node.kind()?.as_string().as_deref() == Some("Document")),
        None => Ok(false),
    }
}

fn record(value: &JsValue) -> Option<&Parts> {
    (is_record(value) && !value.has_type::<StringObject>() && !value.has_type::<Promise>())
        .then(|| value.unchecked_ref())
}

fn set(payload: &Object, key: &str, value: &JsValue) -> Result<(), JsValue> {
    if !value.is_undefined() {
        Reflect::set(payload, &JsValue::from_str(key), value)?;
    }
    Ok(())
}

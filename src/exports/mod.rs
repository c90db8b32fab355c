//! The JavaScript classes, and how values of the user's are read. `index.d.ts` of the package
//! documents the same members for users of TypeScript and JavaScript.

mod observable;
mod options;
mod request;
mod subscription;
mod transport;
mod url;

use js_sys::{JSON, Object, Promise, TypeError};
use wasm_bindgen::prelude::*;

use crate::driver::error::message_of;
use crate::json::{Json, Kind};
pub use observable::{Observable, Observation};
pub use subscription::Subscription;
pub use transport::WebSocketTransport;

fn type_error(message: &[&str]) -> JsValue {
    TypeError::new(&message.concat()).into()
}

/// What a value of the user's is, with its article.
fn described(value: &JsValue) -> &'static str {
    match value.kind() {
        _ if value.is_undefined() => "undefined",
        _ if value.is_function() => "a function",
        _ if value.has_type::<Promise>() => "a promise, which has to be awaited",
        Kind::Number if value.as_f64().is_some_and(f64::is_nan) => "NaN",
        Kind::Number if value.as_f64().is_none() => "a symbol or a bigint",
        kind => kind.described(),
    }
}

fn is_record(value: &JsValue) -> bool {
    value.kind() == Kind::Object && !value.is_function()
}

/// JSON text for an object of the user's; `name` is what the user calls it.
fn to_json(value: &JsValue, name: &str) -> Result<String, JsValue> {
    if !is_record(value) {
        return Err(type_error(&[
            name,
            " must be an object, but is ",
            described(value),
        ]));
    }
    // Throws for a cycle, a BigInt, or a `toJSON` that throws: the host says which.
    let text: JsValue = JSON::stringify(value)
        .map_err(|thrown| type_error(&[name, " cannot be told in JSON: ", &message_of(&thrown)]))?
        .into();
    // A `Date`, say, is an object, but its JSON is a string.
    text.as_string()
        .filter(|text| text.starts_with('{'))
        .ok_or_else(|| type_error(&[name, " must be an object that is one in JSON too"]))
}

/// An object of options, or nothing. A member that is not `known` is an error, since a misspelt
/// option would be lost without a word.
fn check_options(options: &JsValue, known: &[&str]) -> Result<(), JsValue> {
    if options.is_undefined() {
        return Ok(());
    }
    if !is_record(options) {
        return Err(type_error(&[
            "options must be an object, but are ",
            described(options),
        ]));
    }
    let options: &Object = options.unchecked_ref();
    for name in Object::keys(options).iter() {
        let name = name.as_string().unwrap_or_default();
        if !known.contains(&name.as_str()) {
            let distance = |known: &str| strsim::levenshtein(known, &name);
            let closest = known.iter().copied().min_by_key(|known| distance(known));
            let hint = match closest {
                // Where half of it is wrong, it is no slip of the pen.
                Some(closest) if distance(closest) * 2 <= name.len() => {
                    ["did you mean `", closest, "`?"].concat()
                }
                _ => ["the options are ", &known.join(", ")].concat(),
            };
            return Err(type_error(&["unknown option `", &name, "`: ", &hint]));
        }
    }
    Ok(())
}

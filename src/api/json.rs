//! What users give, as JSON.

use js_sys::JSON;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::driver::thrown::message_of;

/// JSON text, a host string, of a value that is an object there; `None` for one that is nothing there, such as `()`; or
/// what is wrong with it. Without a host there is no text, and nobody to send it to.
pub(super) fn to_json(value: &impl Serialize) -> Result<Option<JsValue>, String> {
    if cfg!(not(target_arch = "wasm32")) {
        return Ok(None);
    }
    let value = value
        .serialize(&Serializer::json_compatible())
        .map_err(|error| error.to_string())?;
    if value.is_null() || value.is_undefined() {
        return Ok(None);
    }
    let text = JSON::stringify(&value).map_err(|thrown| message_of(&thrown))?;
    if text.starts_with("{", 0) {
        return Ok(Some(text.into()));
    }
    Err("it does not serialise to a JSON object".to_owned())
}

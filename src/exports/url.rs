//! The URL that the constructor, or the user's function, gives.

use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::{described, type_error};
use crate::driver::websocket_url;

/// A WebSocket URL for a string or a `URL`.
pub(super) fn read_url(value: &JsValue) -> Result<String, JsValue> {
    let text = match value.as_string() {
        Some(text) => text,
        None => match value.dyn_ref::<Url>() {
            Some(url) => url.href(),
            None => {
                return Err(type_error(&[
                    "the url must be a string, a URL, or a function that gives one, but is ",
                    described(value),
                ]));
            }
        },
    };
    websocket_url(&text).map_err(|why| type_error(&[&why]))
}

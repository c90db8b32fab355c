//! The URL of the server, as users write it.

use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::{described, type_error};

/// A WebSocket URL for a string or a `URL`: `http(s)` becomes `ws(s)`, and the fragment, which no
/// WebSocket URL may have, goes.
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
    let Ok(url) = Url::new(&text) else {
        // The text is not repeated: a password may stand in it.
        return Err(type_error(&[
            "the url is not a valid URL: expected one like `wss://example.com/graphql`",
        ]));
    };
    let scheme = match url.protocol().as_str() {
        "ws:" | "http:" => "ws:",
        "wss:" | "https:" => "wss:",
        other => {
            return Err(type_error(&[
                "the url's scheme must be ws, wss, http or https, but is ",
                other.trim_end_matches(':'),
                ": expected a url like `wss://example.com/graphql`",
            ]));
        }
    };
    url.set_hash("");
    // Setting `protocol` would do, were it not that `URL` refuses to go from http to ws.
    let href = url.href();
    let rest = href.split_once(':').map_or("", |(_, rest)| rest);
    Ok([scheme, rest].concat())
}

//! The URL of a server, as users write it.

use web_sys::Url;

/// A WebSocket URL for the text of a URL: `http(s)` becomes `ws(s)`, and the fragment, which no
/// WebSocket URL may have, goes. Or what is wrong with it; the text is not repeated, as a password
/// may stand in it.
pub fn websocket_url(text: &str) -> Result<String, String> {
    let Ok(url) = Url::new(text) else {
        return Err(
            "the url is not a valid URL: expected one like `wss://example.com/graphql`".to_owned(),
        );
    };
    let scheme = match url.protocol().as_str() {
        "ws:" | "http:" => "ws:",
        "wss:" | "https:" => "wss:",
        other => {
            return Err([
                "the url's scheme must be ws, wss, http or https, but is ",
                other.trim_end_matches(':'),
                ": expected a url like `wss://example.com/graphql`",
            ]
            .concat());
        }
    };
    url.set_hash("");
    // Setting `protocol` would do, were it not that `URL` refuses to go from http to ws.
    let href = url.href();
    let rest = href.split_once(':').map_or("", |(_, rest)| rest);
    Ok([scheme, rest].concat())
}

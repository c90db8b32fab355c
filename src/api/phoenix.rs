//! The URL and the subprotocols of a Phoenix socket.

use std::future::Future;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use wasm_bindgen::JsValue;
use web_sys::Url;

use super::dialect::{Answer, Handshake};
use crate::core::config::Config;

/// The dialect of Phoenix channels with Absinthe, for [`Options::phoenix`](crate::Options::phoenix).
///
/// The URL is that at which the application mounts its socket; `/websocket` is appended unless it is there.
#[derive(Clone)]
pub struct Phoenix {
    params: Option<AskParams>,
    auth_token: Option<AskToken>,
    pub(super) topic: String,
}

type AskParams = Rc<dyn Fn() -> Answer<Vec<(String, String)>>>;
type AskToken = Rc<dyn Fn() -> Answer<String>>;

/// The form of messages that is spoken.
const VERSION: &str = "2.0.0";

impl Default for Phoenix {
    fn default() -> Self {
        Phoenix {
            params: None,
            auth_token: None,
            topic: Config::TOPIC.to_owned(),
        }
    }
}

impl Phoenix {
    /// Without parameters and tokens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parameters of the URL, where most applications expect credentials; they take precedence over what the URL has.
    /// Asked at each attempt to connect, within the `connect_timeout`; what it fails with is the `cause` of the
    /// error. `vsn` is added. Default: none.
    pub fn params<F>(mut self, ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<Vec<(String, String)>, JsValue>> + 'static,
    {
        self.params = Some(Rc::new(move || Box::pin(ask())));
        self
    }

    /// A token for applications of Phoenix 1.8 whose socket has `auth_token: true`: it goes into a subprotocol. Asked
    /// as [`params`](Self::params) is. Default: none.
    pub fn auth_token<F>(mut self, ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<String, JsValue>> + 'static,
    {
        self.auth_token = Some(Rc::new(move || Box::pin(ask())));
        self
    }

    /// The topic of the channel. Default: `__absinthe__:control`.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = topic.into();
        self
    }

    /// Whether the next attempt may have other credentials than the last.
    pub(super) fn renews(&self) -> bool {
        self.params.is_some() || self.auth_token.is_some()
    }

    pub(super) async fn handshake(self, url: String) -> Result<Handshake, JsValue> {
        let socket = Url::new(&url)?;
        let path = socket.pathname();
        let path = path.trim_end_matches('/');
        let suffix = if path.ends_with("/websocket") {
            ""
        } else {
            "/websocket"
        };
        socket.set_pathname(&format!("{path}{suffix}"));
        let query = socket.search_params();
        if let Some(params) = &self.params {
            for (name, value) in params().await? {
                query.set(&name, &value);
            }
        }
        query.set("vsn", VERSION);
        // A server that expects no token answers no subprotocol, and a client that offered one gives up.
        let subprotocols = match &self.auth_token {
            None => Vec::new(),
            Some(token) => vec!["phoenix".to_owned(), bearer(&token().await?)?],
        };
        Ok(Handshake {
            url: socket.href(),
            subprotocols,
        })
    }
}

/// The subprotocol of a token. Phoenix reads the standard alphabet, whatever the prefix says, and no padding.
fn bearer(token: &str) -> Result<String, JsValue> {
    let text = STANDARD_NO_PAD.encode(token);
    if text.contains('/') {
        return Err(JsValue::from_str(
            "the base64 of the auth token has a `/`, which a subprotocol cannot have: the token may have no `?` and nothing beyond ASCII in such a place. Those that Phoenix itself signs have neither",
        ));
    }
    Ok(format!("base64url.bearer.phx.{text}"))
}

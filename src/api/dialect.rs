//! The dialects that only the user can choose.

use std::pin::Pin;

use wasm_bindgen::JsValue;

#[cfg(feature = "appsync")]
use super::appsync::AppSync;
#[cfg(feature = "phoenix")]
use super::phoenix::Phoenix;

/// What a function of the user's answers in time.
pub(super) type Answer<T> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

/// What to open a socket with.
pub(super) struct Handshake {
    pub(super) url: String,
    pub(super) subprotocols: Vec<String>,
}

#[derive(Clone)]
pub(super) enum Chosen {
    #[cfg(feature = "appsync")]
    AppSync(AppSync),
    #[cfg(feature = "phoenix")]
    Phoenix(Phoenix),
}

#[cfg_attr(
    not(all(feature = "appsync", feature = "phoenix")),
    allow(unused_variables, reason = "not each dialect reads each of them")
)]
impl Chosen {
    /// `url`: the user's, as a WebSocket URL.
    pub(super) async fn handshake(self, url: String) -> Result<Handshake, JsValue> {
        match self {
            #[cfg(feature = "appsync")]
            Chosen::AppSync(dialect) => dialect.handshake(url).await,
            #[cfg(feature = "phoenix")]
            Chosen::Phoenix(dialect) => dialect.handshake(url).await,
        }
    }

    /// The payload that starts an operation, where it needs credentials. `request`: JSON text.
    pub(super) async fn start(self, url: String, request: JsValue) -> Result<JsValue, JsValue> {
        match self {
            #[cfg(feature = "appsync")]
            Chosen::AppSync(dialect) => dialect.start(url, request).await,
            #[cfg(feature = "phoenix")]
            Chosen::Phoenix(_) => Ok(request),
        }
    }

    /// Whether the next attempt may have other credentials than the last.
    pub(super) fn renews(&self) -> bool {
        match *self {
            #[cfg(feature = "appsync")]
            Chosen::AppSync(ref dialect) => dialect.renews,
            #[cfg(feature = "phoenix")]
            Chosen::Phoenix(ref dialect) => dialect.renews(),
        }
    }
}

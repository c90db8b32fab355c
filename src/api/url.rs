//! Where the server is.

use std::future::Future;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::connection::Attempt;
use super::dialect::Answer;

/// Where the server is: a text, or a function that is asked for one. `http` and `https` are turned into `ws` and `wss`.
#[derive(Clone)]
pub struct ServerUrl(pub(super) Source);

#[derive(Clone)]
pub(super) enum Source {
    Text(String),
    Asked(Rc<dyn Fn(Attempt) -> Answer<String>>),
}

impl ServerUrl {
    /// A function that is asked at each attempt to connect, within the `connect_timeout`. What it fails with is the
    /// `cause` of the error.
    pub fn with<F>(ask: impl Fn(Attempt) -> F + 'static) -> Self
    where
        F: Future<Output = Result<String, JsValue>> + 'static,
    {
        ServerUrl(Source::Asked(Rc::new(move |attempt| {
            Box::pin(ask(attempt))
        })))
    }
}

impl From<&str> for ServerUrl {
    fn from(url: &str) -> Self {
        ServerUrl(Source::Text(url.to_owned()))
    }
}

impl From<String> for ServerUrl {
    fn from(url: String) -> Self {
        ServerUrl(Source::Text(url))
    }
}

impl From<&String> for ServerUrl {
    fn from(url: &String) -> Self {
        ServerUrl(Source::Text(url.clone()))
    }
}

//! The options of a Rust transport.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::JsValue;

#[cfg(feature = "appsync")]
use super::appsync::AppSync;
use super::connection::{Attempt, Listeners, Subprotocol};
use super::dialect::Chosen;
use super::host::{AppHost, InitPayload, RetryFunctions};
use super::json::to_json;
#[cfg(feature = "phoenix")]
use super::phoenix::Phoenix;
use super::url::{ServerUrl, Source};
use crate::Error;
use crate::core::config::Config;
use crate::core::dialect::Dialect;
use crate::core::error;
use crate::core::time::Millis;
use crate::driver::thrown::message_of;
use crate::driver::url::websocket_url;

/// The options of a [`Transport`](crate::Transport), and of the connections of a
/// [`Client`](crate::Client). `None` for a time waits for ever.
#[derive(Clone, Default)]
pub struct Options {
    config: Config,
    /// Whether these were given.
    ping_interval_given: bool,
    pong_timeout_given: bool,
    init_payload: InitPayload,
    web_socket: Option<Function>,
    dialect: Option<Chosen>,
    trace: Option<Rc<dyn Fn(String)>>,
    /// Why the init payload cannot be sent.
    wrong: Option<String>,
}

impl Options {
    pub fn new() -> Self {
        Self::default()
    }

    /// The payload of `connection_init`, where most servers expect credentials: what serialises to a JSON object; or to
    /// nothing, such as `()`, which is none. If it serialises to anything else, making the client or the transport fails
    /// with [`INIT_PAYLOAD_FAILED`](crate::Code::INIT_PAYLOAD_FAILED). Default: none.
    pub fn init_payload(mut self, payload: &impl Serialize) -> Self {
        match to_json(payload) {
            Ok(text) => self.init_payload = text.map_or(InitPayload::None, InitPayload::Text),
            Err(why) => self.wrong = Some(why),
        }
        self
    }

    /// The same from a function that is asked at each attempt to connect, within the
    /// `connect_timeout`. What it fails with is the `cause` of the error.
    pub fn init_payload_with<T, F>(mut self, ask: impl Fn(Attempt) -> F + 'static) -> Self
    where
        T: Serialize,
        F: Future<Output = Result<T, JsValue>> + 'static,
    {
        self.init_payload = InitPayload::Asked(Rc::new(move |attempt| {
            let payload = ask(attempt);
            Box::pin(async move { to_json(&payload.await?).map_err(|why| JsValue::from_str(&why)) })
        }));
        self
    }

    /// From `connect` until the socket is open. Default: 10 s.
    pub fn connect_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.connect_timeout = millis(time);
        self
    }

    /// From `connection_init` until `connection_ack`. Default: 10 s.
    pub fn ack_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.ack_timeout = millis(time);
        self
    }

    /// How long `close` waits for the operations, and then for the socket. Default: 10 s.
    pub fn close_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.close_timeout = millis(time);
        self
    }

    /// How long the server may stay silent after the ack, at least 1 ms; any message is a sign of life.
    /// Default: for ever.
    pub fn keep_alive_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.keep_alive_timeout = at_least_one(time);
        self
    }

    /// Between two `ping`s that are sent, at least 1 ms, where the dialect has them. Some servers hang
    /// up after 15 s without one. Default: `None`, none is sent; 12 s for a [`Client`](crate::Client).
    pub fn ping_interval(mut self, time: Option<Duration>) -> Self {
        self.config.ping_interval = at_least_one(time);
        self.ping_interval_given = true;
        self
    }

    /// How long after a `ping` any message may take to come, at least 1 ms. Default: half of the
    /// `ping_interval`.
    pub fn pong_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.pong_timeout = at_least_one(time);
        self.pong_timeout_given = true;
        self
    }

    /// How long the server may take to say that it has a subscription, at least 1 ms: in the dialects of AppSync and
    /// Phoenix, which alone have it say so. Then the subscription ends with an error. Default: 15 s.
    pub fn subscribe_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.subscribe_timeout = at_least_one(time);
        self
    }

    /// Whether the server's `ping`s are answered. Default: yes.
    pub fn answer_pings(mut self, answer: bool) -> Self {
        self.config.answer_pings = answer;
        self
    }

    /// Those to offer, preferred first; none leaves it at the default, which is both.
    pub fn subprotocols(mut self, subprotocols: &[Subprotocol]) -> Self {
        let dialects: Vec<_> = subprotocols.iter().map(|one| one.dialect()).collect();
        self.config.subprotocols = Dialect::offer(&dialects);
        self.config.offers_subprotocols = true;
        self.dialect = None;
        self
    }

    /// Offers no subprotocol, and speaks this dialect unasked: for servers that pick none, where hosts refuse the
    /// connection if one was offered.
    pub fn without_subprotocol(mut self, dialect: Subprotocol) -> Self {
        self.config.subprotocols = dialect.dialect().only();
        self.config.offers_subprotocols = false;
        self.dialect = None;
        self
    }

    /// Speaks the dialect of AWS AppSync, which has subprotocols of its own and no init payload. With the feature
    /// `appsync`.
    #[cfg(feature = "appsync")]
    pub fn app_sync(mut self, dialect: AppSync) -> Self {
        self.init_payload = InitPayload::None;
        self.choose(Dialect::AppSync, Chosen::AppSync(dialect))
    }

    /// Speaks the dialect of Phoenix channels with Absinthe, which has subprotocols of its own. The init payload is the
    /// payload of the join, and the `ping_interval` that of heartbeats: 30 s by default. With the
    /// feature `phoenix`.
    #[cfg(feature = "phoenix")]
    pub fn phoenix(mut self, dialect: Phoenix) -> Self {
        self.config.topic.clone_from(&dialect.topic);
        self.choose(Dialect::Phoenix, Chosen::Phoenix(dialect))
    }

    #[cfg(any(feature = "appsync", feature = "phoenix"))]
    fn choose(mut self, dialect: Dialect, chosen: Chosen) -> Self {
        self.config.subprotocols = dialect.only();
        self.config.offers_subprotocols = false;
        self.dialect = Some(chosen);
        self
    }

    /// The class to make sockets with, in place of the host's `WebSocket`.
    pub fn web_socket(mut self, class: Function) -> Self {
        self.web_socket = Some(class);
        self
    }

    /// Is given every frame and every change of state as a line of a transcript, without secrets.
    pub fn trace(mut self, trace: impl Fn(String) + 'static) -> Self {
        self.config.traced = true;
        self.trace = Some(Rc::new(trace));
        self
    }

    /// A client has to notice a dead connection by itself, unless the user says otherwise.
    pub(super) fn for_client(mut self) -> Self {
        if !self.ping_interval_given {
            self.config.ping_interval = Some(Config::CLIENT_PING_INTERVAL);
        }
        self
    }

    /// Whether the next attempt may have better credentials.
    pub(super) fn renews_credentials(&self) -> bool {
        let is_asked = matches!(self.init_payload, InitPayload::Asked(_));
        is_asked || self.dialect.as_ref().is_some_and(Chosen::renews)
    }

    pub(super) fn for_url(self, url: ServerUrl) -> Result<(Config, AppHost), Error> {
        let url = match url.0 {
            Source::Text(text) => {
                let url = websocket_url(&text).map_err(|thrown| {
                    Error::new(error::Error::UrlFailed {
                        why: message_of(&thrown),
                        cause: None,
                    })
                })?;
                Source::Text(url)
            }
            asked => asked,
        };
        if let Some(why) = self.wrong {
            return Err(Error::new(error::Error::InitPayloadFailed {
                why: format!("the init payload cannot be serialised to JSON: {why}"),
                cause: None,
            }));
        }
        let mut config = self.config;
        #[cfg(feature = "phoenix")]
        if matches!(self.dialect, Some(Chosen::Phoenix(_))) && !self.ping_interval_given {
            config.ping_interval = Some(Config::HEARTBEAT_INTERVAL);
        }
        if !self.pong_timeout_given {
            config.pong_timeout = Config::half(config.ping_interval);
        }
        let host = AppHost {
            url,
            current_url: RefCell::default(),
            init_payload: self.init_payload,
            web_socket: self.web_socket,
            dialect: self.dialect,
            handshake: Cell::default(),
            subprotocols: RefCell::default(),
            trace: self.trace,
            close_reason: RefCell::default(),
            is_client: false,
            retry: RetryFunctions::default(),
            listeners: Listeners::default(),
            status_changes: Cell::default(),
            status_readers: RefCell::default(),
        };
        Ok((config, host))
    }
}

pub(super) fn millis(time: Option<Duration>) -> Option<Millis> {
    time.map(|time| Millis(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)))
}

/// At once, such a time would end every connection.
pub(super) fn at_least_one(time: Option<Duration>) -> Option<Millis> {
    millis(time).map(|time| time.max(Millis(1)))
}

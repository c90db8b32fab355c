//! The options of a Rust transport.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::request::to_json;
use crate::Error;
use crate::config::Config;
use crate::driver::host::{self, Host};
use crate::protocol::Dialect;
use crate::time::Millis;

/// The options of a [`Transport`](crate::Transport). `None` for a time waits for ever.
pub struct Options {
    config: Config,
    /// Whether `pong_timeout` was given.
    pong_timeout_given: bool,
    /// JSON text, a function that gives some, or undefined.
    init_payload: JsValue,
    web_socket: JsValue,
    trace: JsValue,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            config: Config::default(),
            pong_timeout_given: false,
            init_payload: JsValue::UNDEFINED,
            web_socket: JsValue::UNDEFINED,
            trace: JsValue::UNDEFINED,
        }
    }
}

impl Options {
    pub fn new() -> Self {
        Self::default()
    }

    /// The payload of `connection_init`, where most servers expect credentials. Default: none.
    pub fn init_payload(mut self, payload: &impl Serialize) -> Result<Self, Error> {
        let text = to_json(payload)
            .map_err(|why| Rc::unwrap_or_clone(Error::invalid_init_payload(&why)))?;
        self.init_payload = text.into();
        Ok(self)
    }

    /// The same from a function that is asked at each attempt to connect, within the
    /// `connect_timeout`. What it fails with is the `cause` of the error.
    pub fn init_payload_with<T, F>(mut self, ask: impl Fn() -> F + 'static) -> Self
    where
        T: Serialize,
        F: Future<Output = Result<T, JsValue>> + 'static,
    {
        let ask: Closure<dyn Fn() -> Promise> = Closure::new(move || {
            let payload = ask();
            future_to_promise(async move {
                let text = to_json(&payload.await?).map_err(|why| JsValue::from_str(&why))?;
                Ok(JsValue::from_str(&text))
            })
        });
        self.init_payload = ask.into_js_value();
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

    /// The longest silence of an acknowledged server that is borne, at least 1 ms; any message is a
    /// sign of life. Default: for ever.
    pub fn keep_alive_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.keep_alive_timeout = at_least_one(time);
        self
    }

    /// Between two `ping`s that are sent, at least 1 ms, where the dialect has them. Some servers hang
    /// up after 15 s without one. Default: `None`, none is sent.
    pub fn ping_interval(mut self, time: Option<Duration>) -> Self {
        self.config.ping_interval = at_least_one(time);
        self
    }

    /// How long after a `ping` any message may take to come, at least 1 ms. Default: half of the
    /// `ping_interval`.
    pub fn pong_timeout(mut self, time: Option<Duration>) -> Self {
        self.config.pong_timeout = at_least_one(time);
        self.pong_timeout_given = true;
        self
    }

    /// Whether the server's `ping`s are answered. Default: yes.
    pub fn answer_pings(mut self, answer: bool) -> Self {
        self.config.answer_pings = answer;
        self
    }

    /// The dialects to offer, those preferred first; none leaves it at the default, which is all.
    pub fn subprotocols(mut self, dialects: &[Dialect]) -> Self {
        if let Some(first) = dialects.first() {
            let alone = dialects.iter().all(|dialect| dialect == first);
            self.config.subprotocols = if alone { first.only() } else { first.first() };
        }
        self
    }

    /// The class to make sockets with, in place of the host's `WebSocket`.
    pub fn web_socket(mut self, class: Function) -> Self {
        self.web_socket = class.into();
        self
    }

    /// Is given every frame and every change of state as a line of a transcript, without secrets.
    pub fn trace(mut self, trace: impl Fn(String) + 'static) -> Self {
        let trace: Closure<dyn Fn(String)> = Closure::new(trace);
        self.trace = trace.into_js_value();
        self
    }

    /// What the driver needs, and whether there is a trace.
    pub(super) fn for_url(self, url: &str) -> Result<(Config, Host, bool), Error> {
        let url = host::websocket_url(url).map_err(|thrown| {
            Rc::unwrap_or_clone(Error::invalid_url(&host::message_of(&thrown)))
        })?;
        let mut config = self.config;
        if !self.pong_timeout_given {
            config.pong_timeout = Config::half(config.ping_interval);
        }
        let traced = self.trace.is_function();
        let user = Object::new();
        for (name, value) in [
            ("url", url.into()),
            ("initPayload", self.init_payload),
            ("webSocket", self.web_socket),
            ("trace", self.trace),
        ] {
            // A new object refuses nothing.
            let _ = Reflect::set(&user, &JsValue::from_str(name), &value);
        }
        Ok((config, Host::new(&user), traced))
    }
}

/// The first line of a trace.
pub(super) fn line(config: &Config) -> String {
    let names: Vec<_> = config.subprotocols.iter().map(|it| it.name()).collect();
    let times = [
        config.connect_timeout,
        config.ack_timeout,
        config.close_timeout,
        config.keep_alive_timeout,
        config.ping_interval,
        config.pong_timeout,
    ]
    .map(|time| time.map_or(f64::INFINITY, |time| time.0.into()));
    host::options_line(&names.join(","), &times, config.answer_pings)
}

fn millis(time: Option<Duration>) -> Option<Millis> {
    time.map(|time| Millis(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)))
}

/// At once, such a time would end every connection.
fn at_least_one(time: Option<Duration>) -> Option<Millis> {
    millis(time).map(|time| time.max(Millis(1)))
}

//! The options that the core obeys.

use wasm_bindgen::prelude::*;

use super::host::Subprotocol;
use crate::core::config::Config;
use crate::core::dialect::Dialect;
use crate::core::time::Millis;

/// TypeScript has checked them. Times are in milliseconds; without one it waits for ever.
#[wasm_bindgen(getter_with_clone)]
#[derive(Default)]
pub struct Settings {
    #[wasm_bindgen(js_name = connectTimeout)]
    pub connect_timeout: Option<u32>,
    #[wasm_bindgen(js_name = ackTimeout)]
    pub ack_timeout: Option<u32>,
    #[wasm_bindgen(js_name = closeTimeout)]
    pub close_timeout: Option<u32>,
    #[wasm_bindgen(js_name = keepAliveTimeout)]
    pub keep_alive_timeout: Option<u32>,
    #[wasm_bindgen(js_name = pingInterval)]
    pub ping_interval: Option<u32>,
    #[wasm_bindgen(js_name = pongTimeout)]
    pub pong_timeout: Option<u32>,
    #[wasm_bindgen(js_name = answerPings)]
    pub answer_pings: bool,
    /// The subprotocol to offer first; undefined for the default order.
    pub preferred: Option<Subprotocol>,
    /// The one to offer beside it; undefined for none.
    pub other: Option<Subprotocol>,
    /// Whether the host has a `trace`.
    pub traced: bool,
}

#[wasm_bindgen]
impl Settings {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Settings {
        Settings::default()
    }
}

impl From<Settings> for Config {
    fn from(settings: Settings) -> Self {
        let preferred = settings.preferred.and_then(Subprotocol::dialect);
        Config {
            subprotocols: match (preferred, settings.other) {
                (None, _) => Dialect::ALL,
                (Some(only), None) => only.only(),
                (Some(preferred), Some(_)) => preferred.first(),
            },
            connect_timeout: settings.connect_timeout.map(Millis),
            ack_timeout: settings.ack_timeout.map(Millis),
            close_timeout: settings.close_timeout.map(Millis),
            keep_alive_timeout: settings.keep_alive_timeout.map(Millis),
            ping_interval: settings.ping_interval.map(Millis),
            pong_timeout: settings.pong_timeout.map(Millis),
            answer_pings: settings.answer_pings,
            traced: settings.traced,
        }
    }
}

//! The options that the core obeys.

use wasm_bindgen::prelude::*;

use super::host::Subprotocol;
use crate::core::config::Config;
use crate::core::dialect::Dialect;
use crate::core::time::Millis;

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** The options that the core obeys, checked. Times are in milliseconds; without one it waits for ever. */
export interface Settings {
  connectTimeout?: number;
  ackTimeout?: number;
  closeTimeout?: number;
  keepAliveTimeout?: number;
  pingInterval?: number;
  pongTimeout?: number;
  answerPings: boolean;
  /** The subprotocol to offer first. */
  preferred: Subprotocol;
  /** The one to offer beside it; undefined for none. */
  other: Subprotocol | undefined;
  /** Whether the host has a `trace`. */
  traced: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Settings")]
    pub type Settings;

    #[wasm_bindgen(method, getter, js_name = connectTimeout)]
    fn connect_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = ackTimeout)]
    fn ack_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = closeTimeout)]
    fn close_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = keepAliveTimeout)]
    fn keep_alive_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = pingInterval)]
    fn ping_interval(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = pongTimeout)]
    fn pong_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = answerPings)]
    fn answer_pings(this: &Settings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn preferred(this: &Settings) -> Subprotocol;

    #[wasm_bindgen(method, getter)]
    fn other(this: &Settings) -> Option<Subprotocol>;

    #[wasm_bindgen(method, getter)]
    fn traced(this: &Settings) -> bool;
}

impl From<&Settings> for Config {
    fn from(settings: &Settings) -> Self {
        let preferred = Dialect::from(settings.preferred());
        Config {
            subprotocols: match settings.other() {
                None => preferred.only(),
                Some(_) => preferred.first(),
            },
            connect_timeout: settings.connect_timeout().map(Millis),
            ack_timeout: settings.ack_timeout().map(Millis),
            close_timeout: settings.close_timeout().map(Millis),
            keep_alive_timeout: settings.keep_alive_timeout().map(Millis),
            ping_interval: settings.ping_interval().map(Millis),
            pong_timeout: settings.pong_timeout().map(Millis),
            answer_pings: settings.answer_pings(),
            traced: settings.traced(),
        }
    }
}

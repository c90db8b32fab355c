//! The options that the core obeys.

use wasm_bindgen::prelude::*;

use super::host::Subprotocol;
use crate::core::config::{ClientConfig, Config, RetryConfig};
use crate::core::dialect::Dialect;
use crate::core::document::OperationType;
use crate::core::operations::LastingOptions;
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
  subscribeTimeout?: number;
  answerPings: boolean;
  /** Whether to offer subprotocols, or to speak the preferred one unasked. */
  offersSubprotocols: boolean;
  /** The subprotocol to offer first. */
  preferred: Subprotocol;
  /** The one to offer beside it; undefined for none. */
  other: Subprotocol | undefined;
  /** The dialect that the user has chosen by an object: it is not offered by its name. */
  chosen?: DialectName | undefined;
  /** Of Phoenix. */
  topic?: string | undefined;
  /** Whether the host has a `trace`. */
  traced: boolean;
  /** Of a client; undefined for a transport. */
  client: ClientSettings | undefined;
}

/** The options of a client that the core obeys. Without a time it waits for ever, without a number there is no limit. */
export interface ClientSettings {
  lazy: boolean;
  idleTimeout: number | undefined;
  waitTimeout: number | undefined;
  probeTimeout: number | undefined;
  /** Whether the URL or the payload of `connection_init` is asked for at each attempt. */
  renewsCredentials: boolean;
  /** Whether an attempt that nothing needs any more goes on until the server has acknowledged. Default: false. */
  keepsAttempts?: boolean;
  /** A random number from 0 to 1. */
  seed: number;
  retry: RetrySettings | undefined;
}

export interface RetrySettings {
  attempts: number | undefined;
  initialAttempts: number | undefined;
  baseDelay: number;
  maxDelay: number;
  minUptime: number;
  /** Whether the user has a function that decides, and one for the delay. */
  asksVerdict: boolean;
  asksDelay: boolean;
  /** The shortest time between the beginnings of two attempts. Default: 100. */
  spacing?: number;
}

/** What a client's operation needs to outlive its connection. */
export interface LastingSettings {
  /** What a document without text is. */
  kind: 'query' | 'mutation' | 'subscription' | undefined;
  idempotent: boolean;
  /** Whether the consumer examines results, and makes the request to go on with. */
  resumes: boolean;
  /** Whether the consumer wants notices. */
  notices: boolean;
  /** Whether `waitTimeout` overrules the client's. */
  limitsWaiting: boolean;
  waitTimeout: number | undefined;
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

    #[wasm_bindgen(method, getter, js_name = subscribeTimeout)]
    fn subscribe_timeout(this: &Settings) -> Option<u32>;

    #[wasm_bindgen(method, getter)]
    fn chosen(this: &Settings) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn topic(this: &Settings) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = answerPings)]
    fn answer_pings(this: &Settings) -> bool;

    #[wasm_bindgen(method, getter, js_name = offersSubprotocols)]
    fn offers_subprotocols(this: &Settings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn preferred(this: &Settings) -> Subprotocol;

    #[wasm_bindgen(method, getter)]
    fn other(this: &Settings) -> Option<Subprotocol>;

    #[wasm_bindgen(method, getter)]
    fn traced(this: &Settings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn client(this: &Settings) -> Option<ClientSettings>;

    #[wasm_bindgen(typescript_type = "ClientSettings")]
    pub type ClientSettings;

    #[wasm_bindgen(method, getter)]
    fn lazy(this: &ClientSettings) -> bool;

    #[wasm_bindgen(method, getter, js_name = idleTimeout)]
    fn idle_timeout(this: &ClientSettings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = waitTimeout)]
    fn wait_timeout(this: &ClientSettings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = probeTimeout)]
    fn probe_timeout(this: &ClientSettings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = renewsCredentials)]
    fn renews_credentials(this: &ClientSettings) -> bool;

    #[wasm_bindgen(method, getter, js_name = keepsAttempts)]
    fn keeps_attempts(this: &ClientSettings) -> Option<bool>;

    #[wasm_bindgen(method, getter)]
    fn seed(this: &ClientSettings) -> f64;

    #[wasm_bindgen(method, getter)]
    fn retry(this: &ClientSettings) -> Option<RetrySettings>;

    #[wasm_bindgen(typescript_type = "RetrySettings")]
    pub type RetrySettings;

    #[wasm_bindgen(method, getter)]
    fn attempts(this: &RetrySettings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = initialAttempts)]
    fn initial_attempts(this: &RetrySettings) -> Option<u32>;

    #[wasm_bindgen(method, getter, js_name = baseDelay)]
    fn base_delay(this: &RetrySettings) -> u32;

    #[wasm_bindgen(method, getter, js_name = maxDelay)]
    fn max_delay(this: &RetrySettings) -> u32;

    #[wasm_bindgen(method, getter, js_name = minUptime)]
    fn min_uptime(this: &RetrySettings) -> u32;

    #[wasm_bindgen(method, getter, js_name = asksVerdict)]
    fn asks_verdict(this: &RetrySettings) -> bool;

    #[wasm_bindgen(method, getter, js_name = asksDelay)]
    fn asks_delay(this: &RetrySettings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn spacing(this: &RetrySettings) -> Option<u32>;

    #[wasm_bindgen(typescript_type = "LastingSettings")]
    pub type LastingSettings;

    #[wasm_bindgen(method, getter)]
    fn kind(this: &LastingSettings) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn idempotent(this: &LastingSettings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn resumes(this: &LastingSettings) -> bool;

    #[wasm_bindgen(method, getter)]
    fn notices(this: &LastingSettings) -> bool;

    #[wasm_bindgen(method, getter, js_name = limitsWaiting)]
    fn limits_waiting(this: &LastingSettings) -> bool;

    #[wasm_bindgen(method, getter, js_name = waitTimeout)]
    fn own_wait_timeout(this: &LastingSettings) -> Option<u32>;
}

impl LastingSettings {
    pub(super) fn operation_type(&self) -> OperationType {
        let kind = self.kind();
        kind.and_then(|kind| OperationType::of_keyword(&kind))
            .unwrap_or(OperationType::Unknown)
    }
}

impl From<&LastingSettings> for LastingOptions {
    fn from(settings: &LastingSettings) -> Self {
        let own = || settings.own_wait_timeout().map(Millis);
        LastingOptions {
            idempotent: settings.idempotent(),
            resumes: settings.resumes(),
            notices: settings.notices(),
            wait_timeout: settings.limits_waiting().then(own),
        }
    }
}

impl From<&ClientSettings> for ClientConfig {
    fn from(settings: &ClientSettings) -> Self {
        ClientConfig {
            lazy: settings.lazy(),
            idle_timeout: settings.idle_timeout().map(Millis),
            wait_timeout: settings.wait_timeout().map(Millis),
            probe_timeout: settings.probe_timeout().map(Millis),
            renews_credentials: settings.renews_credentials(),
            keeps_attempts: settings.keeps_attempts().unwrap_or_default(),
            // All of a number's random bits.
            seed: (settings.seed() * 2_f64.powi(53)) as u64,
            retry: settings.retry().as_ref().map(RetryConfig::from),
        }
    }
}

impl From<&RetrySettings> for RetryConfig {
    fn from(settings: &RetrySettings) -> Self {
        RetryConfig {
            attempts: settings.attempts(),
            initial_attempts: settings.initial_attempts(),
            base_delay: Millis(settings.base_delay()),
            max_delay: Millis(settings.max_delay()),
            min_uptime: Millis(settings.min_uptime()),
            asks_verdict: settings.asks_verdict(),
            asks_delay: settings.asks_delay(),
            spacing: settings
                .spacing()
                .map_or(RetryConfig::default().spacing, Millis),
        }
    }
}

impl From<&Settings> for Config {
    fn from(settings: &Settings) -> Self {
        let preferred = Dialect::from(settings.preferred());
        let chosen = settings.chosen().and_then(|name| Dialect::of_name(&name));
        Config {
            subprotocols: match (chosen, settings.other()) {
                (Some(chosen), _) => chosen.only(),
                (None, None) => preferred.only(),
                (None, Some(_)) => preferred.first(),
            },
            offers_subprotocols: settings.offers_subprotocols(),
            connect_timeout: settings.connect_timeout().map(Millis),
            ack_timeout: settings.ack_timeout().map(Millis),
            close_timeout: settings.close_timeout().map(Millis),
            keep_alive_timeout: settings.keep_alive_timeout().map(Millis),
            ping_interval: settings.ping_interval().map(Millis),
            pong_timeout: settings.pong_timeout().map(Millis),
            subscribe_timeout: settings.subscribe_timeout().map(Millis),
            topic: settings.topic().unwrap_or_default(),
            answer_pings: settings.answer_pings(),
            traced: settings.traced(),
            client: settings.client().as_ref().map(ClientConfig::from),
        }
    }
}

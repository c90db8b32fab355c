//! The options of a transport that the core obeys.

use super::dialect::{Dialect, Offer};
use super::time::Millis;

/// Times are in milliseconds; `None` waits for ever. The defaults are those of Python gql.
#[derive(Clone, Debug)]
pub struct Config {
    /// The dialects to offer to the server. Default: all.
    pub subprotocols: Offer,
    /// From `connect()` until the socket is open, the user's `url` and `initPayload` functions
    /// included. Default: 10 s.
    pub connect_timeout: Option<Millis>,
    /// From `connection_init` until `connection_ack`. Default: 10 s.
    pub ack_timeout: Option<Millis>,
    /// How long `close()` waits for the operations, and then for the socket. Default: 10 s.
    pub close_timeout: Option<Millis>,
    /// How long the server may stay silent after the ack; any message is a sign of life. Default:
    /// for ever.
    pub keep_alive_timeout: Option<Millis>,
    /// Between two `ping`s that we send, at least 1 ms, where the dialect has them. Default: none is
    /// sent.
    pub ping_interval: Option<Millis>,
    /// How long any message may take after a `ping` that we send. Default: for ever; users get
    /// [`half`](Config::half) of `ping_interval`, as in Python gql.
    pub pong_timeout: Option<Millis>,
    /// Whether the server's `ping`s are answered. Default: yes.
    pub answer_pings: bool,
    /// Whether [`Output::Trace`](super::output::Output::Trace) is wanted. Default: no.
    pub traced: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            subprotocols: Dialect::ALL,
            connect_timeout: Some(Millis(10_000)),
            ack_timeout: Some(Millis(10_000)),
            close_timeout: Some(Millis(10_000)),
            keep_alive_timeout: None,
            ping_interval: None,
            pong_timeout: None,
            answer_pings: true,
            traced: false,
        }
    }
}

impl Config {
    /// What `pong_timeout` is for a `ping_interval`, where the user does not say.
    pub fn half(ping_interval: Option<Millis>) -> Option<Millis> {
        ping_interval.map(|interval| Millis(interval.0.div_ceil(2)))
    }
}

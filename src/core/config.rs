//! The options of a transport that the core obeys.

use super::dialect::{Dialect, Offer};
use super::time::Millis;

/// Times are in milliseconds; `None` waits for ever. The defaults are those of Python gql.
#[derive(Clone, Debug)]
pub struct Config {
    /// The dialects to offer to the server. Default: all.
    pub subprotocols: Offer,
    /// Whether these are offered as subprotocols. If not, the first of them is spoken, whatever the server picks.
    /// Default: yes.
    pub offers_subprotocols: bool,
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
    /// How long the server may take to say that it has a subscription, where the dialect has it say so: AppSync's
    /// and Phoenix'. Default: 15 s.
    pub subscribe_timeout: Option<Millis>,
    /// The topic of the channel, in Phoenix' dialect. Default: Absinthe's.
    pub topic: String,
    /// Whether the server's `ping`s are answered. Default: yes.
    pub answer_pings: bool,
    /// Whether [`Output::Trace`](super::output::Output::Trace) is wanted. Default: no.
    pub traced: bool,
    /// What a client has that a transport has not. Default: `None`, a transport: it never connects by
    /// itself, and an operation lives no longer than its connection.
    pub client: Option<ClientConfig>,
}

/// The options of a client, whose operations outlive connections.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Whether it connects only when something needs it. Default: yes.
    pub lazy: bool,
    /// How long a connection that nobody needs is kept, if `lazy`. Default: 3 s.
    pub idle_timeout: Option<Millis>,
    /// Default: see [`RetryConfig`]. `None`: a lost connection ends all operations.
    pub retry: Option<RetryConfig>,
    /// How long a query or a mutation may wait to be sent. Default: 30 s.
    pub wait_timeout: Option<Millis>,
    /// How long any message may take after a probe. Default: 3 s.
    pub probe_timeout: Option<Millis>,
    /// Whether the URL or the payload of `connection_init` is asked for at each attempt, so that the
    /// next one may have better credentials. Default: no.
    pub renews_credentials: bool,
    /// Whether an attempt that nothing needs any more goes on until the server has acknowledged, so that an
    /// operation which comes meanwhile finds it. Default: no.
    pub keeps_attempts: bool,
    /// For the random part of the delays. Default: 0.
    pub seed: u64,
}

/// When a client connects again.
#[derive(Clone, Debug)]
pub struct RetryConfig {
    /// Failures in a row after which it gives up. Default: `None`, never.
    pub attempts: Option<u32>,
    /// The same until a connection has been ready once. Default: 8, which takes about a minute.
    pub initial_attempts: Option<u32>,
    /// The window of the first delay. Default: 1 s.
    pub base_delay: Millis,
    /// The largest window. Default: 30 s.
    pub max_delay: Millis,
    /// How long a connection has to be ready before failures are forgotten. Default: 5 s.
    pub min_uptime: Millis,
    /// Whether a user function has the last word on what follows a failure. Default: no.
    pub asks_verdict: bool,
    /// Whether a user function says how long to wait. Default: no.
    pub asks_delay: bool,
    /// The shortest time between the beginnings of two attempts, whatever a user function says. Default: 100 ms.
    pub spacing: Millis,
}

impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig {
            lazy: true,
            idle_timeout: Some(Millis(3_000)),
            retry: Some(RetryConfig::default()),
            wait_timeout: Some(Millis(30_000)),
            probe_timeout: Some(Millis(3_000)),
            renews_credentials: false,
            keeps_attempts: false,
            seed: 0,
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        RetryConfig {
            attempts: None,
            initial_attempts: Some(8),
            base_delay: Millis(1_000),
            max_delay: Millis(30_000),
            min_uptime: Millis(5_000),
            asks_verdict: false,
            asks_delay: false,
            spacing: Millis(100),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            subprotocols: Dialect::ALL,
            offers_subprotocols: true,
            connect_timeout: Some(Millis(10_000)),
            ack_timeout: Some(Millis(10_000)),
            close_timeout: Some(Millis(10_000)),
            keep_alive_timeout: None,
            ping_interval: None,
            pong_timeout: None,
            subscribe_timeout: Some(Millis(15_000)),
            topic: Self::TOPIC.to_owned(),
            answer_pings: true,
            traced: false,
            client: None,
        }
    }
}

impl Config {
    /// The ping interval of a client, which has to notice a dead connection by itself. Some servers
    /// hang up after 15 s without a `ping`.
    pub const CLIENT_PING_INTERVAL: Millis = Millis(12_000);

    /// The topic that Absinthe has.
    pub const TOPIC: &str = "__absinthe__:control";

    /// The interval of heartbeats that Phoenix' own client has: its servers hang up after 60 s without a message.
    pub const HEARTBEAT_INTERVAL: Millis = Millis(30_000);

    /// What `pong_timeout` is for a `ping_interval`, where the user does not say.
    pub fn half(ping_interval: Option<Millis>) -> Option<Millis> {
        ping_interval.map(|interval| Millis(interval.0.div_ceil(2)))
    }
}

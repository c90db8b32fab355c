//! What a world is like.

use wireql::core::config::{ClientConfig, Config, RetryConfig};
use wireql::core::dialect::{Dialect, Offer};
use wireql::core::time::Millis;

use crate::chance::Chance;

/// What the worlds of a test are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Theme {
    /// Nothing stops the client, and in the end the network is well.
    Losses,
    /// Some losses make the client give up.
    Verdicts,
    /// The client is closed while all goes wrong.
    Close,
}

/// How results get to the core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Every frame is decoded by the core.
    Long,
    /// A frame that is a result, or an end, and nothing else is recognised before.
    Short,
}

/// After these a client always tries again, whenever they come.
const HARMLESS: [u16; 12] = [
    1000, 1001, 1005, 1006, 1006, 1006, 1011, 1012, 1013, 4429, 4499, 4504,
];

/// These it takes for an operation's fault, if they come after the ack.
pub(crate) const BLAMING: [u16; 7] = [4400, 4409, 4500, 1002, 1003, 1007, 1009];

/// These say that the credentials are wrong, or stop it for another reason.
const STOPPING: [u16; 7] = [4401, 4403, 1008, 3000, 4400, 4409, 4406];

pub(crate) struct Plan {
    pub(crate) theme: Theme,
    pub(crate) config: Config,
    pub(crate) way: Way,
    /// The dialects that the server speaks, in the order of its preference.
    pub(crate) speaks: Offer,
    /// Whether consumers read when they like, and not at once.
    pub(crate) lazy: bool,
    /// Whether the user's functions take their time, and fail.
    pub(crate) slow: bool,
    pub(crate) hints: bool,
    /// How many operations there are at most.
    pub(crate) most: usize,
    /// Of 100 connections so many are well from the beginning.
    pub(crate) luck: u64,
    /// How long it goes on before the network is well.
    pub(crate) length: u64,
    /// Whether the server sends `ka`s in the dialect that has them.
    pub(crate) keep_alives: bool,
}

impl Plan {
    pub(crate) fn new(theme: Theme, way: Way, chance: &mut Chance, traced: bool) -> Self {
        let ping_interval = chance
            .percent(70)
            .then(|| Millis(chance.pick(&[12_000, 3_000])));
        let has_keep_alive = chance.percent(50) && ping_interval.is_some();
        let retry = RetryConfig {
            initial_attempts: (theme == Theme::Verdicts).then_some(8),
            max_delay: Millis(chance.pick(&[1_000, 2_000, 4_000, 30_000])),
            min_uptime: Millis(chance.pick(&[0, 1_000, 5_000])),
            asks_verdict: chance.percent(20),
            asks_delay: chance.percent(20),
            ..RetryConfig::default()
        };
        let client = ClientConfig {
            lazy: !chance.percent(15),
            idle_timeout: chance.pick(&[Some(Millis(3_000)), Some(Millis(3_000)), None]),
            retry: Some(retry),
            wait_timeout: Some(Millis(chance.pick(&[2_000, 10_000, 30_000]))),
            renews_credentials: chance.percent(50),
            seed: chance.next(),
            ..ClientConfig::default()
        };
        let config = Config {
            subprotocols: match chance.below(4) {
                0 => Dialect::GraphqlTransportWs.only(),
                1 => Dialect::GraphqlWs.only(),
                2 => Dialect::GraphqlWs.first(),
                _ => Dialect::ALL,
            },
            connect_timeout: Some(Millis(chance.pick(&[2_000, 10_000]))),
            ack_timeout: Some(Millis(chance.pick(&[2_000, 10_000]))),
            close_timeout: Some(Millis(chance.pick(&[500, 10_000]))),
            keep_alive_timeout: has_keep_alive.then_some(Millis(15_000)),
            ping_interval,
            pong_timeout: Config::half(ping_interval),
            traced,
            client: Some(client),
            ..Config::default()
        };
        let mut config = config;
        let is_appsync = chance.percent(20);
        if is_appsync {
            config.subprotocols = Dialect::AppSync.only();
            config.offers_subprotocols = false;
            // A silence is noticed before.
            config.subscribe_timeout = Some(Millis(60_000));
        }
        let speaks = match chance.below(3) {
            _ if is_appsync => config.subprotocols,
            // One that both speak.
            0 => config.subprotocols.first().unwrap().only(),
            1 => Dialect::GraphqlWs.first(),
            _ => Dialect::ALL,
        };
        Plan {
            theme,
            config,
            way,
            speaks,
            lazy: chance.percent(25),
            slow: chance.percent(40),
            hints: chance.percent(60),
            most: chance.pick(&[1, 4, 10, 10]),
            luck: chance.within(0, 20),
            length: chance.within(20_000, 200_000),
            keep_alives: has_keep_alive || chance.percent(50),
        }
    }

    pub(crate) fn client(&self) -> &ClientConfig {
        self.config.client.as_ref().unwrap()
    }

    /// Whether there are subscriptions alone, which the server confirms.
    pub(crate) fn is_appsync(&self) -> bool {
        self.speaks == Dialect::AppSync.only()
    }

    /// Whether a connection that goes silent is noticed in the end.
    pub(crate) fn notices_silence(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::GraphqlTransportWs => self.config.ping_interval.is_some(),
            Dialect::GraphqlWs => self.config.keep_alive_timeout.is_some(),
            // The server says how long it may be silent.
            Dialect::AppSync => true,
            Dialect::Phoenix => panic!("no world speaks {dialect:?}"),
        }
    }

    /// How a connection closes that is lost.
    pub(crate) fn code(&self, acknowledged: bool, chance: &mut Chance) -> u16 {
        if acknowledged && chance.percent(25) {
            return chance.pick(&BLAMING);
        }
        if self.theme == Theme::Verdicts && chance.percent(25) {
            return chance.pick(&STOPPING);
        }
        chance.pick(&HARMLESS)
    }
}

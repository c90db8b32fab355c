//! The options of a Rust client.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::connection::{Failure, Verdict};
use super::host::{AppHost, RetryFunctions};
use super::options::{Options, at_least_one, millis};
use super::url::{ServerUrl, Source};
use crate::Error;
use crate::core::config::{ClientConfig, Config, RetryConfig};
use crate::core::time::Millis;

/// The options of a [`Client`](crate::Client): those of a connection, which [`Options`] has, and these. `None`
/// for a time waits for ever.
#[derive(Clone, Default)]
pub struct ClientOptions {
    connection: Options,
    client: ClientConfig,
    retry: RetryConfig,
    functions: RetryFunctions,
}

impl From<Options> for ClientOptions {
    fn from(connection: Options) -> Self {
        ClientOptions {
            connection,
            ..ClientOptions::default()
        }
    }
}

impl ClientOptions {
    /// With the default [`Options`] of a connection, but for the `ping_interval`: 12 s.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to connect when something needs a connection, or else at once and for ever. Default: yes.
    pub fn lazy(mut self, lazy: bool) -> Self {
        self.client.lazy = lazy;
        self
    }

    /// How long a connection is kept that no operation needs, if lazy; after `connect` at least 1 s.
    /// Default: 3 s.
    pub fn idle_timeout(mut self, time: Option<Duration>) -> Self {
        self.client.idle_timeout = millis(time);
        self
    }

    /// How long a query or a mutation may wait to be sent. Default: 30 s.
    pub fn wait_timeout(mut self, time: Option<Duration>) -> Self {
        self.client.wait_timeout = millis(time);
        self
    }

    /// How long any message may take after a probe, at least 1 ms. Default: 3 s.
    pub fn probe_timeout(mut self, time: Option<Duration>) -> Self {
        self.client.probe_timeout = at_least_one(time);
        self
    }

    /// A lost connection ends all operations.
    pub fn no_retry(mut self) -> Self {
        self.client.retry = None;
        self
    }

    /// Failures in a row after which the client gives up; `None` for never. Default: `None`.
    pub fn attempts(mut self, attempts: Option<u32>) -> Self {
        self.retry.attempts = attempts;
        self
    }

    /// The same until a connection has been ready once. Default: 8, which takes about a minute.
    pub fn initial_attempts(mut self, attempts: Option<u32>) -> Self {
        self.retry.initial_attempts = attempts;
        self
    }

    /// The window of the first delay, at least 1 ms; it doubles with each failure in a row. The delay is
    /// a random part of it, at least a tenth. Default: 1 s.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.retry.base_delay = limited(delay);
        self
    }

    /// The largest window, at least 1 ms. Default: 30 s.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.retry.max_delay = limited(delay);
        self
    }

    /// How long a connection has to be ready before failures are forgotten. Default: 5 s.
    pub fn min_uptime(mut self, time: Duration) -> Self {
        self.retry.min_uptime = millis(Some(time)).unwrap_or(Millis(u32::MAX));
        self
    }

    /// Overrules what the client proposes about a failure; `None` leaves it.
    pub fn retry_when(mut self, decide: impl Fn(&Failure) -> Option<Verdict> + 'static) -> Self {
        self.retry.asks_verdict = true;
        self.functions.verdict = Some(Rc::new(decide));
        self
    }

    /// The delay, in place of the random one; what it waits for (a health check) is waited for.
    pub fn retry_delay<F>(mut self, delay: impl Fn(&Failure) -> F + 'static) -> Self
    where
        F: Future<Output = Duration> + 'static,
    {
        self.retry.asks_delay = true;
        self.functions.delay = Some(Rc::new(move |failure| Box::pin(delay(failure))));
        self
    }

    pub(super) fn for_url(self, url: ServerUrl) -> Result<(Config, AppHost), Error> {
        let ClientOptions {
            connection,
            mut client,
            retry,
            functions,
        } = self;
        client.retry = client.retry.map(|_| retry);
        client.renews_credentials =
            connection.renews_credentials() || matches!(url.0, Source::Asked(_));
        // All of a number's random bits.
        client.seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
        let (mut config, mut host) = connection.for_client().for_url(url)?;
        config.client = Some(client);
        host.is_client = true;
        host.retry = functions;
        Ok((config, host))
    }
}

fn limited(delay: Duration) -> Millis {
    at_least_one(Some(delay)).unwrap_or(Millis(u32::MAX))
}

//! What follows when a connection, or an attempt at one, has failed: whether to try again, and when.
//!
//! The verdicts by close code and error are one table, [`rule`]. The counters that it depends on are
//! in `Retry`, which never connects itself.

use std::rc::Rc;

use super::close_code;
use super::config::RetryConfig;
use super::error::{Close, Error, Refusal};
use super::time::{Instant, Millis};

/// What is done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another attempt, after a delay.
    Retry,
    /// Another attempt at once.
    RetryNow,
    /// The client gives up, and every operation ends with the error.
    Stop,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum During {
    /// An attempt to connect.
    Connecting,
    /// A connection that the server had acknowledged.
    Ready,
}

/// How the table judges a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Retry,
    /// The server asks for patience: the delay is one of a later failure.
    RetryLater,
    /// The server refuses the credentials: once more with new ones, and then no more.
    Denied,
    Stop,
}

/// The table: how a failure is judged, by what it was and when it came.
pub fn rule<J>(error: &Error<J>, during: During) -> Rule {
    let (before, after) = match error {
        Error::ConnectionLost { close, meaning, .. }
        | Error::HandshakeRefused { close, meaning, .. } => match meaning {
            None => rules_of_close(close),
            // Then the code says nothing more.
            Some(_) => (Rule::Retry, Rule::Retry),
        },
        // Only some hosts tell the status of the HTTP answer.
        Error::ConnectionRefused { why, .. } if is_http_refusal(why) => {
            (Rule::Denied, Rule::Denied)
        }
        Error::ConnectionRefused { .. } => (Rule::Retry, Rule::Retry),
        Error::ConnectionError { why, .. } => match why {
            Refusal::Credentials => (Rule::Denied, Rule::Denied),
            Refusal::Request => (Rule::Stop, Rule::Stop),
            Refusal::Unknown => (Rule::Retry, Rule::Retry),
        },
        Error::ChannelClosed { .. } => (Rule::Retry, Rule::Retry),
        // A server that speaks something else will not change; one that spoke GraphQL before may be
        // behind a proxy that is being restarted.
        Error::WrongSubprotocol { .. }
        | Error::NotJson { .. }
        | Error::BinaryFrame
        | Error::InvalidMessage { .. } => (Rule::Stop, Rule::Retry),
        // A token endpoint can be down for a while.
        Error::UrlFailed { .. }
        | Error::InitPayloadFailed { .. }
        | Error::CredentialsFailed { .. }
        | Error::Timeout { .. } => (Rule::Retry, Rule::Retry),
        // The host will not make a socket: the next one would be refused too.
        _ => (Rule::Stop, Rule::Stop),
    };
    match during {
        During::Connecting => before,
        During::Ready => after,
    }
}

/// Before the ack, and after it.
fn rules_of_close(close: &Close) -> (Rule, Rule) {
    match close.code {
        // "Try again later"; servers use 4429 for rate limits.
        1013 | 4429 => (Rule::RetryLater, Rule::RetryLater),
        1008 | 3000 | 3003 | 4401 | 4403 => (Rule::Denied, Rule::Denied),
        close_code::SUBPROTOCOL_NOT_ACCEPTABLE => (Rule::Stop, Rule::Retry),
        // Before the ack nothing but our handshake can be wrong; after it, an operation may be.
        close_code::PROTOCOL_ERROR | 1003 | 1007 | 1009 | 1010 | close_code::BAD_REQUEST | 4409 => {
            (Rule::Stop, Rule::Retry)
        }
        _ => (Rule::Retry, Rule::Retry),
    }
}

/// Whether an acknowledged connection may have ended because of one operation on it.
pub fn blames_an_operation<J>(error: &Error<J>) -> bool {
    if let Error::ChannelClosed { is_crash, .. } = error {
        return *is_crash;
    }
    let Error::ConnectionLost {
        close,
        meaning: None,
        ..
    } = error
    else {
        return false;
    };
    matches!(
        close.code,
        close_code::PROTOCOL_ERROR
            | 1003
            | 1007
            | 1009
            | 1010
            | close_code::BAD_REQUEST
            | 4409
            | 4500
    )
}

/// Whether the server has refused the handshake for want of credentials, as `ws` tells it:
/// "Unexpected server response: 401".
fn is_http_refusal(why: &str) -> bool {
    why.starts_with("Unexpected server response")
        && (why.ends_with(" 401") || why.ends_with(" 403"))
}

/// A failure, with what the client proposes to do about it.
#[derive(Clone, Debug)]
pub struct Failure<J> {
    pub error: Rc<Error<J>>,
    pub during: During,
    /// In a row, with this one.
    pub failures: u32,
    /// Whether a connection was ever ready.
    pub ever_ready: bool,
    /// How long the connection was ready.
    pub uptime: Millis,
    pub proposed: Verdict,
    pub proposed_delay: Millis,
}

/// The failures in a row, and what is proposed after each.
pub(super) struct Retry {
    /// `None`: a failure always ends the operations.
    config: Option<RetryConfig>,
    /// Whether an attempt can bring credentials that the last one did not have.
    renews_credentials: bool,
    failures: u32,
    denials: u32,
    /// Whether an attempt was made without a delay since failures were last forgotten.
    hurried: bool,
    ever_ready: bool,
    ready_since: Option<Instant>,
    random: Random,
}

impl Retry {
    pub(super) fn new(config: Option<RetryConfig>, renews_credentials: bool, seed: u64) -> Self {
        Retry {
            config,
            renews_credentials,
            failures: 0,
            denials: 0,
            hurried: false,
            ever_ready: false,
            ready_since: None,
            random: Random(seed),
        }
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether operations outlive a failure.
    pub(super) fn is_wanted(&self) -> bool {
        self.config.is_some()
    }

    /// Whether there is anything to forget.
    pub(super) fn remembers(&self) -> bool {
        self.failures > 0 || self.hurried
    }

    /// How long a connection has to be ready before failures are forgotten.
    pub(super) fn min_uptime(&self) -> Option<Millis> {
        self.config.as_ref().map(|config| config.min_uptime)
    }

    /// The longest delay, where there are any.
    pub(super) fn max_delay(&self) -> Option<Millis> {
        self.config.as_ref().map(|config| config.max_delay)
    }

    /// The shortest time between the beginnings of two attempts.
    pub(super) fn spacing(&self) -> Millis {
        self.config
            .as_ref()
            .map_or(Millis(0), |config| config.spacing)
    }

    /// Whether a user function has a say in whether, and when, to try again.
    pub(super) fn asks(&self) -> (bool, bool) {
        self.config.as_ref().map_or((false, false), |config| {
            (config.asks_verdict, config.asks_delay)
        })
    }

    /// A connection is ready.
    pub(super) fn recv_ready(&mut self, now: Instant) {
        self.ever_ready = true;
        self.ready_since = Some(now);
    }

    /// A connection has been ready for so long that it counts.
    pub(super) fn forget(&mut self) {
        self.failures = 0;
        self.denials = 0;
        self.hurried = false;
    }

    /// A connection or an attempt has failed.
    /// `counts`: whether it is one more in a row.
    pub(super) fn recv_failure<J>(
        &mut self,
        error: Rc<Error<J>>,
        counts: bool,
        now: Instant,
    ) -> Failure<J> {
        let ready_since = self.ready_since.take();
        let during = match ready_since {
            Some(_) => During::Ready,
            None => During::Connecting,
        };
        let uptime = ready_since.map_or(Millis(0), |since| now.since(since));
        if self
            .min_uptime()
            .is_some_and(|least| during == During::Ready && uptime >= least)
        {
            self.forget();
        }
        self.failures = self.failures.saturating_add(counts.into());
        let rule = rule(&error, during);
        self.denials = if rule == Rule::Denied {
            self.denials + 1
        } else {
            0
        };
        let proposed = match rule {
            Rule::Retry | Rule::RetryLater => Verdict::Retry,
            // The same refusal twice is final.
            Rule::Denied if self.denials > 1 => Verdict::Stop,
            Rule::Denied if self.renews_credentials || during == During::Ready => Verdict::RetryNow,
            Rule::Denied | Rule::Stop => Verdict::Stop,
        };
        let window = self.window(rule == Rule::RetryLater);
        Failure {
            error,
            during,
            failures: self.failures,
            ever_ready: self.ever_ready,
            uptime,
            proposed: self.limited(proposed),
            proposed_delay: delay(window, self.random.next()),
        }
    }

    /// A connection that was ready is given up without a failure.
    pub(super) fn recv_end(&mut self) {
        self.ready_since = None;
    }

    /// The last word: what a user function decided, within the limits.
    pub(super) fn decide(&mut self, verdict: Verdict) -> Verdict {
        match self.limited(verdict) {
            Verdict::RetryNow if self.hurried => Verdict::Retry,
            Verdict::RetryNow => {
                self.hurried = true;
                Verdict::RetryNow
            }
            other => other,
        }
    }

    fn limited(&self, verdict: Verdict) -> Verdict {
        let Some(config) = &self.config else {
            return Verdict::Stop;
        };
        let limit = if self.ever_ready {
            config.attempts
        } else {
            config.initial_attempts
        };
        match limit {
            Some(limit) if self.failures >= limit => Verdict::Stop,
            _ => verdict,
        }
    }

    /// How long the delay after so many failures can be.
    fn window(&self, later: bool) -> Millis {
        let Some(config) = &self.config else {
            return Millis(0);
        };
        let doublings = self.failures.saturating_sub(1).min(31);
        let doublings = if later { doublings.max(3) } else { doublings };
        let window = u64::from(config.base_delay.0) << doublings;
        Millis(
            u32::try_from(window)
                .unwrap_or(u32::MAX)
                .min(config.max_delay.0),
        )
    }
}

/// A delay within a window: full jitter above a floor, so that no random number makes a hot loop.
fn delay(window: Millis, random: u32) -> Millis {
    let (window, random) = (u64::from(window.0), u64::from(random));
    let delay = window / 10 + ((window * 9 / 10 * random) >> 32);
    Millis(u32::try_from(delay.max(1)).unwrap_or(u32::MAX))
}

/// SplitMix64: enough for delays that clients do not share. The seed is the caller's.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_within_its_window_and_above_a_tenth_of_it() {
        for window in [1, 10, 1_000, 30_000, u32::MAX] {
            for random in [0, 1, u32::MAX / 2, u32::MAX] {
                let Millis(delay) = delay(Millis(window), random);
                assert!(delay >= (window / 10).max(1), "{delay} of {window}");
                assert!(delay <= window, "{delay} of {window}");
            }
        }
        assert_eq!(delay(Millis(1_000), 0), Millis(100));
        assert_eq!(delay(Millis(1_000), u32::MAX), Millis(999));
    }

    #[test]
    fn the_window_doubles_up_to_its_limit() {
        let mut retry = Retry::new(Some(RetryConfig::default()), false, 0);
        let mut windows = Vec::new();
        for _ in 0..8 {
            retry.failures += 1;
            windows.push(retry.window(false).0);
        }
        let expected = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
        assert_eq!(windows, expected);
        retry.failures = 1;
        assert_eq!(retry.window(true), Millis(8_000));
        retry.failures = u32::MAX;
        assert_eq!(retry.window(false), Millis(30_000));
    }

    #[test]
    fn what_ws_says_of_a_refused_handshake_is_understood() {
        assert!(is_http_refusal("Unexpected server response: 401"));
        assert!(is_http_refusal("Unexpected server response: 403"));
        assert!(!is_http_refusal("Unexpected server response: 502"));
        assert!(!is_http_refusal("connect ECONNREFUSED 127.0.0.1:401"));
    }
}

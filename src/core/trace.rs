//! What happens on a connection as lines of a transcript: what the user's `trace` is given, and the
//! form of this project's own tests.
//!
//! ```text
//! at 0      ! connect
//! at 0      > open ws://server/graphql graphql-transport-ws,graphql-ws
//! at 5      < opened graphql-transport-ws
//! ```
//!
//! `!` is what the user does, `<` what the server or the host does, `>` what goes to them, `=`
//! what the user sees. Nothing secret is in it: no payload of `connection_init`, no header, and of
//! a URL neither credentials nor query.

use super::config::{ClientConfig, Config};
use super::dialect::{Dialect, subprotocols};
use super::error::{Close, Ends, Error};
use super::json::{Json, quoted};
use super::message::Parts;
use super::operations::LastingOptions;
use super::output::{AttemptInfo, CloseReason, Event, Output};
use super::retry::Verdict;
use super::status::Status;
use super::time::{Instant, Millis};
use super::untrusted::escaped;

/// Stands for what may be secret.
pub const REDACTED: &str = r#"{"redacted":true}"#;

/// One line: the time since the transport was made, a mark, and what happened. Hidden
/// characters in a value that the host holds are the host's to escape.
pub fn line<J>(at: Millis, mark: char, what: Parts<J>) -> Parts<J> {
    let mut before = format!("at {}", at.0);
    while before.len() < "at 12345 ".len() {
        before.push(' ');
    }
    before.push(' ');
    before.push(mark);
    before.push(' ');
    before += &escaped(&what.before);
    if what.value.is_none() {
        before.truncate(before.trim_end().len());
    }
    Parts { before, ..what }
}

/// The mark and the text of an output; `None` for those that a transcript does not have.
pub fn output<J: Json>(output: &Output<J>) -> Option<(char, Parts<J>)> {
    let (mark, text) = match output {
        Output::Send {
            message, secret, ..
        } => {
            let what = if *secret {
                redacted(message)
            } else {
                message.clone()
            };
            return Some(('>', what));
        }
        Output::Open {
            url,
            subprotocols: offer,
            ..
        } => {
            let names = subprotocols(offer, ",");
            ('>', format!("open {} {names}", without_secrets(url)))
        }
        Output::CloseSocket { code, reason } => ('>', format!("close {code} {reason}")),
        Output::DropSocket { terminate: false } => ('>', "drop".to_owned()),
        Output::DropSocket { terminate: true } => ('>', "drop, terminate".to_owned()),
        Output::Connected { .. } => ('=', "connected".to_owned()),
        Output::ConnectFailed { error, .. } => ('=', format!("connect fails {}", told(error))),
        Output::Closed { .. } => ('=', "closed".to_owned()),
        Output::Event(Event::Connecting { retry: true, .. }) => ('=', "tries again".to_owned()),
        Output::Event(Event::Disconnected { reason, outcome }) => {
            let close = close_reason(reason);
            let error = reason.error.as_ref().map_or("-", |error| error.code());
            let outcome = outcome.name();
            ('=', format!("disconnected {outcome} {close}, {error}"))
        }
        Output::Event(Event::Error(error)) if error.ends() == Ends::Nothing => {
            ('=', format!("told of {}", told(error)))
        }
        Output::Ask { .. }
        | Output::AwaitTurnEnd
        | Output::Wake(_)
        | Output::Active { .. }
        | Output::NotActive { .. }
        | Output::Examine { .. }
        | Output::Status
        | Output::Ending(_)
        | Output::Event(_)
        | Output::Trace(_) => return None,
    };
    Some((mark, Parts::text(text)))
}

/// A message without its payload.
fn redacted<J>(message: &Parts<J>) -> Parts<J> {
    let payload = message.value.as_ref().map_or("", |_| REDACTED);
    Parts::text(format!("{}{payload}{}", message.before, message.after))
}

/// An error, without its cause.
pub fn told<J: Json>(error: &Error<J>) -> String {
    let detail = match error {
        Error::Timeout { limit, after, .. } => format!(" [{} {}]", limit.option(), after.0),
        error => match error.close() {
            Some(close) => format!(" [{}]", self::close(close)),
            None => String::new(),
        },
    };
    let ends = error.ends().text();
    format!("{} ends {ends}: {error}{detail}", error.code())
}

/// What a user interface shows: the state, failures in a row, and how long until the next attempt.
pub fn status<J>(status: &Status<J>, now: Instant) -> String {
    let mut text = status.state.name().to_owned();
    if status.reconnecting {
        text += " again";
    }
    if status.failures > 0 {
        text += &format!(", failures {}", status.failures);
    }
    if let Some(next) = status.next_attempt {
        text += &format!(", next in {}", next.since(now).0);
    }
    text
}

/// Which attempt to connect it is, and why it is made.
pub fn attempt<J>(attempt: &AttemptInfo<J>) -> String {
    let AttemptInfo {
        number,
        reason,
        error,
    } = attempt;
    let error = error.as_ref().map_or("-", |error| error.code());
    format!("{number}, {}, {error}", reason.name())
}

pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Retry => "retry",
        Verdict::RetryNow => "retry-now",
        Verdict::Stop => "stop",
    }
}

/// How a socket ended, as the host's close event tells it.
pub fn close(close: &Close) -> String {
    let clean = if close.was_clean { "" } else { " unclean" };
    let space = if close.reason.is_empty() { "" } else { " " };
    format!("{}{clean}{space}{}", close.code, close.reason)
}

/// How a socket ended; if it said nothing, what we sent.
pub fn close_reason<J>(reason: &CloseReason<J>) -> String {
    match (&reason.close, reason.sent) {
        (Some(close), _) => self::close(close),
        (None, Some((code, reason))) => format!("sent {code} {reason}").trim_end().to_owned(),
        (None, None) => "-".to_owned(),
    }
}

/// The first line: the options. What the user's functions answer comes later.
pub(super) fn options(config: &Config) -> String {
    let times = [
        ("connectTimeout", config.connect_timeout),
        ("ackTimeout", config.ack_timeout),
        ("closeTimeout", config.close_timeout),
        ("keepAliveTimeout", config.keep_alive_timeout),
        ("pingInterval", config.ping_interval),
        ("pongTimeout", config.pong_timeout),
    ];
    let mut text = format!(
        "url=function initPayload=function subprotocols={}",
        if config.offers_subprotocols {
            subprotocols(config.subprotocols, ",")
        } else {
            let dialect = config.subprotocols.first().copied();
            format!("none dialect={}", dialect.map_or("", Dialect::name))
        }
    );
    for (name, time) in times {
        let time = time.map_or_else(|| "null".to_owned(), |time| time.0.to_string());
        text += &format!(" {name}={time}");
    }
    text += &format!(" answerPings={}", config.answer_pings);
    if config.subprotocols.iter().any(|it| it.has_handshake()) {
        let time = config.subscribe_timeout;
        let time = time.map_or_else(|| "null".to_owned(), |time| time.0.to_string());
        let topic = quoted(&config.topic);
        text += &format!(
            " handshake=function authorise=function subscribeTimeout={time} topic={topic}"
        );
    }
    if let Some(client) = &config.client {
        text += &client_options(client);
    }
    text
}

fn client_options(client: &ClientConfig) -> String {
    let ClientConfig {
        lazy,
        renews_credentials,
        seed,
        ..
    } = client;
    let mut text = format!(" client=true lazy={lazy} renews={renews_credentials} seed={seed}");
    if client.keeps_attempts {
        text += " keepsAttempts=true";
    }
    let mut add = |name: &str, value: Option<u32>| {
        let value = value.map_or_else(|| "null".to_owned(), |value| value.to_string());
        text += &format!(" {name}={value}");
    };
    let time = |time: Option<Millis>| time.map(|time| time.0);
    add("idleTimeout", time(client.idle_timeout));
    add("waitTimeout", time(client.wait_timeout));
    add("probeTimeout", time(client.probe_timeout));
    let Some(retry) = &client.retry else {
        return text + " retry=false";
    };
    add("attempts", retry.attempts);
    add("initialAttempts", retry.initial_attempts);
    add("baseDelay", Some(retry.base_delay.0));
    add("maxDelay", Some(retry.max_delay.0));
    add("minUptime", Some(retry.min_uptime.0));
    add("spacing", Some(retry.spacing.0));
    if retry.asks_verdict {
        text += " when=function";
    }
    if retry.asks_delay {
        text += " delay=function";
    }
    text
}

/// What the user says of an operation that may be sent again.
pub(super) fn lasting(options: &LastingOptions) -> String {
    let mut flags = String::new();
    if options.idempotent {
        flags += " idempotent";
    }
    if options.resumes {
        flags += " resumes";
    }
    if let Some(time) = options.wait_timeout {
        let time = time.map_or_else(|| "null".to_owned(), |time| time.0.to_string());
        flags += " waitTimeout=";
        flags += &time;
    }
    if flags.is_empty() {
        return flags;
    }
    format!("[{}] ", flags.trim_start())
}

/// A URL without user, password, query and fragment.
pub fn without_secrets(url: &str) -> String {
    let mut slashes = 0;
    // Where user and password begin, where the host does, and where the path ends.
    let (mut secret, mut host, mut end) = (0, 0, url.len());
    for (at, byte) in url.bytes().enumerate() {
        match byte {
            b'?' | b'#' => {
                end = at;
                break;
            }
            b'/' => {
                slashes += 1;
                if slashes == 2 {
                    secret = at + 1;
                    host = secret;
                }
            }
            b'@' if slashes == 2 => host = at + 1,
            _ => {}
        }
    }
    let part = |from: usize, to: usize| url.get(from..to).unwrap_or_default();
    part(0, secret).to_owned() + part(host, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_in_a_url_goes() {
        for (url, expected) in [
            ("ws://host:1/path?token=s#s", "ws://host:1/path"),
            ("wss://user:p@ss@host/a@b?c", "wss://host/a@b"),
            ("ws://user:secret@host", "ws://host"),
            ("ws://host?a=/b@c", "ws://host"),
            ("ws://ü@h/ü#x", "ws://h/ü"),
            ("no url?secret", "no url"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(url), expected);
        }
    }
}

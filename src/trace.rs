//! What happens on a connection as lines of a transcript: what the `trace` option gives, and what the
//! native tests read. So a user's log is a test.
//!
//! ```text
//! at 0      ! connect
//! at 0      > open ws://server/graphql graphql-transport-ws,graphql-ws
//! at 5      < opened graphql-transport-ws
//! ```
//!
//! `!` is what the user does, `<` what the server or the host does, `>` what goes to them, `=`
//! what the user sees.

use crate::config::Config;
use crate::connection::{Event, Output};
use crate::error::{self, Close, Detail, Error, Scope};
use crate::json::Json;
use crate::time::Instant;

/// Stands in a trace for what may be secret.
pub const REDACTED: &str = r#"{"redacted":true}"#;

/// One line: the time in milliseconds, a mark, and what happened.
pub fn line(at: Instant, mark: &str, what: &str) -> String {
    let mut time = at.0.to_string();
    while time.len() < 6 {
        time.push(' ');
    }
    // One line it must stay.
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let what: String = what.trim_end().chars().map(printable).collect();
    ["at ", &time, " ", mark, " ", &what].concat()
}

/// What the user has set otherwise than it is by default. The URL and the payload of
/// `connection_init` are told when they are known, as the answers of functions are.
pub fn options(config: &Config) -> String {
    let default = Config::default();
    let mut text = String::from("options url=function initPayload=function");
    let mut tell = |name: &str, value: &str| {
        for part in [" ", name, "=", value] {
            text.push_str(part);
        }
    };
    if config.subprotocols != default.subprotocols {
        let names: Vec<_> = config.subprotocols.iter().map(|it| it.name()).collect();
        tell("subprotocols", &names.join(","));
    }
    let times = [
        (
            "connectTimeout",
            config.connect_timeout,
            default.connect_timeout,
        ),
        ("ackTimeout", config.ack_timeout, default.ack_timeout),
        ("closeTimeout", config.close_timeout, default.close_timeout),
        (
            "keepAliveTimeout",
            config.keep_alive_timeout,
            default.keep_alive_timeout,
        ),
        ("pingInterval", config.ping_interval, default.ping_interval),
        (
            "pongTimeout",
            config.pong_timeout,
            Config::half(config.ping_interval),
        ),
    ];
    for (name, time, default) in times {
        if time != default {
            let ms = time.map(|time| time.0.to_string());
            tell(name, ms.as_deref().unwrap_or("null"));
        }
    }
    if !config.answer_pings {
        tell("answerPings", "false");
    }
    text
}

/// The mark and the text of an output; `None` for those that a transcript does not have.
pub fn output<J: Json>(output: &Output<J>) -> Option<(&'static str, String)> {
    Some(match output {
        Output::Open {
            url, subprotocols, ..
        } => (">", ["open ", url, " ", &subprotocols.join(",")].concat()),
        Output::Transmit(text) => (">", text.clone()),
        Output::CloseSocket { code, reason } => {
            let code = code.to_string();
            let space = if reason.is_empty() { "" } else { " " };
            (">", ["close ", &code, space, reason].concat())
        }
        Output::DropSocket { terminate: false } => (">", "drop".to_owned()),
        Output::DropSocket { terminate: true } => (">", "drop, terminate".to_owned()),
        Output::Connected => ("=", "connected".to_owned()),
        Output::ConnectFailed(error) => ("=", ["connect fails ", &self::error(error)].concat()),
        Output::Closed(_) => ("=", "closed".to_owned()),
        Output::Event(Event::Connecting { retry: true }) => ("=", "tries again".to_owned()),
        Output::Event(Event::Error(error)) if error.code.scope() == Scope::Nothing => {
            ("=", ["told of ", &self::error(error)].concat())
        }
        Output::AskUrl { .. }
        | Output::AskInitPayload { .. }
        | Output::Wake(_)
        | Output::Event(_) => return None,
    })
}

/// The same with nothing in it that may be secret: what is in the payload of `connection_init`,
/// and in the URL beside host and path.
pub fn redacted<J: Json>(output: &Output<J>) -> Option<(&'static str, String)> {
    match output {
        Output::Open {
            attempt,
            url,
            subprotocols,
        } => self::output::<J>(&Output::Open {
            attempt: *attempt,
            url: error::without_secrets(url),
            subprotocols: subprotocols.clone(),
        }),
        Output::Transmit(text) => {
            let init = r#"{"type":"connection_init","payload":"#;
            let text = if text.starts_with(init) {
                [init, REDACTED, "}"].concat()
            } else {
                text.clone()
            };
            Some((">", text))
        }
        other => self::output(other),
    }
}

/// An error, without what a function of the user's threw.
pub fn error<J: Json>(error: &Error<J>) -> String {
    let ends = error.code.scope().text();
    let detail = match &error.detail {
        Detail::None => String::new(),
        Detail::Close(close) => [" [", &self::close(close), "]"].concat(),
        Detail::Query {
            operation_id,
            payload,
        } => {
            let payload = payload.as_ref().map(J::to_json);
            let payload = payload.as_deref().unwrap_or("-");
            [" [", &operation_id.to_string(), " ", payload, "]"].concat()
        }
        Detail::Timeout { option, after } => {
            [" [", option, " ", &after.0.to_string(), "]"].concat()
        }
    };
    let code = error.code.text();
    [code, " ends ", ends, ": ", &error.message, &detail].concat()
}

/// How a socket ended, as the host's close event tells it.
pub fn close(close: &Close) -> String {
    let code = close.code.to_string();
    let clean = if close.was_clean { "" } else { " unclean" };
    let space = if close.reason.is_empty() { "" } else { " " };
    [&code, clean, space, &close.reason].concat()
}

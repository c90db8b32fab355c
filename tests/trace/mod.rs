//! What happens on a connection as lines of a transcript, as the `trace` option of the package writes
//! them (`src/driver/trace.js`). So a user's log is a test.
//!
//! ```text
//! at 0      ! connect
//! at 0      > open ws://server/graphql graphql-transport-ws,graphql-ws
//! at 5      < opened graphql-transport-ws
//! ```
//!
//! `!` is what the user does, `<` what the server or the host does, `>` what goes to them, `=`
//! what the user sees.

use wireql::connection::{Event, Output};
use wireql::error::{Close, Detail, Error, Scope};
use wireql::json::Json;
use wireql::protocol::Dialect;
use wireql::time::Instant;

/// One line: the time in milliseconds, a mark, and what happened.
pub(crate) fn line(at: Instant, mark: &str, what: &str) -> String {
    let mut time = at.0.to_string();
    while time.len() < 6 {
        time.push(' ');
    }
    // One line it must stay.
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let what: String = what.trim_end().chars().map(printable).collect();
    ["at ", &time, " ", mark, " ", &what].concat()
}

/// The mark and the text of an output; `None` for those that a transcript does not have.
pub(crate) fn output<J: Json>(output: &Output<J>) -> Option<(&'static str, String)> {
    Some(match output {
        Output::Open {
            url, subprotocols, ..
        } => {
            let names: Vec<_> = subprotocols.iter().copied().map(Dialect::name).collect();
            (">", format!("open {url} {}", names.join(",")))
        }
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

/// An error, without what a function of the user's threw.
pub(crate) fn error<J: Json>(error: &Error<J>) -> String {
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
pub(crate) fn close(close: &Close) -> String {
    let code = close.code.to_string();
    let clean = if close.was_clean { "" } else { " unclean" };
    let space = if close.reason.is_empty() { "" } else { " " };
    [&code, clean, space, &close.reason].concat()
}

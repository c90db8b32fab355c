//! The core against transcripts: one block of text is one behaviour, in virtual time.
//!
//! `!` is what the user does, `<` what the server or the host does; both are played. `>` is what
//! goes to the server or the host, `=` what the user sees; both are compared. CONTRIBUTING.md has
//! the list of lines. `WIREQL_BLESS=1 cargo test --test transcripts` writes what came into the
//! files, to be read before it is committed.
//!
//! Each block is played twice: once with every frame decoded by the core, once with results taken
//! the short way, as the driver does.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod trace;

use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

use serde_json::Value;
use wireql::config::Config;
use wireql::connection::{Attempt, Connection, Event, Output, TransportState};
use wireql::error::{Close, Error};
use wireql::json::{Json, Kind};
use wireql::message::{Frame, OperationId};
use wireql::operations::{OperationType, Polled, Request};
use wireql::protocol::Dialect;
use wireql::time::{Instant, Millis};

/// A JSON value in the tests.
#[derive(Clone, Debug)]
struct Native(Value);

impl Json for Native {
    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Native)
    }

    fn is_true(&self) -> bool {
        self.0 == Value::Bool(true)
    }

    fn kind(&self) -> Kind {
        match self.0 {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        self.0.as_object()?.get(key).cloned().map(Native)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn first(&self) -> Option<Self> {
        self.0.as_array()?.first().cloned().map(Native)
    }

    fn to_json(&self) -> String {
        self.0.to_string()
    }
}

/// How an operation is read.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    /// Each result at once.
    Eager,
    /// Only on `! read`.
    Lazy,
    /// The first result, and no more.
    Once,
}

struct Player {
    connection: Connection<Native, ()>,
    readers: HashMap<OperationId, Reader>,
    /// Whether the user's functions are answered by `! url` and `! init-payload`.
    url_waits: bool,
    init_payload_waits: bool,
    short_way: bool,
    now: u64,
    transcript: String,
}

impl Player {
    fn new(short_way: bool) -> Self {
        Player {
            connection: Connection::new(Config::default()),
            readers: HashMap::new(),
            url_waits: false,
            init_payload_waits: false,
            short_way,
            now: 0,
            transcript: String::new(),
        }
    }

    fn play(mut self, block: &str) -> String {
        for line in block.lines() {
            let Some((at, mark, rest)) = split(line) else {
                writeln!(self.transcript, "{line}").unwrap();
                continue;
            };
            if mark == ">" || mark == "=" {
                continue;
            }
            self.advance(at);
            self.write(mark, rest);
            match mark {
                "!" => self.user(rest),
                "<" => self.host(rest),
                other => panic!("no such mark: {other} in {line}"),
            }
            self.drain();
        }
        self.transcript
    }

    fn write(&mut self, mark: &str, text: &str) {
        let line = trace::line(Instant(self.now), mark, text);
        writeln!(self.transcript, "{line}").unwrap();
    }

    /// Lets time pass, through each deadline on the way.
    fn advance(&mut self, to: u64) {
        assert!(to >= self.now, "time goes back to {to}");
        while let Some(deadline) = self.connection.poll_timeout()
            && deadline.0 <= to
        {
            self.now = self.now.max(deadline.0);
            self.connection.handle_timeout(Instant(self.now));
            self.drain();
            assert_ne!(
                self.connection.poll_timeout(),
                Some(deadline),
                "a deadline stands still"
            );
        }
        self.now = to;
    }

    fn user(&mut self, line: &str) {
        let now = Instant(self.now);
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "options" => self.options(rest),
            "connect" => {
                if let Err(error) = self.connection.connect(now) {
                    self.write("=", &format!("connect fails {}", told(&error)));
                }
            }
            "url" => self
                .connection
                .recv_url(self.connection.attempt(), Ok(rest.into())),
            "url-fails" => {
                let error = Error::url_failed(rest, Native(rest.into()));
                self.connection
                    .recv_url(self.connection.attempt(), Err(error));
            }
            "init-payload" => {
                let payload = (!rest.is_empty()).then(|| rest.to_owned());
                self.connection
                    .recv_init_payload(self.connection.attempt(), Ok(payload));
            }
            "init-payload-fails" => {
                let error = Error::init_payload_failed(rest, Native(rest.into()));
                self.connection
                    .recv_init_payload(self.connection.attempt(), Err(error));
            }
            "subscribe" => self.subscribe(rest, Reader::Eager, true),
            "subscribe-lazily" => self.subscribe(rest, Reader::Lazy, true),
            "subscribe-without-stop" => self.subscribe(rest, Reader::Eager, false),
            "execute" => self.subscribe(rest, Reader::Once, true),
            "execute-without-stop" => self.subscribe(rest, Reader::Once, false),
            "read" => self.read(rest.parse().unwrap()),
            "leave" => self.connection.leave(rest.parse().unwrap(), now),
            "ping" => {
                let sent = self.connection.send_ping(some(rest));
                self.report(sent);
            }
            "pong" => {
                let sent = self.connection.send_pong(some(rest));
                self.report(sent);
            }
            "close" => self.connection.close(now),
            "wait" => {}
            "state" => {
                let state = format!(
                    "{:?} {} {}",
                    self.connection.state(),
                    self.connection.url().unwrap_or("-"),
                    self.connection.dialect().map_or("-", Dialect::name)
                );
                self.write("=", &state);
            }
            "close-reason" => {
                let reason = self.connection.close_reason().map(|reason| {
                    let close = reason.close.as_ref().map_or("-".to_owned(), trace::close);
                    let error = reason.error.as_ref().map_or("-", |error| error.code.text());
                    format!("{close}, {error}")
                });
                self.write("=", reason.as_deref().unwrap_or("none"));
            }
            "payloads" => {
                let payloads = self.connection.payloads();
                let tell = |payload: &Option<Native>| {
                    payload.as_ref().map_or("-".to_owned(), Json::to_json)
                };
                let line = format!(
                    "ack {} ping {} pong {}",
                    tell(&payloads.connection_ack),
                    tell(&payloads.ping),
                    tell(&payloads.pong)
                );
                self.write("=", &line);
            }
            other => panic!("no such action: {other}"),
        }
    }

    fn options(&mut self, line: &str) {
        let mut config = Config::default();
        for option in line.split_whitespace() {
            let (name, value) = option.split_once('=').unwrap();
            let time = || (value != "null").then(|| Millis(value.parse().unwrap()));
            match name {
                "subprotocols" => {
                    let named = |name| Dialect::named(name).unwrap();
                    let names: Vec<_> = value.split(',').map(named).collect();
                    config.subprotocols = match names[..] {
                        [only] => only.only(),
                        [preferred, ..] => preferred.first(),
                        [] => panic!("no subprotocol"),
                    };
                }
                "connectTimeout" => config.connect_timeout = time(),
                "ackTimeout" => config.ack_timeout = time(),
                "closeTimeout" => config.close_timeout = time(),
                "keepAliveTimeout" => config.keep_alive_timeout = time(),
                "pingInterval" => {
                    config.ping_interval = time();
                    config.pong_timeout = Config::half(config.ping_interval);
                }
                "pongTimeout" => config.pong_timeout = time(),
                "answerPings" => config.answer_pings = value.parse().unwrap(),
                "url" => self.url_waits = value == "function",
                "initPayload" => self.init_payload_waits = value == "function",
                other => panic!("no such option: {other}"),
            }
        }
        self.connection = Connection::new(config);
    }

    /// `document`: GraphQL, or a whole request in JSON.
    fn subscribe(&mut self, document: &str, reader: Reader, send_stop: bool) {
        let payload = serde_json::from_str(document)
            .unwrap_or_else(|_| serde_json::json!({ "query": document }));
        let text = |key| payload.get(key).and_then(Value::as_str);
        let request = Request {
            operation_type: operation_type(text("query").unwrap_or_default()),
            payload: payload.to_string(),
            one_answer: reader == Reader::Once,
            send_stop,
        };
        let id = self.connection.subscribe(request, ());
        self.readers.insert(id, reader);
    }

    fn report(&mut self, sent: Result<(), Rc<Error<Native>>>) {
        if let Err(error) = sent {
            self.write("=", &format!("fails {}", told(&error)));
        }
    }

    fn host(&mut self, line: &str) {
        let current = self.connection.attempt();
        match line.strip_prefix("stale ") {
            Some(line) => self.socket(current.wrapping_sub(1), line),
            None => self.socket(current, line),
        }
    }

    fn socket(&mut self, attempt: Attempt, line: &str) {
        let now = Instant(self.now);
        let connection = &mut self.connection;
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "opened" => connection.recv_opened(attempt, rest, now),
            "closed" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                let unclean = reason.strip_prefix("unclean");
                let close = Close {
                    code: code.parse().unwrap(),
                    reason: unclean.unwrap_or(reason).trim_start().to_owned(),
                    was_clean: unclean.is_none(),
                };
                connection.recv_closed(attempt, close, now);
            }
            "lost" => {
                connection.recv_closed(attempt, Close::lost(), now);
            }
            "error" => connection.recv_socket_error(attempt, rest, Native(rest.into())),
            "refuses" => connection.recv_socket_failed(attempt, rest, Native(rest.into())),
            "binary" => connection.recv_frame(attempt, Frame::Binary, now),
            _ => match serde_json::from_str::<Value>(line) {
                Err(_) => connection.recv_frame(attempt, Frame::NotJson(line.to_owned()), now),
                Ok(frame) => match self.short_way.then(|| self.shortened(&frame)).flatten() {
                    None => self
                        .connection
                        .recv_frame(attempt, Frame::Json(Native(frame)), now),
                    Some((id, None)) => self.connection.recv_complete(attempt, id, now),
                    Some((id, Some(result))) => {
                        let queued = self.connection.recv_result(attempt, id, result, now);
                        if queued.is_some() {
                            self.wake(id);
                        }
                    }
                },
            },
        }
    }

    /// What `host.js` does: the id and the payload of a frame that is a result and nothing else, the
    /// id alone of one that is an operation's end.
    fn shortened(&self, frame: &Value) -> Option<(OperationId, Option<Native>)> {
        let result_type = self.connection.result_type()?;
        let text = frame.get("id")?.as_str()?;
        let id: OperationId = text.parse().ok()?;
        if id.to_string() != text {
            return None;
        }
        match frame.get("type")?.as_str()? {
            "complete" => Some((id, None)),
            other if other == result_type => {
                let payload = frame.get("payload")?;
                payload
                    .is_object()
                    .then(|| (id, Some(Native(payload.clone()))))
            }
            _ => None,
        }
    }

    fn drain(&mut self) {
        let outputs = self.connection.take_outputs();
        if outputs.is_empty() {
            return;
        }
        for output in outputs {
            match output {
                Output::AskUrl { attempt } => {
                    if !self.url_waits {
                        let url = "ws://server/graphql".to_owned();
                        self.connection.recv_url(attempt, Ok(url));
                    }
                }
                Output::AskInitPayload { attempt } => {
                    if !self.init_payload_waits {
                        self.connection.recv_init_payload(attempt, Ok(None));
                    }
                }
                Output::Wake(id) => self.wake(id),
                output => self.show(&output),
            }
        }
        self.drain();
    }

    fn show(&mut self, output: &Output<Native>) {
        if let Some((mark, mut text)) = trace::output(output) {
            match output {
                Output::Transmit(text) => {
                    assert!(serde_json::from_str::<Value>(text).is_ok(), "sent {text}");
                }
                Output::ConnectFailed(error) | Output::Event(Event::Error(error)) => {
                    text += &cause(error);
                }
                Output::Closed(_) => {
                    assert_eq!(self.connection.state(), TransportState::Closed);
                    assert_eq!(self.connection.poll_timeout(), None, "a timer is left");
                }
                _ => {}
            }
            self.write(mark, &text);
        }
    }

    fn wake(&mut self, id: OperationId) {
        let lazy = self.readers.get(&id) == Some(&Reader::Lazy);
        if !lazy && self.connection.consumer(id).is_some() {
            self.read(id);
        }
    }

    fn read(&mut self, id: OperationId) {
        loop {
            match self.connection.poll_operation(id) {
                Polled::Result(result) => {
                    self.write("=", &format!("{id} {}", result.to_json()));
                    if self.readers.get(&id) == Some(&Reader::Once) {
                        self.connection
                            .leave_answered(id, &result, Instant(self.now));
                        return;
                    }
                }
                Polled::Ended(None) => return self.write("=", &format!("{id} done")),
                Polled::Ended(Some(error)) => {
                    return self.write("=", &format!("{id} fails {}", told(&error)));
                }
                Polled::Pending => return,
                Polled::Gone => return self.write("=", &format!("{id} gone")),
            }
        }
    }
}

/// As far as the transcripts need it; `document.js` looks at what there can be.
fn operation_type(document: &str) -> OperationType {
    match document.split([' ', '{', '(']).next() {
        Some("query") if document.contains("@live") => OperationType::LiveQuery,
        Some("query") => OperationType::Query,
        Some("mutation") => OperationType::Mutation,
        Some("subscription") => OperationType::Subscription,
        Some("") if !document.is_empty() => OperationType::Query,
        _ => OperationType::Unknown,
    }
}

fn some(payload: &str) -> Option<&str> {
    (!payload.is_empty()).then_some(payload)
}

/// The text of an error, and what a function of the user's threw.
fn told(error: &Error<Native>) -> String {
    trace::error(error) + &cause(error)
}

fn cause(error: &Error<Native>) -> String {
    let cause = error.cause.as_ref();
    cause.map_or(String::new(), |cause| format!(" [cause {}]", cause.0))
}

/// `at TIME MARK REST`; `None` for comments and titles.
fn split(line: &str) -> Option<(u64, &str, &str)> {
    let (at, rest) = line.strip_prefix("at ")?.split_once(' ')?;
    let (mark, rest) = rest.trim_start().split_once(' ')?;
    Some((at.parse().ok()?, mark, rest))
}

fn run(name: &str) {
    let path = format!(
        "{}/tests/transcripts/{name}.txt",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap();
    let blocks: Vec<&str> = text.trim().split("\n\n").collect();
    let bless = std::env::var_os("WIREQL_BLESS").is_some();
    let mut blessed = Vec::new();
    let mut failures = String::new();
    for block in &blocks {
        assert!(block.starts_with("# "), "a block without a title:\n{block}");
        for short_way in [false, true] {
            let actual = Player::new(short_way).play(block);
            if actual.trim_end() != *block {
                let way = if short_way { "short" } else { "long" };
                write!(
                    failures,
                    "\n---- expected ----\n{block}\n---- came (the {way} way) ----\n{actual}"
                )
                .unwrap();
            }
            if !short_way {
                blessed.push(actual.trim_end().to_owned());
            }
        }
    }
    if bless {
        std::fs::write(&path, blessed.join("\n\n") + "\n").unwrap();
    } else {
        assert!(failures.is_empty(), "{name}.txt:{failures}");
    }
    println!(
        "{name}: {} transcripts, each played both ways",
        blocks.len()
    );
}

/// What the `trace` option gave in the end-to-end tests is played like any transcript, but for the
/// results, as a user of the package reads them when they like.
#[test]
#[ignore = "scripts/test.sh plays them behind the end-to-end tests, which record them"]
fn traces_of_the_package_are_transcripts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/traces");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let trace = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let expected = comparable(&trace);
        let actual = comparable(&Player::new(false).play(&trace));
        assert!(
            actual == expected,
            "---- recorded ----\n{expected}\n---- played ----\n{actual}"
        );
        played += 1;
    }
    assert!(played >= 5, "{played} traces");
}

/// What of a trace has to be the same: not the times, which in a real host go on while it works, and
/// not the cause of an error, which a trace leaves out.
fn comparable(transcript: &str) -> String {
    let lines = transcript.lines().filter_map(|line| {
        let (_, mark, text) = split(line)?;
        let text = text.split(" [cause ").next()?;
        let is_result = mark == "=" && text.starts_with(|first: char| first.is_ascii_digit());
        (!is_result).then(|| format!("{mark} {text}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        #[test]
        fn every_file_of_transcripts_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
            let mut files: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let mut played = vec![$(concat!(stringify!($name), ".txt")),*];
            played.sort();
            assert_eq!(files, played);
        }
    };
}

transcripts! { connecting operations closing liveness invalid legacy detection }

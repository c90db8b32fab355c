//! Plays a transcript to the core.

use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

use serde_json::Value;
use wireql::core::client::{Client, Thrown, TransportState};
use wireql::core::config::{ClientConfig, Config, RetryConfig};
use wireql::core::dialect::Dialect;
use wireql::core::document::OperationType;
use wireql::core::error::{Close, Error};
use wireql::core::json::Json;
use wireql::core::lasting::Notice;
use wireql::core::message::{Frame, Liveness, OperationId, Parts};
use wireql::core::network::Hint;
use wireql::core::operations::{LastingOptions, Polled, Request};
use wireql::core::output::{AskId, Attempt, CloseReason, Event, Output, Question};
use wireql::core::retry::{During, Failure, Verdict};
use wireql::core::status::Status;
use wireql::core::time::{Instant, Millis};
use wireql::core::trace;

use crate::native::Native;

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

/// How results get to the core.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// Every frame is decoded by the core.
    Long,
    /// A frame that is a result, or an end, and nothing else is recognised before.
    Short,
}

/// What came of a block.
pub(crate) struct Played {
    /// The block as it was played.
    pub(crate) transcript: String,
    /// What of it a user's trace has to tell.
    pub(crate) traceable: String,
    /// What the core wrote for the user's trace.
    pub(crate) trace: String,
}

pub(crate) struct Player {
    client: Client<Native, ()>,
    readers: HashMap<OperationId, Reader>,
    /// Whether the user's functions are answered by `! url` and `! init-payload`.
    url_waits: bool,
    init_payload_waits: bool,
    handshake_waits: bool,
    authorise_waits: bool,
    asked_url: AskId,
    asked_handshake: AskId,
    asked_authorise: HashMap<OperationId, AskId>,
    asked_init_payload: AskId,
    asked_verdict: AskId,
    asked_delay: AskId,
    asked_request: HashMap<OperationId, AskId>,
    close_reason: Option<CloseReason<Native>>,
    way: Way,
    now: u64,
    /// Whether the core waits for the end of the turn, and whether the block says when that is.
    awaits_turn_end: bool,
    holds_turn: bool,
    /// Whether the block is a user's trace, which shows when a turn ended by what was sent then.
    is_trace: bool,
    played: Played,
}

impl Player {
    pub(crate) fn new(way: Way) -> Self {
        Player {
            client: client(way, Config::default()),
            readers: HashMap::new(),
            url_waits: false,
            init_payload_waits: false,
            handshake_waits: false,
            authorise_waits: false,
            asked_url: 0,
            asked_handshake: 0,
            asked_authorise: HashMap::new(),
            asked_init_payload: 0,
            asked_verdict: 0,
            asked_delay: 0,
            asked_request: HashMap::new(),
            close_reason: None,
            way,
            now: 0,
            awaits_turn_end: false,
            holds_turn: false,
            is_trace: false,
            played: Played {
                transcript: String::new(),
                traceable: String::new(),
                trace: String::new(),
            },
        }
    }

    /// Plays what the package's `trace` wrote.
    pub(crate) fn replay(mut self, recorded: &str) -> Played {
        self.is_trace = true;
        self.play(recorded)
    }

    pub(crate) fn play(mut self, block: &str) -> Played {
        let mut lines = block.lines();
        while let Some(line) = lines.next() {
            if self.is_trace {
                let mut followed = lines.clone().filter_map(split).map(|(_, mark, _)| mark);
                let next = followed.find(|mark| *mark != "=");
                self.holds_turn = next != Some(">");
            }
            let Some((at, mark, rest)) = split(line) else {
                writeln!(self.played.transcript, "{line}").unwrap();
                continue;
            };
            if mark == ">" || mark == "=" {
                continue;
            }
            if (mark, rest) == ("<", "slept") {
                // Its timers stood still, and what is due is told late and at once.
                self.now = at;
            } else {
                self.advance(at);
            }
            self.write(mark, rest);
            match mark {
                "!" => self.user(rest),
                "<" => self.host(rest),
                other => panic!("no such mark: {other} in {line}"),
            }
            self.drain();
        }
        let Played {
            transcript,
            traceable,
            trace,
        } = self.played;
        let trimmed = |text: String| text.trim_end().to_owned();
        Played {
            transcript: trimmed(transcript),
            traceable: trimmed(traceable),
            trace: trimmed(trace),
        }
    }

    fn write(&mut self, mark: &str, text: &str) {
        let line = self.line(mark, text);
        writeln!(self.played.transcript, "{line}").unwrap();
        if self.way == Way::Long
            && let Some(text) = traceable(mark, text)
        {
            let line = self.line(mark, &text);
            writeln!(self.played.traceable, "{line}").unwrap();
        }
    }

    fn line(&self, mark: &str, text: &str) -> String {
        let mark = mark.chars().next().unwrap();
        joined(trace::line(
            Millis(self.now as u32),
            mark,
            Parts::<Native>::text(text),
        ))
    }

    /// Lets time pass, through each deadline on the way.
    fn advance(&mut self, to: u64) {
        assert!(to >= self.now, "time goes back to {to}");
        while let Some(deadline) = self.client.poll_timeout()
            && deadline.0 <= to
        {
            self.now = self.now.max(deadline.0);
            self.client.handle_timeout(Instant(self.now));
            self.drain();
            assert_ne!(
                self.client.poll_timeout(),
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
            "connect" => match self.client.connect(now) {
                Ok(Some(_)) => {}
                Ok(None) => self.write("=", "is ready"),
                Err(error) => self.write("=", &format!("connect fails {}", told(&error))),
            },
            "abandon-connect" => {
                let last = self.client.next_connect().wrapping_sub(1);
                let connect = rest.parse().unwrap_or(last);
                self.client.abandon_connect(connect, now);
            }
            "reconnect" => {
                if self.client.reconnect(now).is_none() {
                    self.write("=", "is idle");
                }
            }
            "notify" => self.client.notify(Hint::of_name(rest).unwrap(), now),
            "watch" => self.client.watch(rest.parse().unwrap(), now),
            "verdict" => {
                let verdict = match rest {
                    "retry" => Some(Verdict::Retry),
                    "retry-now" => Some(Verdict::RetryNow),
                    "stop" => Some(Verdict::Stop),
                    _ => None,
                };
                self.client.recv_verdict(self.asked_verdict, verdict, now);
            }
            "delay" => {
                let delay = rest.parse().ok().map(Millis);
                self.client.recv_delay(self.asked_delay, delay, now);
            }
            "resume" => {
                let (id, payload) = rest.split_once(' ').unwrap_or((rest, ""));
                let ask = self.asked_request.remove(&id.parse().unwrap()).unwrap_or(0);
                let answer = some(payload).map(|it| (Native::string(it), Native::string("here")));
                self.client.recv_request(ask, Ok(answer), now);
            }
            "resume-fails" => {
                let ask = self
                    .asked_request
                    .remove(&rest.parse().unwrap())
                    .unwrap_or(0);
                let why = Thrown {
                    message: "no cursor".to_owned(),
                    value: Native::string("no cursor"),
                };
                self.client.recv_request(ask, Err(why), now);
            }
            "url" => self.answer(self.asked_url, Ok(Some(Native::string(rest)))),
            "url-fails" => self.answer(self.asked_url, thrown(rest)),
            "handshake" => self.answer(self.asked_handshake, Ok(Some(Native::string(rest)))),
            "handshake-fails" => self.answer(self.asked_handshake, thrown(rest)),
            "authorise" => self.authorise(rest.parse().unwrap(), None),
            "authorise-fails" => {
                let (id, why) = rest.split_once(' ').unwrap_or((rest, ""));
                self.authorise(id.parse().unwrap(), Some(why));
            }
            "init-payload" => {
                let payload = some(rest).map(Native::string);
                self.answer(self.asked_init_payload, Ok(payload));
            }
            "init-payload-fails" => self.answer(self.asked_init_payload, thrown(rest)),
            "subscribe" => self.subscribe(rest, Reader::Eager, true),
            "subscribe-lazily" => self.subscribe(rest, Reader::Lazy, true),
            "subscribe-without-stop" => self.subscribe(rest, Reader::Eager, false),
            "execute" => self.subscribe(rest, Reader::Once, true),
            "execute-without-stop" => self.subscribe(rest, Reader::Once, false),
            "read" => self.read(rest.parse().unwrap()),
            "leave" => {
                self.client.leave(rest.parse().unwrap(), now);
            }
            "ping" => {
                let sent = self.send(Liveness::Ping, rest);
                self.report(sent);
            }
            "pong" => {
                let sent = self.send(Liveness::Pong, rest);
                self.report(sent);
            }
            "close" => self.client.close(now),
            "hold-turn" => self.holds_turn = true,
            "wait" => {}
            "state" => {
                let state = format!(
                    "{:?} {} {}",
                    self.client.state(),
                    self.client.url().unwrap_or("-"),
                    self.client.dialect().map_or("-", Dialect::name)
                );
                self.write("=", &state);
            }
            "status" => {
                let status = told_status(self.client.status());
                self.write("=", &status);
            }
            "close-reason" => {
                let reason = self.close_reason.as_ref().map(|reason| {
                    let close = trace::close_reason(reason);
                    let error = reason.error.as_ref().map_or("-", |error| error.code());
                    format!("{close}, {error}")
                });
                self.write("=", reason.as_deref().unwrap_or("none"));
            }
            "payloads" => {
                let payloads = self.client.payloads();
                let tell = |payload: &Option<Native>| {
                    payload
                        .as_ref()
                        .map_or("-".to_owned(), |payload| payload.0.to_string())
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
        let mut lasting = ClientConfig::default();
        let mut retry = RetryConfig::default();
        let mut is_client = false;
        for option in line.split_whitespace() {
            let (name, value) = option.split_once('=').unwrap();
            let number = || (value != "null").then(|| value.parse().unwrap());
            let time = || number().map(Millis);
            match name {
                "client" => is_client = value.parse().unwrap(),
                "lazy" => lasting.lazy = value.parse().unwrap(),
                "seed" => lasting.seed = value.parse().unwrap(),
                "idleTimeout" => lasting.idle_timeout = time(),
                "waitTimeout" => lasting.wait_timeout = time(),
                "probeTimeout" => lasting.probe_timeout = time(),
                "keepsAttempts" => lasting.keeps_attempts = value.parse().unwrap(),
                "retry" => lasting.retry = None,
                "attempts" => retry.attempts = number(),
                "initialAttempts" => retry.initial_attempts = number(),
                "baseDelay" => retry.base_delay = time().unwrap(),
                "maxDelay" => retry.max_delay = time().unwrap(),
                "minUptime" => retry.min_uptime = time().unwrap(),
                "spacing" => retry.spacing = time().unwrap(),
                "when" => retry.asks_verdict = true,
                "delay" => retry.asks_delay = true,
                "subprotocols" if value == "none" => config.offers_subprotocols = false,
                "dialect" => {
                    config.subprotocols = Dialect::of_name(value).unwrap().only();
                    config.offers_subprotocols = false;
                }
                "subprotocols" => {
                    let named = |name| Dialect::of_subprotocol(name).unwrap();
                    let dialects: Vec<_> = value.split(',').map(named).collect();
                    config.subprotocols = Dialect::offer(&dialects);
                }
                "subscribeTimeout" => config.subscribe_timeout = time(),
                "topic" => config.topic = serde_json::from_str(value).unwrap(),
                "handshake" => self.handshake_waits = value == "function",
                "authorise" => self.authorise_waits = value == "function",
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
                "renews" => lasting.renews_credentials = value.parse().unwrap(),
                "url" => self.url_waits = value == "function",
                "initPayload" => self.init_payload_waits = value == "function",
                other => panic!("no such option: {other}"),
            }
        }
        if is_client {
            lasting.retry = lasting.retry.map(|_| retry);
            config.client = Some(lasting);
        }
        self.client = client(self.way, config);
        self.client.start(Instant(0));
    }

    /// `document`: GraphQL, or a whole request in JSON.
    fn subscribe(&mut self, line: &str, reader: Reader, send_stop: bool) {
        let flagged = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("] "));
        let (flags, document) = flagged.unwrap_or(("", line));
        let mut lasting = LastingOptions {
            notices: true,
            ..LastingOptions::default()
        };
        for flag in flags.split_whitespace() {
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("idempotent", _) => lasting.idempotent = true,
                ("resumes", _) => lasting.resumes = true,
                ("waitTimeout", time) => {
                    lasting.wait_timeout = Some(time.parse().ok().map(Millis));
                }
                other => panic!("no such flag: {other:?}"),
            }
        }
        let payload = serde_json::from_str(document)
            .unwrap_or_else(|_| serde_json::json!({ "query": document }));
        let text = |key| payload.get(key).and_then(Value::as_str);
        let request = Request {
            operation_type: OperationType::of(
                text("query").unwrap_or_default(),
                text("operationName"),
            ),
            payload: Native::string(payload.to_string()),
            one_answer: reader == Reader::Once,
            send_stop,
            lasting,
        };
        let id = self.client.subscribe(request, (), Instant(self.now));
        self.readers.insert(id, reader);
    }

    /// Answers for the function that makes the payload of a start: `why` it fails, if it does.
    fn authorise(&mut self, id: OperationId, why: Option<&str>) {
        let ask = self.asked_authorise.remove(&id).unwrap_or(0);
        let payload =
            Native::string(r#"{"data":"…","extensions":{"authorization":{"x-api-key":"secret"}}}"#);
        self.answer(ask, why.map_or(Ok(Some(payload)), thrown));
    }

    fn answer(&mut self, ask: AskId, answer: Result<Option<Native>, Thrown<Native>>) {
        self.client.recv_answer(ask, answer, Instant(self.now));
    }

    fn send(&mut self, what: Liveness, payload: &str) -> Result<(), Rc<Error<Native>>> {
        let payload = some(payload).map(Native::string);
        self.client.send(what, payload, Instant(self.now))
    }

    fn report(&mut self, sent: Result<(), Rc<Error<Native>>>) {
        if let Err(error) = sent {
            self.write("=", &format!("fails {}", told(&error)));
        }
    }

    fn host(&mut self, line: &str) {
        if line == "turn-ends" {
            // What `drain` plays.
            self.holds_turn = false;
            return;
        }
        if line == "slept" {
            return self.client.handle_timeout(Instant(self.now));
        }
        let current = self.client.attempt();
        match line.strip_prefix("stale ") {
            Some(line) => self.socket(current.wrapping_sub(1), line),
            None => self.socket(current, line),
        }
    }

    fn socket(&mut self, attempt: Attempt, line: &str) {
        let now = Instant(self.now);
        let client = &mut self.client;
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "opened" => client.recv_opened(attempt, rest, now),
            "closed" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                let unclean = reason.strip_prefix("unclean");
                let close = Close {
                    code: code.parse().unwrap(),
                    reason: unclean.unwrap_or(reason).trim_start().to_owned(),
                    was_clean: unclean.is_none(),
                };
                client.recv_closed(attempt, close, now);
            }
            "lost" => {
                client.recv_closed(attempt, Close::lost(), now);
            }
            "error" => client.recv_socket_error(attempt, rest, Native::string(rest), now),
            "refuses" => client.recv_socket_failed(attempt, rest, Native::string(rest), now),
            "unsent" => client.recv_unsent(attempt, rest.parse().unwrap(), now),
            "binary" => client.recv_frame(attempt, Frame::Binary, now),
            _ => match serde_json::from_str::<Value>(line) {
                Err(_) => client.recv_frame(attempt, Frame::NotJson(line.to_owned()), now),
                Ok(frame) => match self.shortened(&frame) {
                    None => self
                        .client
                        .recv_frame(attempt, Frame::Json(Native(frame)), now),
                    Some((id, None)) => self.client.recv_complete(attempt, id, now),
                    Some((id, Some(result))) => {
                        let queued = self.client.recv_result(attempt, id, result, || now);
                        if queued.is_some() {
                            self.wake(id);
                        }
                    }
                },
            },
        }
    }

    /// What `envelope.js` does: the id and the payload of a frame that is a result and nothing else,
    /// the id alone of one that is an operation's end.
    fn shortened(&self, frame: &Value) -> Option<(OperationId, Option<Native>)> {
        if self.way == Way::Long {
            return None;
        }
        let envelope = self.client.result_envelope()?;
        let text = frame.get("id")?.as_str()?;
        let id: OperationId = text.parse().ok()?;
        if id.to_string() != text {
            return None;
        }
        match frame.get("type")?.as_str()? {
            name if name == envelope.complete => Some((id, None)),
            name if name == envelope.next => {
                let payload = frame.get("payload")?;
                payload
                    .is_object()
                    .then(|| (id, Some(Native(payload.clone()))))
            }
            _ => None,
        }
    }

    fn drain(&mut self) {
        let mut outputs = self.client.take_outputs();
        if outputs.is_empty() {
            if !self.awaits_turn_end || self.holds_turn {
                return;
            }
            self.awaits_turn_end = false;
            self.client.recv_turn_end(Instant(self.now));
            outputs = self.client.take_outputs();
        }
        for output in outputs {
            match output {
                Output::Ask { ask, question } => self.ask(ask, question),
                Output::Trace(line) => {
                    let line = joined(line);
                    if split(&line).is_some_and(|(_, mark, _)| mark != "!") {
                        writeln!(self.played.trace, "{line}").unwrap();
                    }
                }
                Output::AwaitTurnEnd => self.awaits_turn_end = true,
                Output::Wake(id) => self.wake(id),
                Output::Status => {
                    if let Some(status) = self.client.poll_status() {
                        let text = trace::status(&status, Instant(self.now));
                        self.write("=", &format!("status {text}"));
                    }
                }
                Output::Active { id, confirmed } => {
                    let how = if confirmed { "confirmed" } else { "assumed" };
                    self.write("=", &format!("{id} active, {how}"));
                }
                Output::NotActive { id, error } => {
                    let code = error.map_or("-", |error| error.code());
                    self.write("=", &format!("{id} not active, {code}"));
                }
                Output::Examine { id, result } => {
                    // What a user function would find to be old.
                    if result.get("again").is_none() {
                        self.client.recv_examined(id, result, Instant(self.now));
                    }
                }
                output => self.show(&output),
            }
        }
        self.drain();
    }

    /// Answers for the user's functions, unless the transcript does.
    fn ask(&mut self, ask: AskId, question: Question<Native>) {
        let (asked, waits, answer) = match question {
            Question::Url(_) => {
                let url = Some(Native::string("ws://server/graphql"));
                (&mut self.asked_url, self.url_waits, url)
            }
            Question::Handshake => {
                let url = Some(Native::string("ws://server/graphql/realtime?header=secret"));
                (&mut self.asked_handshake, self.handshake_waits, url)
            }
            Question::Authorise { id, .. } => {
                self.asked_authorise.insert(id, ask);
                if !self.authorise_waits {
                    self.authorise(id, None);
                }
                return;
            }
            Question::InitPayload(_) => {
                (&mut self.asked_init_payload, self.init_payload_waits, None)
            }
            Question::Verdict(failure) => {
                self.asked_verdict = ask;
                return self.write(
                    "=",
                    &format!("asks what to do after {}", proposal(&failure)),
                );
            }
            Question::Delay(failure) => {
                self.asked_delay = ask;
                return self.write("=", &format!("asks how long after {}", proposal(&failure)));
            }
            Question::Resume(id) => {
                self.asked_request.insert(id, ask);
                return self.write("=", &format!("asks how {id} goes on"));
            }
        };
        *asked = ask;
        if !waits {
            self.answer(ask, Ok(answer));
        }
    }

    fn show(&mut self, output: &Output<Native>) {
        if matches!(output, Output::Event(Event::Connecting { .. })) {
            self.close_reason = None;
        }
        if let Output::Event(Event::Connecting {
            retry: false,
            attempt,
        }) = output
            && self.client.is_client()
        {
            return self.write("=", &format!("attempt {}", trace::attempt(attempt)));
        }
        let Some((mark, text)) = trace::output(output) else {
            return;
        };
        let mut text = match output {
            Output::Send { message, .. } => {
                let text = joined(message.clone());
                assert!(serde_json::from_str::<Value>(&text).is_ok(), "sent {text}");
                text
            }
            Output::Open {
                url, subprotocols, ..
            } => {
                let names = wireql::core::dialect::subprotocols(subprotocols, ",");
                format!("open {url} {names}")
            }
            _ => joined(text),
        };
        match output {
            Output::ConnectFailed { error, .. } | Output::Event(Event::Error(error)) => {
                text += &cause(error);
            }
            Output::Event(Event::Disconnected { reason, .. }) => {
                self.close_reason = Some(reason.clone());
            }
            Output::Closed { reason, .. } => {
                self.close_reason = Some(reason.clone());
                // A client may have been told to connect while it closed.
                let connects =
                    self.client.is_client() && self.client.state() == TransportState::Connecting;
                if !connects {
                    assert_eq!(self.client.state(), TransportState::Closed);
                    assert_eq!(self.client.poll_timeout(), None, "a timer is left");
                }
            }
            _ => {}
        }
        self.write(&mark.to_string(), &text);
    }

    fn wake(&mut self, id: OperationId) {
        let lazy = self.readers.get(&id) == Some(&Reader::Lazy);
        if !lazy && self.client.consumer(id).is_some() {
            self.read(id);
        }
    }

    fn read(&mut self, id: OperationId) {
        loop {
            match self.client.poll_operation(id) {
                Polled::Result(result) => {
                    self.write("=", &format!("{id} {}", result.0));
                    if self.readers.get(&id) == Some(&Reader::Once) {
                        self.client.leave_answered(id, &result, Instant(self.now));
                        return;
                    }
                }
                Polled::Notice(notice) => {
                    let text = match *notice {
                        Notice::Interrupted { error, .. } => {
                            format!("interrupted, {}", error.code())
                        }
                        Notice::Resumed {
                            lost_at,
                            resumed_at,
                            attempts,
                            cursor,
                        } => {
                            let cursor = cursor.map_or("", |_| ", from its cursor");
                            let gap = resumed_at.since(lost_at).0;
                            format!("resumed, {gap} later, attempts {attempts}{cursor}")
                        }
                    };
                    self.write("=", &format!("{id} {text}"));
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

/// With a trace, every frame takes the long way.
fn client(way: Way, config: Config) -> Client<Native, ()> {
    let traced = way == Way::Long;
    Client::new(Config { traced, ..config }, Instant(0))
}

/// All that a user interface may show.
fn told_status(status: &Status<Native>) -> String {
    let time = |at: Option<Instant>| at.map_or("-".to_owned(), |Instant(at)| at.to_string());
    format!(
        "shows {} since {}, next {}, lost {}, failures {}, {}",
        status.state.name(),
        status.since.0,
        time(status.next_attempt),
        time(status.lost_at),
        status.failures,
        status.error.as_ref().map_or("-", |error| error.code())
    )
}

fn proposal(failure: &Failure<Native>) -> String {
    let Failure {
        error,
        during,
        failures,
        ever_ready,
        uptime,
        proposed,
        proposed_delay,
    } = failure;
    let during = match during {
        During::Connecting => "connecting",
        During::Ready => "ready",
    };
    let verdict = trace::verdict(*proposed);
    format!(
        "{} during {during}, failures {failures}, ever ready {ever_ready}, uptime {}: {verdict} {}",
        error.code(),
        uptime.0,
        proposed_delay.0
    )
}

fn some(payload: &str) -> Option<&str> {
    (!payload.is_empty()).then_some(payload)
}

fn thrown(message: &str) -> Result<Option<Native>, Thrown<Native>> {
    Err(Thrown {
        message: message.to_owned(),
        value: Native::string(message),
    })
}

fn joined(parts: Parts<Native>) -> String {
    let value = parts.value.and_then(|value| value.text());
    parts.before + &value.unwrap_or_default() + parts.after
}

/// The text of an error, and what it carries of the user's and the server's.
fn told(error: &Error<Native>) -> String {
    let detail = match error {
        Error::QueryError {
            operation_id,
            payload,
        } => {
            let payload = payload
                .as_ref()
                .map_or("-".to_owned(), |it| it.0.to_string());
            format!(" [{operation_id} {payload}]")
        }
        Error::NoAnswer { operation_id } => format!(" [{operation_id} -]"),
        _ => cause(error),
    };
    trace::told(error) + &detail
}

fn cause(error: &Error<Native>) -> String {
    let cause = error.cause();
    cause.map_or(String::new(), |cause| format!(" [cause {}]", cause.0))
}

/// `at TIME MARK REST`; `None` for comments and titles.
pub(crate) fn split(line: &str) -> Option<(u64, &str, &str)> {
    let (at, rest) = line.strip_prefix("at ")?.split_once(' ')?;
    let (mark, rest) = rest.trim_start().split_once(' ')?;
    Some((at.parse().ok()?, mark, rest))
}

/// Whether a line tells what a consumer took from its queue.
pub(crate) fn is_result(mark: &str, text: &str) -> bool {
    mark == "=" && text.starts_with(|first: char| first.is_ascii_digit())
}

/// What a user's trace has of a line about the server, the host and the connection; `None` for other
/// lines. What the user does is traced in full, so it is compared where traces are replayed.
fn traceable(mark: &str, text: &str) -> Option<String> {
    let text = text.split(" [cause ").next()?;
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    Some(match (mark, verb) {
        ("<", "stale" | "unsent" | "slept" | "turn-ends") => return None,
        ("<", "lost") => format!("closed {}", trace::close(&Close::lost())),
        ("<", "opened") => format!("opened {}", wireql::core::dialect::shown(rest)),
        ("<", _) => text.to_owned(),
        (">", "open") => {
            let (url, names) = rest.split_once(' ').unwrap_or((rest, ""));
            format!("open {} {names}", trace::without_secrets(url))
        }
        (">", _) => redacted(text),
        (
            "=",
            "connected" | "connect" | "tries" | "told" | "closed" | "fails" | "disconnected"
            | "attempt",
        ) => text.to_owned(),
        _ => return None,
    })
}

/// What comes before the payloads that may be secret, and what behind them: of `connection_init`, of AppSync's
/// `start`, which has credentials, and of Phoenix' join.
const SECRETS: [(&str, &str); 3] = [
    (r#""connection_init","payload":"#, "}"),
    (r#""start","payload":{"data":"#, "}"),
    (r#""phx_join","#, "]"),
];

fn redacted(text: &str) -> String {
    for (before, after) in SECRETS {
        if let Some((message, payload)) = text.split_once(before)
            && payload != "{}]"
        {
            let before = before.trim_end_matches(r#"{"data":"#);
            return format!("{message}{before}{}{after}", trace::REDACTED);
        }
    }
    text.to_owned()
}

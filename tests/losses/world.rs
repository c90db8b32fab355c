//! A world: what happens when, what the core wants done, and what has to be true all the time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wireql::core::client::{Client, Thrown, TransportState};
use wireql::core::json::Json;
use wireql::core::message::{OperationId, Parts};
use wireql::core::network::Hint;
use wireql::core::output::{
    AskId, AttemptInfo, ConnectId, Event, Outcome, Output, Question, Reason,
};
use wireql::core::retry::Verdict;
use wireql::core::time::{Instant, Millis};

use crate::chance::Chance;
use crate::native::Native;
use crate::plan::{Plan, Theme, Way};
use crate::server::{Socket, SocketId};
use crate::user::{Kind, Op};

/// When the network is well, all has to be well after so long: a silence is noticed, the longest delay
/// passes, and suspects are tested one after the other.
const RECOVERY: u64 = 150_000;

/// So often it is looked whether that is so.
const STEP: u64 = 2_000;

/// No two attempts begin within this time.
const SPACING: u64 = 100;

/// Hints do not cause two attempts within this time.
const PATIENCE: u64 = 1_000;

/// Something that will happen.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Reply(AskId, Reply),
    Opened(SocketId),
    Acknowledge(SocketId),
    ToServer(SocketId, Value),
    ToClient(SocketId, Value),
    Closed(SocketId, u16),
    Lose(SocketId),
    Silence(SocketId),
    Garbage(SocketId),
    KeepAlive(SocketId),
    Answer(SocketId, OperationId, bool),
    Hint(Hint),
    Read(OperationId),
    User,
}

/// What a user function says.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Url,
    InitPayload,
    Fails,
    Verdict(Option<Verdict>),
    Delay(Option<Millis>),
    Resume(OperationId),
    /// The request, which is sent with its credentials.
    Authorise(String),
    AuthoriseFails(OperationId),
}

impl Action {
    pub(crate) fn socket(&self) -> Option<SocketId> {
        match self {
            Action::ToServer(id, _) | Action::ToClient(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// What has happened, to see that the worlds are rich enough.
#[derive(Debug, Default)]
pub(crate) struct Count {
    pub(crate) losses: u64,
    pub(crate) lost_ready: u64,
    pub(crate) operations: u64,
    pub(crate) results: u64,
    /// Results that came again, and were dropped.
    pub(crate) repeated: u64,
    pub(crate) interrupted: u64,
    pub(crate) resumed: u64,
    pub(crate) active: u64,
    pub(crate) unsent: u64,
    /// What a socket said after it was given up.
    pub(crate) stale: u64,
    pub(crate) unknown: u64,
    pub(crate) waited: u64,
    pub(crate) given_up: u64,
    pub(crate) hints: u64,
    pub(crate) sleeps: u64,
    pub(crate) reconnects: u64,
    pub(crate) idle: u64,
    pub(crate) stops: u64,
}

impl Count {
    pub(crate) fn of_everything() -> Self {
        Count {
            losses: u64::MAX,
            lost_ready: u64::MAX,
            stops: u64::MAX,
            ..Count::default()
        }
    }

    /// Whether everything has happened that something is promised of.
    pub(crate) fn is_varied(&self) -> bool {
        let happened = [
            self.repeated,
            self.interrupted,
            self.resumed,
            self.active,
            self.unsent,
            self.stale,
            self.unknown,
            self.waited,
            self.given_up,
            self.hints,
            self.sleeps,
            self.reconnects,
            self.idle,
        ];
        self.losses == u64::MAX || happened.iter().all(|count| *count > 0)
    }
}

pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) plan: Plan,
    pub(crate) client: Client<Native, ()>,
    pub(crate) now: u64,
    pub(crate) agenda: BTreeMap<(u64, u64), Action>,
    last_action: u64,
    pub(crate) sockets: Vec<Socket>,
    /// The one that the client listens to, and the last that it listened to.
    pub(crate) current: Option<SocketId>,
    dropped: Option<SocketId>,
    pub(crate) ops: BTreeMap<OperationId, Op>,
    /// Those whose end the user has not seen, and that were not left.
    pub(crate) unfinished: BTreeSet<OperationId>,
    /// From now on the network loses nothing.
    pub(crate) is_well: bool,
    is_replacing: bool,
    pub(crate) is_closing: bool,
    is_closed: bool,
    pub(crate) has_stopped: bool,
    // Calls of `connect`.
    connect_made: ConnectId,
    connect_settled: ConnectId,
    pub(crate) abandoned: u32,
    // Attempts.
    attempted_at: Option<u64>,
    hint_attempted_at: Option<u64>,
    pub(crate) hinted_at: Option<u64>,
    pub(crate) is_hinting: bool,
    /// The operation that the last frame was a result of, if it was one.
    pub(crate) delivered: Option<OperationId>,
    /// Whether the core is to be told when the turn is over.
    awaits_turn_end: bool,
    pub(crate) asked_at: Option<u64>,
    /// Whether the last hint of the kind said so.
    pub(crate) is_offline: bool,
    pub(crate) offline_at: Option<u64>,
    /// When the next attempt begins, and whether that is because something asked for it.
    pub(crate) next_attempt: Option<u64>,
    postponed: Option<u64>,
    failures: u32,
    /// A connection, or an attempt, has failed when nothing needed it.
    failed_idle_at: Option<u64>,
    /// When something last needed a connection.
    needed_at: u64,
    pub(crate) slept_at: Option<u64>,
    pub(crate) count: Count,
    tells: bool,
}

impl World {
    pub(crate) fn new(theme: Theme, way: Way, seed: u64, tells: bool) -> Self {
        let mut chance = Chance::new(seed);
        let plan = Plan::new(theme, way, &mut chance, tells);
        let mut world = World {
            client: Client::new(plan.config.clone(), Instant(0)),
            chance,
            plan,
            now: 0,
            agenda: BTreeMap::new(),
            last_action: 0,
            sockets: Vec::new(),
            current: None,
            dropped: None,
            ops: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            is_well: false,
            is_replacing: false,
            is_closing: false,
            is_closed: false,
            has_stopped: false,
            connect_made: 0,
            connect_settled: 0,
            abandoned: 0,
            attempted_at: None,
            hint_attempted_at: None,
            hinted_at: None,
            is_hinting: false,
            delivered: None,
            awaits_turn_end: false,
            asked_at: None,
            is_offline: false,
            offline_at: None,
            next_attempt: None,
            postponed: None,
            failures: 0,
            failed_idle_at: None,
            needed_at: 0,
            slept_at: None,
            count: Count::default(),
            tells,
        };
        world.client.start(Instant(0));
        world.drain();
        world
    }

    pub(crate) fn play(mut self, count: &mut Count) {
        std::mem::swap(&mut self.count, count);
        self.later(0, Action::User);
        self.run(self.plan.length);
        if self.plan.theme == Theme::Close {
            self.close();
        } else {
            self.recover();
            self.close();
        }
        *count = self.count;
    }

    pub(crate) fn socket(&mut self, id: SocketId) -> &mut Socket {
        self.sockets.get_mut(id).unwrap()
    }

    pub(crate) fn op(&mut self, id: OperationId) -> &mut Op {
        self.ops.get_mut(&id).unwrap()
    }

    // ---- time -------------------------------------------------------------------

    pub(crate) fn at(&mut self, at: u64, action: Action) {
        self.last_action += 1;
        self.agenda.insert((at, self.last_action), action);
    }

    pub(crate) fn later(&mut self, after: u64, action: Action) {
        self.at(self.now + after, action);
    }

    /// Lets time pass.
    fn run(&mut self, time: u64) {
        let end = self.now + time;
        let mut hurry = (0, 0);
        loop {
            let action = self.agenda.first_key_value().map(|(key, _)| *key);
            let at = action.map_or(u64::MAX, |(at, _)| at);
            let deadline = self.client.poll_timeout().map_or(u64::MAX, |it| it.0);
            if at.min(deadline) > end {
                break;
            }
            self.note_need();
            // After a sleep the host does what is due in any order.
            let both_are_due = at <= self.now && deadline <= self.now;
            let is_timer = if both_are_due {
                self.chance.percent(50)
            } else {
                deadline <= at
            };
            if is_timer {
                self.now = self.now.max(deadline);
                if self.chance.percent(10) {
                    // Timers are late.
                    self.now += self.chance.within(0, 30);
                }
                self.client.handle_timeout(Instant(self.now));
                self.drain();
                let next = self.client.poll_timeout();
                assert_ne!(next, Some(Instant(deadline)), "a deadline stands still");
            } else if let Some(action) = action.and_then(|key| self.agenda.remove(&key)) {
                self.now = self.now.max(at);
                self.act(action);
                self.drain();
            }
            hurry = if hurry.0 == self.now {
                (self.now, hurry.1 + 1)
            } else {
                (self.now, 0)
            };
            assert!(hurry.1 < 2_000, "time does not go on");
            self.note_need();
            if self.client.poll_timeout().is_none_or(|it| it.0 > self.now) {
                self.assert_none_waits_for_too_long();
            }
        }
        self.now = self.now.max(end);
    }

    fn act(&mut self, action: Action) {
        if self.tells {
            eprintln!("at {:<6} . {action:?}", self.now);
        }
        match action {
            Action::Reply(ask, reply) => self.reply(ask, reply),
            Action::Opened(id) => self.opened(id),
            Action::Acknowledge(id) => self.acknowledge(id),
            Action::ToServer(id, frame) => self.reach_server(id, &frame),
            Action::ToClient(id, frame) => self.reach_client(id, frame),
            Action::Closed(id, code) => self.closed(id, code),
            Action::Lose(id) => self.lose(id),
            Action::Silence(id) => self.silence(id),
            Action::Garbage(id) => self.garbage(id),
            Action::KeepAlive(id) => self.keep_alive(id),
            Action::Answer(id, operation, streams) => self.answer(id, operation, streams),
            Action::Hint(hint) => {
                let before = (self.next_attempt, self.attempted_at);
                self.hint(hint);
                self.note_postponed(before);
            }
            Action::Read(id) => self.read(id),
            Action::User if self.is_well => {}
            Action::User => {
                let before = (self.next_attempt, self.attempted_at);
                self.user();
                self.drain();
                self.note_postponed(before);
                let pause = self.chance.pick(&[20, 500, 1_500, 4_000]);
                let pause = self.chance.within(1, pause);
                self.later(pause, Action::User);
            }
        }
    }

    // ---- what the core wants done --------------------------------------------------

    pub(crate) fn drain(&mut self) {
        loop {
            let outputs = self.client.take_outputs();
            if outputs.is_empty() && std::mem::take(&mut self.awaits_turn_end) {
                self.client.recv_turn_end(Instant(self.now));
            } else if outputs.is_empty() {
                return;
            }
            for output in outputs {
                self.perform(output);
            }
        }
    }

    fn perform(&mut self, output: Output<Native>) {
        match output {
            Output::Ask { ask, question } => self.ask(ask, question),
            Output::Open {
                attempt,
                subprotocols,
                ..
            } => {
                self.is_replacing = false;
                self.open(attempt, subprotocols);
            }
            Output::Send {
                message, starts, ..
            } => self.send(&message, starts),
            Output::CloseSocket { .. } => self.close_socket(),
            Output::DropSocket { .. } => self.drop_socket(),
            Output::Connected { up_to, .. } | Output::ConnectFailed { up_to, .. } => {
                assert!(up_to > self.connect_settled || up_to == self.connect_made);
                self.connect_settled = up_to;
                self.abandoned = 0;
            }
            Output::Wake(id) => self.wake(id),
            Output::Active { id, .. } => {
                let on_wire = self.op(id).on_wire;
                let was_watched = std::mem::take(&mut self.op(id).watched);
                assert!(was_watched, "{id} is active, and nobody asked");
                if !self.op(id).over && on_wire.is_some() {
                    self.assert_received(id, on_wire);
                }
                self.count.active += 1;
            }
            Output::NotActive { id, .. } => {
                let was_watched = std::mem::take(&mut self.op(id).watched);
                assert!(was_watched, "{id} is not active, and nobody asked");
            }
            Output::Examine { id, result } => self.examine(id, result),
            Output::Status => {
                if let Some(status) = self.client.poll_status() {
                    self.failures = status.failures;
                    self.next_attempt = status.next_attempt.map(|it| it.0);
                }
            }
            Output::Closed { .. } => {
                assert_eq!(self.client.state(), TransportState::Closed);
                assert_eq!(self.client.poll_timeout(), None, "a timer is left");
                self.is_closed = true;
            }
            Output::AwaitTurnEnd => self.awaits_turn_end = true,
            Output::Event(event) => self.event(&event),
            Output::Ending(_) => {}
            Output::Trace(line) => {
                if self.tells {
                    eprintln!("{}", joined(line));
                }
            }
        }
    }

    fn event(&mut self, event: &Event<Native>) {
        match event {
            Event::Connecting {
                retry: false,
                attempt,
            } => self.begins(attempt),
            Event::Disconnected { reason, outcome } => {
                // What follows a probe that fails is no haste of the hint's.
                self.is_hinting = false;
                if reason.error.is_some() {
                    let dropped = self.dropped.and_then(|id| self.sockets.get(id));
                    self.count.losses += 1;
                    self.count.lost_ready += u64::from(dropped.is_some_and(|it| it.acknowledged));
                }
                match outcome {
                    Outcome::Stop if !self.is_closing => {
                        assert_ne!(self.plan.theme, Theme::Losses, "it gave up: {reason:?}");
                        self.has_stopped = true;
                        self.count.stops += 1;
                    }
                    // A page that is left closes its socket at once.
                    Outcome::Idle if self.hinted_at == Some(self.now) => {}
                    // One that was to be replaced goes without another if nothing needs it by then.
                    Outcome::Idle if self.is_replacing && reason.error.is_none() => {}
                    Outcome::Idle if reason.error.is_none() => self.rests(),
                    Outcome::Idle => self.failed_idle_at = Some(self.now),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// An attempt begins.
    fn begins(&mut self, attempt: &AttemptInfo<Native>) {
        let is_recent = |at: Option<u64>| at.is_some_and(|at| self.now < at + PATIENCE);
        let is_hurried = matches!(attempt.reason, Reason::Reconnect | Reason::Wake)
            || is_recent(self.hinted_at)
            // An operation is a hint where there is said to be no network.
            || self.is_offline && is_recent(self.asked_at);
        // An application that repeats what ends with each loss makes no hot loop.
        if let Some(failed_at) = self.failed_idle_at.take()
            && !is_hurried
        {
            let least = self.least_delay();
            let pause = self.now - failed_at;
            assert!(
                pause >= least,
                "an attempt {pause} ms after a failure, not {least}"
            );
        }
        // After the client had given up, or rested, the user wants it to begin anew.
        let is_first = attempt.reason == Reason::First && self.asked_at == Some(self.now);
        let is_asked_for = is_hurried || is_first;
        if let Some(last) = self.attempted_at.replace(self.now)
            && !is_asked_for
        {
            let pause = self.now - last;
            assert!(pause >= SPACING, "two attempts within {pause} ms");
        }
        // Its timer may be late.
        let postponed = self.postponed.take().filter(|at| *at <= self.now);
        if let Some(heeded) = postponed.or(self.is_hinting.then_some(self.now))
            && let Some(last) = self.hint_attempted_at.replace(heeded)
        {
            let pause = heeded.saturating_sub(last);
            assert!(pause >= PATIENCE, "two hints heeded within {pause} ms");
        }
    }

    /// The shortest delay after so many failures.
    fn least_delay(&self) -> u64 {
        let retry = self.plan.client().retry.as_ref().unwrap();
        if retry.asks_delay || self.plan.theme == Theme::Verdicts {
            // What the user says goes; and with new credentials it tries at once.
            return SPACING;
        }
        let doublings = self.failures.clamp(1, 6) - 1;
        (1_000_u64 << doublings).min(retry.max_delay.0.into()) / 10
    }

    /// Something that the user did, or the host said, has brought the next attempt forward.
    fn note_postponed(&mut self, (before, attempted_at): (Option<u64>, Option<u64>)) {
        if let (Some(before), Some(next)) = (before, self.next_attempt)
            && next < before
            && attempted_at == self.attempted_at
            // Attempts are rare where there is no network, but a user function can be slower still.
            && self.offline_at != Some(self.now)
        {
            self.postponed = Some(next);
        }
    }

    /// Nothing needs the connection any more.
    fn rests(&mut self) {
        self.count.idle += 1;
        let Some(Millis(timeout)) = self.plan.client().idle_timeout else {
            panic!("it rests, and never should");
        };
        // When lazy consumers find that it is over says nothing.
        if !self.plan.lazy {
            let idle = self.now - self.needed_at;
            assert!(idle >= timeout.into(), "it rests after {idle} ms");
        }
    }

    fn send(&mut self, message: &Parts<Native>, starts: Option<OperationId>) {
        let frame: Value = serde_json::from_str(&joined(message.clone())).unwrap();
        let name = frame.get("type").and_then(Value::as_str).unwrap();
        let named: Option<OperationId> = frame
            .get("id")
            .and_then(Value::as_str)
            .map(|id| id.parse().unwrap());
        let id = self
            .current
            .unwrap_or_else(|| panic!("{name} without a socket"));
        let (now, mut unsent) = (self.now, false);
        let socket = self.socket(id);
        assert!(!socket.closed, "{name} after the socket was closed");
        match name {
            "connection_init" => {
                assert!(!socket.initialised, "{name} twice");
                socket.initialised = true;
            }
            // It says goodbye, which one may at any time.
            "connection_terminate" => assert!(socket.initialised),
            _ => assert!(socket.acknowledged, "{name} before the ack"),
        }
        match name {
            "subscribe" | "start" => {
                let named = named.unwrap();
                assert_eq!(starts, Some(named));
                let before = socket.started.insert(named, 0);
                assert_eq!(before, None, "{named} is started twice");
                let attempt = socket.attempt;
                unsent = socket.shut;
                if unsent {
                    socket.started.remove(&named);
                    self.count.unsent += 1;
                    self.client.recv_unsent(attempt, named, Instant(now));
                } else {
                    let op = self.op(named);
                    assert!(op.on_wire.is_none() && !op.over, "{named} is sent: why?");
                    op.on_wire = Some(id);
                    op.sends += 1;
                    op.sent_at = now;
                    if !op.may_repeat() {
                        assert_eq!(op.sends, 1, "{named} is sent again");
                    }
                }
            }
            "complete" | "stop" => {
                let stops = socket.started.get_mut(&named.unwrap());
                let stops = stops.unwrap_or_else(|| panic!("a stop of what was not started"));
                *stops += 1;
                let stops = *stops;
                // A result for an operation that was left repeats its stop, up to three times.
                let is_repeat = stops <= 4 && self.delivered == named;
                assert!(stops == 1 || is_repeat, "stopped {stops} times");
            }
            _ => assert_eq!(starts, None),
        }
        let socket = self.socket(id);
        if !unsent && !socket.shut && !socket.cut {
            self.send_up(id, frame);
        }
    }

    fn close_socket(&mut self) {
        let Some(id) = self.current else { return };
        let socket = self.socket(id);
        assert!(!socket.closed, "closed twice");
        socket.closed = true;
        if !socket.cut && !socket.silent {
            let until_answered = self.chance.within(50, 150);
            self.later(until_answered, Action::Closed(id, 1000));
        }
    }

    fn drop_socket(&mut self) {
        let Some(id) = self.current.take() else {
            return;
        };
        self.dropped = Some(id);
        self.socket(id).attached = false;
        // The server hears of it, once what was sent has arrived.
        self.later(50, Action::Closed(id, 1006));
        let now = self.now;
        for op in self.ops.values_mut().filter(|op| op.on_wire == Some(id)) {
            op.on_wire = None;
            op.waits_since = now;
        }
    }

    // ---- the user's functions -------------------------------------------------------

    fn ask(&mut self, ask: AskId, question: Question<Native>) {
        let fails = self.plan.slow && !self.is_well && self.chance.percent(3);
        let reply = match question {
            Question::Url(_) | Question::InitPayload(_) if fails => Reply::Fails,
            Question::Url(_) => Reply::Url,
            Question::InitPayload(_) => Reply::InitPayload,
            Question::Verdict(_) => {
                Reply::Verdict(self.chance.pick(&[None, Some(Verdict::RetryNow)]))
            }
            Question::Delay(_) => {
                let delay = self.chance.within(SPACING, 3_000) as u32;
                Reply::Delay(self.chance.pick(&[None, Some(Millis(delay))]))
            }
            Question::Resume(id) => Reply::Resume(id),
            Question::Handshake if fails => Reply::Fails,
            Question::Handshake => Reply::Url,
            Question::Authorise { id, .. } if fails => Reply::AuthoriseFails(id),
            Question::Authorise { request, .. } => Reply::Authorise(request.text().unwrap()),
        };
        if self.plan.slow && self.chance.percent(50) {
            let most = if self.is_well { 200 } else { 3_000 };
            let most = self.chance.pick(&[10, 200, most]);
            let after = self.chance.within(0, most);
            self.later(after, Action::Reply(ask, reply));
        } else {
            self.reply(ask, reply);
        }
    }

    fn reply(&mut self, ask: AskId, reply: Reply) {
        let now = Instant(self.now);
        let client = &mut self.client;
        match reply {
            Reply::Url => {
                let url = Native::string("wss://server/graphql");
                client.recv_answer(ask, Ok(Some(url)), now);
            }
            Reply::Authorise(request) => {
                let payload = serde_json::json!({ "data": request });
                let payload = Native::string(payload.to_string());
                client.recv_answer(ask, Ok(Some(payload)), now);
            }
            Reply::AuthoriseFails(id) => {
                let thrown = Thrown {
                    message: "no".to_owned(),
                    value: Native::string("no"),
                };
                if let Some(op) = self.ops.get_mut(&id) {
                    op.is_unauthorised = true;
                }
                client.recv_answer(ask, Err(thrown), now);
            }
            Reply::InitPayload => client.recv_answer(ask, Ok(None), now),
            Reply::Fails => {
                let thrown = Thrown {
                    message: "no".to_owned(),
                    value: Native::string("no"),
                };
                client.recv_answer(ask, Err(thrown), now);
            }
            Reply::Verdict(verdict) => client.recv_verdict(ask, verdict, now),
            Reply::Delay(delay) => client.recv_delay(ask, delay, now),
            Reply::Resume(id) => {
                let answer = self.go_on(id);
                self.client.recv_request(ask, Ok(answer), now);
            }
        }
    }

    // ---- what needs a connection ---------------------------------------------------

    /// The user calls `reconnect`.
    pub(crate) fn reconnect(&mut self) {
        if let Some(connect) = self.client.reconnect(Instant(self.now)) {
            self.is_replacing = true;
            self.made_connect(connect);
        }
    }

    pub(crate) fn made_connect(&mut self, connect: ConnectId) {
        assert!(connect > self.connect_made);
        self.connect_made = connect;
    }

    pub(crate) fn connects_waiting(&self) -> u32 {
        let made = self.connect_made.saturating_sub(self.connect_settled);
        made.saturating_sub(self.abandoned)
    }

    fn note_need(&mut self) {
        if self.connects_waiting() > 0 || !self.unfinished.is_empty() {
            self.needed_at = self.now;
        }
    }

    // ---- the end ---------------------------------------------------------------------

    /// The network is well: so is everything else, soon.
    fn recover(&mut self) {
        self.is_well = true;
        let since = self.now;
        if self.is_offline {
            self.hint(Hint::Online);
        }
        let mut waited = 0;
        while waited < RECOVERY && !self.is_recovered(since) {
            self.run(STEP);
            waited += STEP;
        }
        for (id, op) in self.ops.iter().filter(|(_, op)| !op.over) {
            assert!(op.streams, "{id}, a {:?}, has not ended", op.kind);
            assert!(op.on_wire.is_some(), "{id} is not sent again");
            assert!(op.quiet || op.last_at > since, "{id} gets no results again");
            assert!(!op.interrupted, "{id} was not resumed");
            assert!(!op.watched, "{id} is live, and who asked does not know");
        }
        assert_eq!(self.connects_waiting(), 0, "connect() has not settled");
        // Whatever has happened, it works.
        let is_appsync = self.plan.is_appsync();
        let id = self.make(if is_appsync {
            Kind::Subscription
        } else {
            Kind::Query
        });
        self.op(id).quiet = false;
        self.drain();
        let mut waited = 0;
        let is_answered = |op: &Op| op.over || is_appsync && op.last.is_some();
        while waited < RECOVERY && !is_answered(self.op(id)) {
            self.run(STEP);
            waited += STEP;
        }
        assert!(self.op(id).last.is_some(), "the last one gets no answer");
        // What is under way arrives.
        self.run(STEP);
        let mut unfinished: Vec<_> = self.unfinished.iter().copied().collect();
        // Its end may not have come yet, or may not have been read.
        unfinished.retain(|id| !self.op(*id).completed);
        if let Some(current) = self.current {
            let socket = self.socket(current);
            let mut running: Vec<_> = socket.running.keys().copied().collect();
            running.sort_unstable();
            assert_eq!(running, unfinished, "the server runs something else");
        }
    }

    fn is_recovered(&self, since: u64) -> bool {
        let is_live = |op: &Op| {
            let streams = op.streams && (op.quiet || op.last_at > since);
            streams && op.on_wire.is_some() && !op.interrupted && !op.watched
        };
        self.connects_waiting() == 0 && self.ops.values().all(|op| op.over || is_live(op))
    }

    fn close(&mut self) {
        if self.chance.percent(30) {
            // Nobody is to connect again for this one.
            self.reconnect();
            self.drain();
        }
        self.is_closing = true;
        let was_closed = self.is_closed;
        self.client.close(Instant(self.now));
        self.drain();
        if !was_closed {
            let longest = self.plan.config.close_timeout.unwrap().0;
            self.run(2 * u64::from(longest) + 100);
        }
        assert!(self.is_closed, "it is not closed");
        assert_eq!(self.client.poll_timeout(), None, "a timer is left");
        assert_eq!(self.connects_waiting(), 0, "connect() has not settled");
        self.is_well = true;
        self.run(10_000);
        let unfinished = &self.unfinished;
        assert!(unfinished.is_empty(), "{unfinished:?} have not ended");
        assert!(self.current.is_none(), "a socket is left");
        // In `closed` nothing waits.
        let id = self.make(Kind::Subscription);
        self.drain();
        self.run(5_000);
        assert!(self.op(id).over, "an operation of a closed client waits");
    }
}

fn joined(parts: Parts<Native>) -> String {
    let value = parts.value.and_then(|value| value.text());
    parts.before + &value.unwrap_or_default() + parts.after
}

//! The user: makes operations, reads them, and watches what becomes of them.

use serde_json::{Value, json};
use wireql::core::client::TransportState;
use wireql::core::dialect::Dialect;
use wireql::core::document::OperationType;
use wireql::core::error::Error;
use wireql::core::lasting::Notice;
use wireql::core::message::{Liveness, OperationId};
use wireql::core::network::Hint;
use wireql::core::operations::{LastingOptions, Polled, Request};
use wireql::core::time::Instant;

use crate::native::Native;
use crate::plan::Theme;
use crate::server::{PERIOD, SocketId};
use crate::world::{Action, World};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Query,
    Mutation,
    Subscription,
    /// Without a text to tell it by.
    Unknown,
}

/// What is known of an operation, on either side.
pub(crate) struct Op {
    pub(crate) kind: Kind,
    pub(crate) idempotent: bool,
    pub(crate) resumes: bool,
    /// Whether the consumer leaves after the first result.
    pub(crate) once: bool,
    pub(crate) wait_timeout: Option<u64>,
    // What the server does with it.
    pub(crate) streams: bool,
    /// Whether it streams nothing for now.
    pub(crate) quiet: bool,
    pub(crate) in_parts: bool,
    pub(crate) ends_with: Option<u64>,
    /// How many results it repeats, if asked to go on.
    pub(crate) overlap: u64,
    /// How often it came to the server, and how that ended it.
    pub(crate) received: u32,
    pub(crate) refused: bool,
    /// Whether its credentials could not be made.
    pub(crate) is_unauthorised: bool,
    pub(crate) completed: bool,
    // What the client did.
    pub(crate) on_wire: Option<SocketId>,
    pub(crate) sends: u32,
    pub(crate) sent_at: u64,
    /// Since when it waits to be sent.
    pub(crate) waits_since: u64,
    /// How many connections it may have ended.
    pub(crate) blamed: u32,
    /// Results that came to it.
    pub(crate) arrived: u32,
    // What the user saw.
    pub(crate) last: Option<u64>,
    pub(crate) last_at: u64,
    last_from: Option<SocketId>,
    seen: Option<u64>,
    pub(crate) interrupted: bool,
    /// Whether a pair of notices came since the last result.
    told_of_gap: bool,
    answered: bool,
    pub(crate) watched: bool,
    pub(crate) over: bool,
}

impl Op {
    /// Whether it may come to the server more than once.
    pub(crate) fn may_repeat(&self) -> bool {
        match self.kind {
            Kind::Query | Kind::Subscription => true,
            // Two results tell that it can only be a subscription.
            Kind::Unknown => self.idempotent || self.arrived >= 2 && !self.once,
            Kind::Mutation => self.idempotent,
        }
    }
}

impl World {
    // ---- what the user does ---------------------------------------------------

    pub(crate) fn user(&mut self) {
        let now = Instant(self.now);
        match self.chance.below(100) {
            0..=44 => self.make_operation(),
            45..=59 => {
                if let Some(id) = self.any_operation() {
                    self.leave(id);
                }
            }
            // These would begin anew, or make it late.
            60..=71 | 80..=81 if self.is_closing => {}
            60..=64 => self.connect(),
            65..=66 if self.connects_waiting() > 0 => {
                self.abandoned += 1;
                let connect = self.client.next_connect().wrapping_sub(1);
                self.client.abandon_connect(connect, now);
            }
            65..=66 => {}
            67..=71 => {
                self.count.reconnects += 1;
                self.reconnect();
            }
            72..=76 => {
                if let Some(id) = self.any_operation() {
                    self.op(id).watched = true;
                    self.client.watch(id, now);
                }
            }
            77..=79 => {
                let _ = self.client.send(Liveness::Ping, None, now);
            }
            80..=81 => {
                // The host sleeps: nothing is done that was to be done, until it wakes.
                self.now += self.chance.pick(&[3_000, 8_000, 60_000]);
                self.slept_at = Some(self.now);
                self.count.sleeps += 1;
            }
            _ if self.plan.hints => {
                let (hint, _) = self.chance.pick(&Hint::ALL);
                match hint {
                    Hint::Offline => {
                        let time = self.chance.within(100, 60_000);
                        self.later(time, Action::Hint(Hint::Online));
                    }
                    Hint::PageHide => {
                        let time = self.chance.within(50, 2_000);
                        self.later(time, Action::Hint(Hint::PageShow));
                    }
                    _ => {}
                }
                self.hint(hint);
            }
            _ => {}
        }
    }

    pub(crate) fn hint(&mut self, hint: Hint) {
        self.count.hints += 1;
        self.hinted_at = Some(self.now);
        match hint {
            Hint::Offline => {
                self.is_offline = true;
                self.offline_at = Some(self.now);
            }
            Hint::Online => self.is_offline = false,
            _ => {}
        }
        self.is_hinting = true;
        self.client.notify(hint, Instant(self.now));
        self.drain();
        self.is_hinting = false;
    }

    pub(crate) fn connect(&mut self) {
        self.asked_at = Some(self.now);
        if let Some(connect) = self.client.connect(Instant(self.now)).unwrap() {
            self.made_connect(connect);
        }
    }

    fn any_operation(&mut self) -> Option<OperationId> {
        let unfinished: Vec<_> = self.unfinished.iter().copied().collect();
        (!unfinished.is_empty()).then(|| self.chance.pick(&unfinished))
    }

    fn make_operation(&mut self) {
        if self.unfinished.len() >= self.plan.most {
            return;
        }
        if self.plan.is_appsync() {
            self.make(Kind::Subscription);
            return;
        }
        let kind = self.chance.pick(&[
            Kind::Query,
            Kind::Mutation,
            Kind::Mutation,
            Kind::Subscription,
            Kind::Subscription,
            Kind::Unknown,
        ]);
        self.make(kind);
    }

    pub(crate) fn make(&mut self, kind: Kind) -> OperationId {
        let chance = &mut self.chance;
        let streams = kind == Kind::Subscription || kind == Kind::Unknown && chance.percent(50);
        let once = match kind {
            Kind::Query | Kind::Mutation => chance.percent(50),
            Kind::Subscription => chance.percent(5),
            Kind::Unknown => chance.percent(30),
        };
        let resumes = kind == Kind::Subscription && !once && chance.percent(50);
        let lasts = chance.within(1, 60);
        let quiet = streams && chance.percent(15);
        let ends_with = (streams && chance.percent(20)).then(|| self.now / PERIOD + lasts);
        let answers_once = matches!(kind, Kind::Query | Kind::Mutation);
        let by_default = self.plan.client().wait_timeout.unwrap().0;
        let op = Op {
            kind,
            idempotent: chance.percent(30),
            resumes,
            once,
            // What the last one shows is that it is answered, not how soon.
            wait_timeout: (answers_once || once)
                .then_some(by_default.into())
                .filter(|_| !self.is_well && !self.plan.is_appsync()),
            streams,
            quiet,
            in_parts: !streams && answers_once && chance.percent(10),
            ends_with: ends_with.filter(|_| !self.is_well),
            overlap: chance.below(3),
            received: 0,
            refused: false,
            is_unauthorised: false,
            completed: false,
            on_wire: None,
            sends: 0,
            sent_at: 0,
            waits_since: self.now,
            blamed: 0,
            arrived: 0,
            last: None,
            last_at: 0,
            last_from: None,
            seen: None,
            interrupted: false,
            told_of_gap: false,
            answered: false,
            watched: false,
            over: false,
        };
        let (text, operation_type) = match kind {
            Kind::Query => (Some("query { n }"), OperationType::Query),
            Kind::Mutation => (Some("mutation { n }"), OperationType::Mutation),
            Kind::Subscription => (Some("subscription { n }"), OperationType::Subscription),
            Kind::Unknown => (None, OperationType::Unknown),
        };
        let request = Request {
            payload: Native::string(json!({ "query": text }).to_string()),
            operation_type,
            one_answer: op.once,
            send_stop: true,
            lasting: LastingOptions {
                idempotent: op.idempotent,
                resumes: op.resumes,
                notices: true,
                // How long the credentials take is none of its time.
                wait_timeout: (self.is_well || self.plan.is_appsync()).then_some(None),
            },
        };
        self.asked_at = Some(self.now);
        self.is_hinting = self.is_offline && self.next_attempt.is_some();
        let id = self.client.subscribe(request, (), Instant(self.now));
        self.ops.insert(id, op);
        self.unfinished.insert(id);
        self.drain();
        self.is_hinting = false;
        self.count.operations += 1;
        id
    }

    fn leave(&mut self, id: OperationId) {
        self.finish(id);
        self.client.leave(id, Instant(self.now)).unwrap();
    }

    /// What a user function says: the request to go on with.
    pub(crate) fn go_on(&mut self, id: OperationId) -> Option<(Native, Native)> {
        let last = self.op(id).last?;
        let request = json!({ "query": "subscription { n }", "cursor": last });
        Some((Native::string(request.to_string()), Native(last.into())))
    }

    // ---- what the user sees ----------------------------------------------------

    pub(crate) fn wake(&mut self, id: OperationId) {
        if self.plan.lazy {
            let time = self.chance.within(0, 5_000);
            self.later(time, Action::Read(id));
        } else {
            self.read(id);
        }
    }

    pub(crate) fn read(&mut self, id: OperationId) {
        while !self.op(id).over {
            match self.client.poll_operation(id) {
                Polled::Result(result) => self.see_result(id, &result),
                Polled::Notice(notice) => self.see_notice(id, &notice),
                Polled::Ended(error) => self.see_end(id, error.as_deref()),
                Polled::Pending => return,
                Polled::Gone => panic!("{id} is gone before it ended"),
            }
        }
    }

    fn see_result(&mut self, id: OperationId, result: &Native) {
        let now = self.now;
        let data = result.0.get("data").unwrap();
        let number = |key: &str| data.get(key).and_then(Value::as_u64).unwrap();
        assert_eq!(
            number("of"),
            u64::from(id),
            "the result of another operation"
        );
        let (n, from) = (number("n"), number("socket") as usize);
        self.count.results += 1;
        let op = self.op(id);
        assert!(op.received > 0, "{id} has a result and was never received");
        assert!(!op.interrupted, "{id} has a result while interrupted");
        if op.last_from.is_some_and(|last| last != from) {
            assert!(op.told_of_gap, "{id} was not told of a gap");
        }
        op.told_of_gap = false;
        if op.streams
            && let Some(last) = op.last.filter(|_| op.last_from.is_some() && !op.resumes)
        {
            assert!(n > last, "{id}: {n} comes after {last}");
            if op.last_from == Some(from) {
                assert_eq!(n, last + 1, "{id} misses results without a loss");
            }
        }
        if op.resumes {
            // `last` is what the user function has let pass, which is read later.
            if let Some(seen) = op.seen {
                assert_eq!(n, seen + 1, "{id} goes on from its cursor, and misses some");
            }
            op.seen = Some(n);
        } else {
            op.last = Some(n);
        }
        op.last_from = Some(from);
        op.last_at = now;
        op.answered = result.0.get("hasNext") != Some(&Value::Bool(true));
        if op.once {
            self.finish(id);
            self.client.leave_answered(id, result, Instant(now));
        }
    }

    fn see_notice(&mut self, id: OperationId, notice: &Notice<Native>) {
        let (now, lazy) = (self.now, self.plan.lazy);
        let op = self.op(id);
        match notice {
            Notice::Interrupted { lost_at, .. } => {
                assert!(!op.interrupted, "{id} is interrupted twice");
                assert!(lazy || lost_at.0 == now, "{id} is told late of a loss");
                op.interrupted = true;
                self.count.interrupted += 1;
            }
            Notice::Resumed {
                lost_at,
                resumed_at,
                cursor,
                ..
            } => {
                assert!(op.interrupted, "{id} is resumed and was not interrupted");
                op.interrupted = false;
                op.told_of_gap = true;
                assert!(lost_at <= resumed_at, "{id} is resumed before it was lost");
                if !lazy {
                    assert_eq!(resumed_at.0, now, "{id} is resumed at another time");
                    let on_wire = op.on_wire;
                    let went_on = op.resumes && op.last.is_some();
                    assert_eq!(cursor.is_some(), went_on, "{id} went on from a cursor");
                    self.assert_received(id, on_wire);
                }
                self.count.resumed += 1;
            }
        }
    }

    /// The server has what the client says that it has.
    pub(crate) fn assert_received(&mut self, id: OperationId, on: Option<SocketId>) {
        let on = on.unwrap_or_else(|| panic!("{id} is said to be on the server, and was not sent"));
        let slept_at = self.slept_at;
        let sent_at = self.op(id).sent_at;
        let socket = self.socket(on);
        // The old dialect has nothing but time to tell by; and after a sleep, what comes is old.
        let is_told = matches!(
            socket.dialect,
            Some(Dialect::GraphqlTransportWs | Dialect::AppSync)
        );
        if is_told && slept_at.is_none_or(|it| it < sent_at) {
            let is_received = socket.received.contains(&id);
            assert!(is_received, "{id} is said to be on the server, and is not");
        }
    }

    fn see_end(&mut self, id: OperationId, error: Option<&Error<Native>>) {
        let is_closing = self.is_closing;
        // The end may be read before it is told why.
        let gave_up = self.plan.theme == Theme::Verdicts
            && (self.has_stopped || self.client.state() == TransportState::Idle);
        let limit = self.plan.client().wait_timeout;
        let op = self.op(id);
        let code = error.map_or("-", Error::code);
        match error {
            None => {
                let once = matches!(op.kind, Kind::Query | Kind::Mutation);
                assert!(
                    if once {
                        op.answered
                    } else {
                        op.completed || is_closing
                    },
                    "{id} ended, and nobody ended it"
                );
            }
            Some(Error::QueryError { .. }) => assert!(op.refused, "{id} was not refused"),
            Some(Error::CredentialsFailed { .. }) => {
                assert!(op.is_unauthorised, "{id} had its credentials");
            }
            Some(Error::OutcomeUnknown { .. }) => {
                assert!(op.sends > 0, "{id} was never sent");
                let has_answer = op.kind == Kind::Mutation && op.answered;
                assert!(!has_answer, "{id} was answered: that is its outcome");
                assert!(
                    matches!(op.kind, Kind::Mutation | Kind::Unknown) && !op.idempotent,
                    "{id} may be sent again"
                );
                self.count.unknown += 1;
            }
            Some(Error::WaitTimeout { after, .. }) => {
                assert!(op.wait_timeout.is_some(), "{id} waits for ever");
                assert_eq!(Some(*after), limit);
                let was_received = op.received > 0 && !op.may_repeat();
                assert!(!was_received, "{id} waited, and the server has it");
                self.count.waited += 1;
            }
            Some(Error::TransportClosed) => assert!(is_closing, "{id} was closed by nobody"),
            Some(_) => {
                let has_sent_enough = op.kind == Kind::Query && op.sends >= 3;
                let is_blamed = op.blamed >= 3;
                assert!(
                    has_sent_enough || is_blamed || gave_up || is_closing,
                    "{id} was given up after {} connections: {code}",
                    op.sends
                );
                self.count.given_up += 1;
            }
        }
        self.finish(id);
    }

    /// The user has done with an operation.
    fn finish(&mut self, id: OperationId) {
        self.op(id).over = true;
        self.unfinished.remove(&id);
    }

    /// A user function looks at a result: whether it is one that did not come before.
    pub(crate) fn examine(&mut self, id: OperationId, result: Native) {
        let data = result.0.get("data").unwrap();
        let n = data.get("n").and_then(Value::as_u64).unwrap();
        let op = self.op(id);
        if op.last.is_some_and(|last| n <= last) {
            self.count.repeated += 1;
            return;
        }
        op.last = Some(n);
        self.client.recv_examined(id, result, Instant(self.now));
    }

    // ---- how long it waits ------------------------------------------------------

    /// No query and no mutation waits for longer than it may.
    pub(crate) fn assert_none_waits_for_too_long(&self) {
        for id in &self.unfinished {
            if let Some(op) = self.ops.get(id)
                && let Some(limit) = op.wait_timeout
                && op.on_wire.is_none()
                && !self.client.has_news(*id)
            {
                let waited = self.now.saturating_sub(op.waits_since);
                assert!(waited <= limit, "{id} waits for {waited} ms");
            }
        }
    }
}

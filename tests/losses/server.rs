//! The model server, and the network before it.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use wireql::core::dialect::Dialect;
use wireql::core::error::Close;
use wireql::core::message::{Frame, OperationId};
use wireql::core::output::Attempt;
use wireql::core::time::Instant;

use crate::native::Native;
use crate::plan::{BLAMING, Way};
use crate::user::Kind;
use crate::world::{Action, World};

/// A number is sent so often.
pub(crate) const PERIOD: u64 = 1_500;

/// Numbers a socket.
pub(crate) type SocketId = usize;

/// What the network does to a socket, decided when it is opened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Well,
    /// It does not open.
    Refused,
    /// It neither opens nor closes.
    Hangs,
    /// It opens, and nobody answers.
    Unanswered,
    /// It is lost so long after it has opened.
    LostAfterOpening(u64),
    /// It is lost so long after the ack.
    LostAfterAck(u64),
    /// It says nothing any more so long after the ack.
    SilentAfterAck(u64),
    /// The server says something that is no GraphQL so long after the ack.
    GarbageAfterAck(u64),
    /// The server refuses by a message.
    Denied,
}

pub(crate) struct Socket {
    pub(crate) attempt: Attempt,
    pub(crate) fate: Fate,
    pub(crate) dialect: Option<Dialect>,
    /// Whether the client listens to it.
    pub(crate) attached: bool,
    /// As `readyState` has it: what is sent goes nowhere, and the driver knows.
    pub(crate) shut: bool,
    /// What is sent goes nowhere, and nobody knows.
    pub(crate) cut: bool,
    /// Nothing comes from the server any more; nothing gets there either if `deaf`.
    pub(crate) silent: bool,
    pub(crate) deaf: bool,
    /// The client closed it.
    pub(crate) closed: bool,
    pub(crate) initialised: bool,
    pub(crate) acknowledged: bool,
    /// The operations that the client started on it, and how often it stopped each.
    pub(crate) started: HashMap<OperationId, u32>,
    /// The operations that run on the server.
    pub(crate) running: HashMap<OperationId, Running>,
    /// The operations that have come to the server.
    pub(crate) received: HashSet<OperationId>,
    /// When the last message arrives that is under way, in each direction.
    up_at: u64,
    down_at: u64,
}

/// An operation on the server.
pub(crate) struct Running {
    /// The next number that it sends.
    next: u64,
    /// Whether the client was told that it runs.
    is_confirmed: bool,
}

impl World {
    // ---- the network -------------------------------------------------------------

    pub(crate) fn open(&mut self, attempt: Attempt, offered: &[Dialect]) {
        assert!(self.current.is_none(), "two sockets at once");
        let is_offered = |it: &&Dialect| offered.contains(it) || self.plan.is_appsync();
        let spoken = self.plan.speaks.iter().find(is_offered);
        let fate = match spoken {
            None => Fate::Refused,
            Some(_) if self.is_well => Fate::Well,
            Some(dialect) => self.fate(*dialect),
        };
        let id = self.sockets.len();
        self.sockets.push(Socket {
            attempt,
            fate,
            dialect: spoken.copied(),
            attached: true,
            shut: false,
            cut: false,
            silent: false,
            deaf: false,
            closed: false,
            initialised: false,
            acknowledged: false,
            started: HashMap::new(),
            running: HashMap::new(),
            received: HashSet::new(),
            up_at: 0,
            down_at: 0,
        });
        self.current = Some(id);
        let latency = self.chance.within(1, 100);
        match fate {
            Fate::Hangs => {}
            Fate::Refused => {
                let code = self.chance.pick(&[1006, 1006, 1015]);
                self.later(latency, Action::Closed(id, code));
            }
            Fate::LostAfterOpening(time) => {
                self.later(latency, Action::Opened(id));
                self.later(latency + time, Action::Lose(id));
            }
            _ => self.later(latency, Action::Opened(id)),
        }
    }

    fn fate(&mut self, dialect: Dialect) -> Fate {
        let notices_silence = self.plan.notices_silence(dialect);
        let chance = &mut self.chance;
        if chance.percent(self.plan.luck) {
            return Fate::Well;
        }
        let soon = match chance.below(4) {
            // While the first operations are under way, and their results.
            0 => chance.below(80),
            1 => chance.below(600),
            2 => chance.below(3_000),
            _ => chance.below(8_000),
        };
        match chance.below(100) {
            0..=7 => Fate::Refused,
            8..=9 => Fate::Hangs,
            10..=12 => Fate::Unanswered,
            13..=20 => Fate::LostAfterOpening(chance.below(300)),
            21..=32 if notices_silence => Fate::SilentAfterAck(soon),
            33..=36 => Fate::GarbageAfterAck(soon),
            37..=40 if self.plan.theme == crate::plan::Theme::Verdicts => Fate::Denied,
            _ => Fate::LostAfterAck(soon),
        }
    }

    /// A message leaves the client.
    pub(crate) fn send_up(&mut self, id: SocketId, frame: Value) {
        let latency = self.chance.within(1, 40);
        let at = (self.now + latency).max(self.socket(id).up_at);
        self.socket(id).up_at = at;
        self.at(at, Action::ToServer(id, frame));
    }

    /// A message leaves the server.
    fn send_down(&mut self, id: SocketId, frame: Value) {
        let latency = self.chance.within(1, 40);
        let at = (self.now + latency).max(self.socket(id).down_at);
        let socket = self.socket(id);
        if socket.cut || socket.silent {
            return;
        }
        socket.down_at = at;
        self.at(at, Action::ToClient(id, frame));
    }

    /// A connection is lost: what is under way arrives up to some message, in each direction.
    pub(crate) fn lose(&mut self, id: SocketId) {
        if self.socket(id).cut || self.socket(id).closed || self.socket(id).silent {
            return;
        }
        if self.is_well {
            self.socket(id).fate = Fate::Well;
            return;
        }
        for action in self.stop_under_way(id, |it| matches!(it, Action::ToServer(..))) {
            if let Action::ToServer(_, frame) = action {
                self.reach_server(id, &frame);
            }
        }
        let arriving = self.stop_under_way(id, |it| matches!(it, Action::ToClient(..)));
        let at = self.now + self.chance.within(0, 5);
        for action in arriving {
            self.at(at, action);
        }
        let shut = self.chance.percent(40);
        let socket = self.socket(id);
        socket.cut = true;
        socket.shut = shut;
        socket.running.clear();
        let acknowledged = socket.acknowledged;
        let until_told = self.chance.within(5, 60);
        let code = self.plan.code(acknowledged, &mut self.chance);
        self.later(until_told, Action::Closed(id, code));
    }

    pub(crate) fn silence(&mut self, id: SocketId) {
        if self.is_well {
            self.socket(id).fate = Fate::Well;
            return;
        }
        let arrives = self.stop_under_way(id, |it| matches!(it, Action::ToClient(..)));
        for action in arrives {
            self.at(self.now, action);
        }
        let deaf = self.chance.percent(50);
        let socket = self.socket(id);
        socket.silent = true;
        socket.deaf = deaf;
    }

    /// Takes the messages that are under way, and gives the first of them, which arrive nevertheless.
    fn stop_under_way(&mut self, id: SocketId, is_one: fn(&Action) -> bool) -> Vec<Action> {
        let of_socket = |action: &Action| action.socket() == Some(id) && is_one(action);
        let under_way: Vec<_> = self
            .agenda
            .iter()
            .filter(|(_, action)| of_socket(action))
            .map(|(key, _)| *key)
            .collect();
        let arrive = self.chance.below(under_way.len() as u64 + 1) as usize;
        let mut actions: Vec<_> = under_way
            .iter()
            .filter_map(|key| self.agenda.remove(key))
            .collect();
        actions.truncate(arrive);
        actions
    }

    // ---- what arrives at the client ---------------------------------------------

    pub(crate) fn opened(&mut self, id: SocketId) {
        let (attempt, dialect) = (self.socket(id).attempt, self.socket(id).dialect);
        if !self.arrives(id) {
            return;
        }
        let subprotocol = match dialect {
            Some(Dialect::AppSync) => "graphql-ws",
            dialect => dialect.map_or("", Dialect::name),
        };
        self.client
            .recv_opened(attempt, subprotocol, Instant(self.now));
    }

    pub(crate) fn reach_client(&mut self, id: SocketId, frame: Value) {
        let attempt = self.socket(id).attempt;
        if !self.arrives(id) {
            return;
        }
        let now = Instant(self.now);
        if let Value::String(garbage) = frame {
            return self
                .client
                .recv_frame(attempt, Frame::NotJson(garbage), now);
        }
        if frame.get("type").and_then(Value::as_str) == Some("connection_ack") {
            self.socket(id).acknowledged = true;
        }
        self.delivered = None;
        if frame.get("payload").is_some() && self.socket(id).attached {
            let operation = frame.get("id").and_then(Value::as_str).map(str::parse);
            if let Some(Ok(operation)) = operation {
                self.op(operation).arrived += 1;
                self.delivered = Some(operation);
            }
        }
        match self.shortened(&frame) {
            Some((id, Some(result))) => {
                let queued = self.client.recv_result(attempt, id, result, || now);
                if queued.is_some() {
                    self.wake(id);
                }
            }
            Some((id, None)) => self.client.recv_complete(attempt, id, now),
            None => self
                .client
                .recv_frame(attempt, Frame::Json(Native(frame)), now),
        }
    }

    /// What the driver does with frames that are a result or an end, and nothing else.
    fn shortened(&self, frame: &Value) -> Option<(OperationId, Option<Native>)> {
        if self.plan.way == Way::Long {
            return None;
        }
        let envelope = self.client.result_envelope()?;
        let id = frame.get("id")?.as_str()?.parse().ok()?;
        let name = frame.get("type")?.as_str()?;
        if name == envelope.complete {
            return Some((id, None));
        }
        let payload = frame.get("payload")?.clone();
        (name == envelope.next).then_some((id, Some(Native(payload))))
    }

    pub(crate) fn closed(&mut self, id: SocketId, code: u16) {
        self.socket(id).running.clear();
        self.socket(id).cut = true;
        let attempt = self.socket(id).attempt;
        if !self.arrives(id) {
            return;
        }
        let socket = self.socket(id);
        if socket.attached && !socket.closed && socket.acknowledged && BLAMING.contains(&code) {
            for op in self.ops.values_mut() {
                op.blamed += u32::from(op.on_wire == Some(id));
            }
        }
        let close = Close {
            code,
            reason: String::new(),
            was_clean: code != 1006,
        };
        self.client.recv_closed(attempt, close, Instant(self.now));
    }

    /// Whether something of a socket gets to the client: of one that was given up it should not, but hosts
    /// are not always on time.
    fn arrives(&mut self, id: SocketId) -> bool {
        let is_stale = !self.socket(id).attached;
        let arrives = !is_stale || self.chance.percent(50);
        self.count.stale += u64::from(is_stale && arrives);
        arrives
    }

    // ---- what arrives at the server ---------------------------------------------

    pub(crate) fn reach_server(&mut self, id: SocketId, frame: &Value) {
        if self.socket(id).deaf {
            return;
        }
        let operation = || -> OperationId {
            let text = frame.get("id").and_then(Value::as_str).unwrap();
            text.parse().unwrap()
        };
        match frame.get("type").and_then(Value::as_str).unwrap() {
            "connection_init" => {
                let thinking = self.chance.within(0, 60);
                self.later(thinking, Action::Acknowledge(id));
            }
            "subscribe" | "start" => self.start(id, operation(), frame.get("payload").unwrap()),
            "complete" | "stop" => {
                self.socket(id).running.remove(&operation());
                if self.plan.is_appsync() {
                    let id_text = operation().to_string();
                    self.send_down(id, json!({ "id": id_text, "type": "complete" }));
                }
            }
            "ping" => self.send_down(id, json!({ "type": "pong" })),
            "pong" => {}
            "connection_terminate" => self.socket(id).running.clear(),
            other => panic!("the server does not know {other}"),
        }
    }

    pub(crate) fn acknowledge(&mut self, id: SocketId) {
        let fate = self.socket(id).fate;
        match fate {
            Fate::Unanswered => return,
            Fate::Denied => {
                self.send_down(id, json!({ "type": "connection_error", "payload": {} }));
                return self.later(200, Action::Closed(id, 4403));
            }
            Fate::LostAfterAck(time) => self.later(time, Action::Lose(id)),
            Fate::SilentAfterAck(time) => self.later(time, Action::Silence(id)),
            Fate::GarbageAfterAck(time) => self.later(time, Action::Garbage(id)),
            _ => {}
        }
        let is_appsync = self.plan.is_appsync();
        self.send_down(
            id,
            if is_appsync {
                json!({ "type": "connection_ack", "payload": { "connectionTimeoutMs": 15_000 } })
            } else {
                json!({ "type": "connection_ack" })
            },
        );
        let is_old = self.socket(id).dialect == Some(Dialect::GraphqlWs);
        if is_old && self.plan.keep_alives || is_appsync {
            self.later(0, Action::KeepAlive(id));
        }
    }

    pub(crate) fn garbage(&mut self, id: SocketId) {
        if self.is_well {
            self.socket(id).fate = Fate::Well;
            return;
        }
        self.send_down(id, Value::String("<html>".to_owned()));
    }

    pub(crate) fn keep_alive(&mut self, id: SocketId) {
        let socket = self.socket(id);
        if socket.attached && !socket.cut && !socket.silent {
            self.send_down(id, json!({ "type": "ka" }));
            self.later(4_000, Action::KeepAlive(id));
        }
    }

    fn start(&mut self, id: SocketId, operation: OperationId, payload: &Value) {
        let tick = self.now / PERIOD;
        let op = self.ops.get_mut(&operation).unwrap();
        op.received += 1;
        if !op.may_repeat() {
            assert_eq!(op.received, 1, "{operation} came to the server twice");
        }
        // AppSync has the request as text.
        let data = payload.get("data").and_then(Value::as_str);
        let request: Option<Value> = data.map(|data| serde_json::from_str(data).unwrap());
        let request = request.as_ref().unwrap_or(payload);
        let cursor = request.get("cursor").and_then(Value::as_u64);
        let next = match cursor {
            Some(cursor) => {
                // It may come late, of a connection that was given up.
                assert!(op.resumes && Some(cursor) <= op.last, "another cursor");
                // It repeats some, as a server does whose clock is coarse.
                (cursor + 1).saturating_sub(op.overlap)
            }
            None => tick + 1,
        };
        let streams = op.streams;
        let socket = self.socket(id);
        socket.received.insert(operation);
        let before = socket.running.insert(
            operation,
            Running {
                next,
                is_confirmed: false,
            },
        );
        assert!(before.is_none(), "{operation} was started twice");
        let thinking = self.chance.within(0, 300);
        self.later(thinking, Action::Answer(id, operation, streams));
    }

    /// An operation has something to say.
    pub(crate) fn answer(&mut self, id: SocketId, operation: OperationId, streams: bool) {
        if !self.socket(id).running.contains_key(&operation) {
            return;
        }
        if self.chance.percent(1) && !self.is_well {
            return self.refuse(id, operation);
        }
        self.confirm(id, operation);
        if self.op(operation).quiet {
            return;
        }
        if streams {
            self.stream(id, operation);
        } else {
            self.answer_once(id, operation);
        }
    }

    /// AppSync says that it has an operation, mostly before its results.
    fn confirm(&mut self, id: SocketId, operation: OperationId) {
        let running = self.socket(id).running.get_mut(&operation).unwrap();
        let is_confirmed = std::mem::replace(&mut running.is_confirmed, true);
        if self.plan.is_appsync() && !is_confirmed {
            let frame = json!({ "id": operation.to_string(), "type": "start_ack" });
            self.send_down(id, frame);
        }
    }

    fn refuse(&mut self, id: SocketId, operation: OperationId) {
        self.socket(id).running.remove(&operation);
        self.op(operation).refused = true;
        let payload = json!([{ "message": "no" }]);
        self.send_down(
            id,
            json!({ "id": operation.to_string(), "type": "error", "payload": payload }),
        );
    }

    fn result(&mut self, id: SocketId, operation: OperationId, n: u64, more: Option<bool>) {
        let is_modern = self.socket(id).dialect == Some(Dialect::GraphqlTransportWs);
        let name = if is_modern { "next" } else { "data" };
        let mut payload = json!({ "data": { "n": n, "of": operation, "socket": id } });
        if let Some(more) = more
            && let Some(object) = payload.as_object_mut()
        {
            object.insert("hasNext".to_owned(), more.into());
        }
        let frame = json!({ "id": operation.to_string(), "type": name, "payload": payload });
        self.send_down(id, frame);
    }

    fn complete(&mut self, id: SocketId, operation: OperationId) {
        self.socket(id).running.remove(&operation);
        self.op(operation).completed = true;
        self.send_down(
            id,
            json!({ "id": operation.to_string(), "type": "complete" }),
        );
    }

    fn answer_once(&mut self, id: SocketId, operation: OperationId) {
        let (in_parts, kind) = (self.op(operation).in_parts, self.op(operation).kind);
        let next = self.socket(id).running.get(&operation).unwrap().next;
        if in_parts {
            self.result(id, operation, 1, Some(true));
            self.op(operation).in_parts = false;
            let socket = self.socket(id);
            socket.running.insert(
                operation,
                Running {
                    next,
                    is_confirmed: false,
                },
            );
            return self.later(200, Action::Answer(id, operation, false));
        }
        self.result(id, operation, 2, None);
        // Old servers do not always say that it is over.
        let is_modern = self.socket(id).dialect == Some(Dialect::GraphqlTransportWs);
        if is_modern || kind == Kind::Unknown || self.chance.percent(50) {
            self.complete(id, operation);
        } else {
            self.socket(id).running.remove(&operation);
        }
    }

    fn stream(&mut self, id: SocketId, operation: OperationId) {
        let tick = self.now / PERIOD;
        let last = self.op(operation).ends_with;
        loop {
            let next = self.socket(id).running.get(&operation).unwrap().next;
            if last.is_some_and(|last| next > last) {
                return self.complete(id, operation);
            }
            if next > tick {
                return self.at(next * PERIOD, Action::Answer(id, operation, true));
            }
            self.result(id, operation, next, None);
            let socket = self.socket(id);
            socket.running.get_mut(&operation).unwrap().next += 1;
        }
    }
}

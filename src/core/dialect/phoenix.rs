//! The dialect of [Phoenix channels], version 2.0.0, as [Absinthe] speaks GraphQL over them: messages are arrays
//! `[join_ref, ref, topic, event, payload]`, and everything happens on one channel.
//!
//! [Phoenix channels]: https://hexdocs.pm/phoenix/writing_a_channels_client.html
//! [Absinthe]: https://hexdocs.pm/absinthe_phoenix/Absinthe.Phoenix.Channel.html

use std::collections::HashMap;
use std::rc::Rc;

use super::deviation::Deviation;
use super::{Dialect, ResultEnvelope, Session, Start};
use crate::core::document::OperationType;
use crate::core::error::{Close, Ends, Error, Refusal};
use crate::core::json::{Json, Kind, quoted};
use crate::core::message::{OperationId, Parts, Received, decimal};
use crate::core::untrusted::excerpt;

/// The ref of the join, which Phoenix wants in each message on the channel. The ref of an operation is its
/// id; all others have a letter before their number.
const JOIN: &str = "j1";

/// The topic of what concerns the socket.
const SOCKET: &str = "phoenix";

/// How many results are kept whose subscription is not known yet: a server answers sooner, and one that never does
/// must not fill the memory.
const MOST_EARLY: usize = 10_000;

/// A document that the server was sent.
#[derive(Debug)]
struct Document<J> {
    /// The request, to know another that is the same.
    payload: J,
    /// Of a subscription, which others can share.
    fingerprint: Option<u64>,
    /// The operations that have its results. None: all have left, or given up, before the reply.
    operations: Vec<OperationId>,
    /// Whether there may be results before the reply.
    may_subscribe: bool,
    /// Of a subscription that is there.
    subscription: Option<String>,
    /// Subscriptions of the same request that were left, to be stopped unless this one has their id.
    left: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Phoenix<J> {
    topic: String,
    acknowledged: bool,
    /// The last number of a ref that is no operation's.
    last_ref: u32,
    /// By their refs: the id of the first operation that wanted it.
    documents: HashMap<OperationId, Document<J>>,
    /// Which document an operation has.
    document_of: HashMap<OperationId, OperationId>,
    /// The documents of a subscription: several where the schema gives two the same id.
    subscribers: HashMap<String, Vec<OperationId>>,
    /// Documents that others can share, by the fingerprint of the request.
    shared: HashMap<u64, OperationId>,
    /// How many documents have no reply yet that may be subscriptions, and the results for subscriptions that may
    /// be theirs: these go another way in the server than its replies.
    unanswered: usize,
    early: HashMap<String, Vec<J>>,
    early_count: usize,
}

impl<J: Json> Session<J> for Phoenix<J> {
    fn dialect(&self) -> Dialect {
        Dialect::Phoenix
    }

    fn init(&mut self, payload: Option<J>) -> Parts<J> {
        self.push(JOIN, "phx_join", payload)
    }

    fn ack(&self) -> &'static str {
        "reply to phx_join"
    }

    fn start(&mut self, id: OperationId, kind: OperationType, payload: J) -> Start<J> {
        let is_subscription = kind == OperationType::Subscription;
        // The text is copied for it, so not that of a mutation, which may carry files.
        let fingerprint = is_subscription.then(|| fingerprint(&payload.text().unwrap_or_default()));
        if let Some((reference, is_there)) = fingerprint.and_then(|it| self.join(id, it, &payload))
        {
            self.document_of.insert(id, reference);
            return Start::Shared { is_there };
        }
        // Where the text is missing, the reply tells.
        let may_subscribe = is_subscription || kind == OperationType::Unknown;
        self.unanswered += usize::from(may_subscribe);
        self.document_of.insert(id, id);
        if let Some(fingerprint) = fingerprint {
            self.shared.insert(fingerprint, id);
        }
        let document = Document {
            payload: payload.clone(),
            fingerprint,
            operations: vec![id],
            may_subscribe,
            subscription: None,
            left: Vec::new(),
        };
        self.documents.insert(id, document);
        Start::Send(self.push(&id.to_string(), "doc", Some(payload)))
    }

    fn stop(&mut self, id: OperationId) -> Option<Parts<J>> {
        let reference = self.document_of.remove(&id)?;
        let document = self.documents.get_mut(&reference)?;
        document.operations.retain(|other| *other != id);
        if !document.operations.is_empty() {
            return None;
        }
        if document.subscription.is_none() {
            // Its reply may never come. Whoever wants the same sends it anew, and no result waits for it.
            let counted = std::mem::take(&mut document.may_subscribe);
            self.answered(counted);
            return None;
        }
        let subscription = self.forget(reference)?.subscription?;
        self.unsubscribe(&subscription)
    }

    fn forget(&mut self, id: OperationId) {
        let reference = self.document_of.remove(&id);
        if let Some(document) = reference.and_then(|it| self.documents.get_mut(&it)) {
            document.operations.retain(|other| *other != id);
        }
    }

    fn ping(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        let reference = self.next_ref('h');
        Some(Parts::text(format!(
            r#"[null,"{reference}","{SOCKET}","heartbeat",{{}}]"#
        )))
    }

    fn pong(&mut self, _payload: Option<J>) -> Option<Parts<J>> {
        None
    }

    fn terminate(&mut self) -> Option<Parts<J>> {
        let reference = self.next_ref('l');
        Some(self.push(&reference, "phx_leave", None))
    }

    fn recv(&mut self, frame: &J, events: &mut Vec<Received<J>>) -> Result<(), Rc<Error<J>>> {
        let received = match frame.kind() {
            Kind::Array if frame.length() == 5 => None,
            Kind::Array => Some("an array of another length"),
            kind => Some(kind.described()),
        };
        if let Some(received) = received {
            let expected =
                "a message, which is an array [join_ref, ref, topic, event, payload] (vsn 2.0.0)";
            return Err(Deviation::NotAnObject.error(self.acknowledged, expected, received));
        }
        let member = |index: usize| frame.at(index);
        let text = |index: usize| member(index).and_then(|value| value.text());
        let Some(event) = text(3) else {
            let received = member(3).map_or("none", |event| event.kind().described());
            let expected = "a message whose event is a string";
            let error = Deviation::NoType.error(self.acknowledged, expected, received);
            if error.ends() == Ends::Connection {
                return Err(error);
            }
            events.push(Received::Tolerated(error));
            return Ok(());
        };
        let (reference, topic) = (text(1), text(2).unwrap_or_default());
        // What the socket itself says of our topic has none.
        let is_our_join = |it: J| it.kind() == Kind::Null || it.text().as_deref() == Some(JOIN);
        let is_ours = topic == self.topic && member(0).is_some_and(is_our_join);
        let payload = member(4);
        match event.as_str() {
            // Its topic is the subscription.
            "subscription:data" => self.recv_result(topic, payload, events),
            "phx_reply" if topic == SOCKET => events.push(Received::Pong { payload: None }),
            "phx_reply" if is_ours => {
                self.recv_reply(&reference.unwrap_or_default(), payload, events);
            }
            "phx_error" | "phx_close" if is_ours => {
                events.push(Received::Broken(Error::ChannelClosed {
                    is_crash: event == "phx_error",
                    payload: payload.filter(|it| it.kind() == Kind::Object),
                }));
            }
            "phx_reply" | "phx_error" | "phx_close" => {}
            event if is_ours => {
                let error = Error::UnknownMessageType {
                    expected: "phx_reply, subscription:data, phx_error or phx_close",
                    received: excerpt(event),
                };
                events.push(Received::Tolerated(Rc::new(error)));
            }
            _ => {}
        }
        Ok(())
    }

    fn confirmation(&self, kind: OperationType) -> Option<&'static str> {
        (kind == OperationType::Subscription).then_some("reply to the subscription")
    }

    /// Every frame has to be judged here: a result names its subscription, and not an operation.
    fn result_envelope(&self) -> Option<ResultEnvelope> {
        None
    }

    fn has_ping(&self) -> bool {
        true
    }

    /// The reply to a query or a mutation is its end.
    fn completes_answers(&self) -> bool {
        true
    }

    fn meaning_of(&self, close: &Close) -> Option<&'static str> {
        // By Cowboy and by Bandit. Phoenix has no code of its own for it.
        matches!(close.code, 1000 | 1002).then_some(
            "so a Phoenix server hangs up when it has heard nothing for a while, and the code says no more",
        )
    }
}

impl<J: Json> Phoenix<J> {
    pub(super) fn new(topic: &str) -> Self {
        Phoenix {
            topic: topic.to_owned(),
            acknowledged: false,
            last_ref: 0,
            documents: HashMap::new(),
            document_of: HashMap::new(),
            subscribers: HashMap::new(),
            shared: HashMap::new(),
            unanswered: 0,
            early: HashMap::new(),
            early_count: 0,
        }
    }

    // ---- to the server --------------------------------------------------------------

    /// A message on our channel.
    fn push(&self, reference: &str, event: &str, payload: Option<J>) -> Parts<J> {
        let topic = quoted(&self.topic);
        let before = format!(r#"["{JOIN}","{reference}",{topic},"{event}","#);
        match payload {
            None => Parts::text(before + "{}]"),
            value => Parts {
                before,
                value,
                after: "]",
            },
        }
    }

    fn next_ref(&mut self, letter: char) -> String {
        self.last_ref = self.last_ref.wrapping_add(1);
        format!("{letter}{}", self.last_ref)
    }

    /// Stops a subscription, unless others have it.
    fn unsubscribe(&mut self, subscription: &str) -> Option<Parts<J>> {
        if self.subscribers.contains_key(subscription) {
            return None;
        }
        let reference = self.next_ref('u');
        let mut message = self.push(&reference, "unsubscribe", None);
        message.before.truncate(message.before.len() - "{}]".len());
        message.before += &format!(r#"{{"subscriptionId":{}}}]"#, quoted(subscription));
        Some(message)
    }

    // ---- the documents --------------------------------------------------------------

    /// Adds an operation to the document of the same request, if there is one. Servers can give two of them
    /// one id, and then stop both at once.
    fn join(
        &mut self,
        id: OperationId,
        fingerprint: u64,
        payload: &J,
    ) -> Option<(OperationId, bool)> {
        let reference = *self.shared.get(&fingerprint)?;
        let document = self.documents.get_mut(&reference)?;
        if document.operations.is_empty() || !document.payload.is_same_text(payload) {
            return None;
        }
        document.operations.push(id);
        Some((reference, document.subscription.is_some()))
    }

    /// A document that may be a subscription has its reply, or nobody waits for that.
    fn answered(&mut self, counted: bool) {
        self.unanswered = self.unanswered.saturating_sub(counted.into());
        if self.unanswered == 0 {
            self.early.clear();
            self.early_count = 0;
        }
    }

    /// Stops a subscription that was left before its reply. If the same was sent once more and is not answered yet, that
    /// decides, as servers can give both one id.
    fn stop_left(&mut self, left: Document<J>, events: &mut Vec<Received<J>>) {
        let subscriptions = left.left.into_iter().chain(left.subscription);
        let newer = left.fingerprint.and_then(|it| self.shared.get(&it));
        let newer = newer.and_then(|it| self.documents.get_mut(it));
        if let Some(newer) = newer.filter(|it| it.subscription.is_none()) {
            return newer.left.extend(subscriptions);
        }
        self.stop_all(subscriptions, events);
    }

    /// Stops those that no document has.
    fn stop_all(
        &mut self,
        subscriptions: impl IntoIterator<Item = String>,
        events: &mut Vec<Received<J>>,
    ) {
        for subscription in subscriptions {
            events.extend(self.unsubscribe(&subscription).map(Received::Reply));
        }
    }

    /// A document is over, or is left by all.
    fn forget(&mut self, reference: OperationId) -> Option<Document<J>> {
        let document = self.documents.remove(&reference)?;
        if let Some(fingerprint) = document.fingerprint
            && self.shared.get(&fingerprint) == Some(&reference)
        {
            self.shared.remove(&fingerprint);
        }
        for id in &document.operations {
            self.document_of.remove(id);
        }
        if let Some(subscription) = &document.subscription
            && let Some(others) = self.subscribers.get_mut(subscription)
        {
            others.retain(|other| *other != reference);
            if others.is_empty() {
                self.subscribers.remove(subscription);
            }
        }
        Some(document)
    }

    // ---- from the server --------------------------------------------------------------

    fn recv_reply(&mut self, reference: &str, payload: Option<J>, events: &mut Vec<Received<J>>) {
        let member = |key: &str| payload.as_ref().and_then(|payload| payload.get(key));
        let (status, response) = (
            member("status").and_then(|it| it.text()),
            member("response"),
        );
        let is_ok = status.as_deref() == Some("ok");
        if reference == JOIN {
            return self.recv_join(status.as_deref(), response, events);
        }
        let id = decimal(reference);
        let pending = id.and_then(|id| Some((id, self.documents.get(&id)?)));
        let Some((id, document)) = pending.filter(|(_, it)| it.subscription.is_none()) else {
            if status.is_none() {
                let expected = "a reply whose payload has a `status`";
                let error = Deviation::WrongPayload.error(true, expected, "one without");
                events.push(Received::Tolerated(error));
            }
            return;
        };
        let counted = document.may_subscribe;
        let subscription = response
            .as_ref()
            .and_then(|it| it.get("subscriptionId")?.text());
        match subscription.filter(|_| is_ok) {
            Some(subscription) => self.recv_subscribed(id, subscription, events),
            None => self.recv_answer(id, is_ok, response, events),
        }
        self.answered(counted);
    }

    fn recv_join(
        &mut self,
        status: Option<&str>,
        response: Option<J>,
        events: &mut Vec<Received<J>>,
    ) {
        if status == Some("ok") {
            self.acknowledged = true;
            return events.push(Received::Acknowledged {
                payload: response.filter(|it| it.kind() == Kind::Object),
                longest_silence: None,
            });
        }
        if self.acknowledged {
            return events.push(Received::ServerError { payload: response });
        }
        let reason = response.as_ref().and_then(|it| it.get("reason")?.text());
        let why = match reason.as_deref() {
            Some("unmatched topic") => Refusal::Request,
            Some("join crashed") => Refusal::Unknown,
            _ if status.is_none() => Refusal::Unknown,
            _ => Refusal::Credentials,
        };
        events.push(Received::Refused {
            payload: response,
            why,
        });
    }

    /// A subscription is there.
    fn recv_subscribed(
        &mut self,
        reference: OperationId,
        subscription: String,
        events: &mut Vec<Received<J>>,
    ) {
        let Some(document) = self.documents.get_mut(&reference) else {
            return;
        };
        document.subscription = Some(subscription.clone());
        if document.operations.is_empty() {
            if let Some(left) = self.forget(reference) {
                self.stop_left(left, events);
            }
            return;
        }
        let operations = document.operations.clone();
        let left = std::mem::take(&mut document.left);
        events.extend(operations.iter().map(|id| Received::Started { id: *id }));
        for result in self.early.remove(&subscription).unwrap_or_default() {
            events.extend(operations.iter().map(|id| next(*id, &result)));
        }
        self.subscribers
            .entry(subscription)
            .or_default()
            .push(reference);
        self.stop_all(left, events);
    }

    /// A query or a mutation has its result, or a document is refused.
    fn recv_answer(
        &mut self,
        reference: OperationId,
        is_ok: bool,
        response: Option<J>,
        events: &mut Vec<Received<J>>,
    ) {
        let Some(document) = self.forget(reference) else {
            return;
        };
        for id in document.operations {
            if !is_ok {
                events.push(Received::Failed {
                    id,
                    payload: response.clone(),
                    is_denied: false,
                });
                continue;
            }
            match &response {
                Some(result) => events.push(next(id, result)),
                None => events.push(malformed(id, "one without")),
            }
            events.push(Received::Completed { id });
        }
        self.stop_all(document.left, events);
    }

    fn recv_result(&mut self, topic: String, payload: Option<J>, events: &mut Vec<Received<J>>) {
        let member = |key: &str| payload.as_ref().and_then(|payload| payload.get(key));
        let subscription = member("subscriptionId")
            .and_then(|it| it.text())
            .unwrap_or(topic);
        let result = member("result");
        let Some(documents) = self.subscribers.get(&subscription) else {
            let is_kept = self.unanswered > 0 && self.early_count < MOST_EARLY;
            if let Some(result) = result.filter(|_| is_kept) {
                self.early.entry(subscription).or_default().push(result);
                self.early_count += 1;
            }
            return;
        };
        for document in documents.iter().filter_map(|it| self.documents.get(it)) {
            events.extend(document.operations.iter().map(|id| match &result {
                Some(result) => next(*id, result),
                None => malformed(*id, "one without"),
            }));
        }
    }
}

/// A result of an operation.
fn next<J: Json>(id: OperationId, result: &J) -> Received<J> {
    match result.kind() {
        Kind::Object => Received::Next {
            id,
            result: result.clone(),
        },
        kind => malformed(id, kind.described()),
    }
}

fn malformed<J: Json>(id: OperationId, received: &'static str) -> Received<J> {
    let expected = "a result, which is an object";
    let error = Deviation::WrongResult.error(true, expected, received);
    Received::Malformed { id, error }
}

/// FNV-1a. Two requests with the same one are compared.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

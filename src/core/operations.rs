//! The operations of a transport, each with its own queue.
//!
//! An operation is here from `subscribe` until its consumer has seen its end or has left. Its queue
//! is the `ListenerQueue` of Python gql: what the server sent stands in order, an error stands
//! behind the results that came before it, and after the end nothing more is queued.

use std::rc::Rc;

use super::document::OperationType;
use super::error::Error;
use super::json::Pack;
use super::lasting::{Lasting, Notice};
use super::message::OperationId;
use super::output::AskId;
use super::queue::{Queue, Queued};
use super::time::{Instant, Millis};

/// What `subscribe` is given.
#[derive(Clone, Debug)]
pub struct Request<J> {
    /// The payload of the `subscribe` message: JSON text, a host string.
    pub payload: J,
    pub operation_type: OperationType,
    /// Whether the consumer leaves after the first result.
    pub one_answer: bool,
    /// Whether the server is told when the consumer leaves before the end.
    pub send_stop: bool,
    /// For operations that outlive connections.
    pub lasting: LastingOptions,
}

/// What a client's user says of an operation that may be sent again.
#[derive(Clone, Debug, Default)]
pub struct LastingOptions {
    /// Whether a mutation may be carried out twice.
    pub idempotent: bool,
    /// Whether a user function looks at each result, and says how to go on.
    pub resumes: bool,
    /// Whether the consumer wants [`Polled::Notice`].
    pub notices: bool,
    /// Overrules the client's: `Some(None)` waits for ever.
    pub wait_timeout: Option<Option<Millis>>,
}

/// How far an operation is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Waits for the connection to be ready.
    Waiting,
    /// Sent, and not over yet.
    Live,
    /// Nothing more comes, and nothing more is sent for it.
    Over,
}

/// What the consumer finds at the head of its queue.
#[derive(Clone, Debug)]
pub enum Polled<J> {
    Result(J),
    /// What happened to the stream of results at this place.
    Notice(Box<Notice<J>>),
    /// The end, told once: `None` after `complete`.
    Ended(Option<Rc<Error<J>>>),
    /// Nothing yet.
    Pending,
    /// The end was told before, or the consumer has left.
    Gone,
}

/// One operation. `C` is the driver's: who consumes it.
#[derive(Debug)]
pub struct Operation<J, C> {
    id: OperationId,
    stage: Stage,
    operation_type: OperationType,
    one_answer: bool,
    send_stop: bool,
    /// Whether the answer is the end, since `complete` may never come.
    ends_with_answer: bool,
    /// Whether more is to be done with a result than to queue it.
    is_special: bool,
    /// Until when the server has to say that it has the operation, where the dialect wants it to and it has not yet.
    starts_by: Option<Instant>,
    /// The question for its credentials, before which it is not sent.
    authorising: Option<AskId>,
    consumer: C,
    queue: Queue<J>,
    error: Option<Rc<Error<J>>>,
    /// The request, as long as it may be sent.
    payload: Option<J>,
    /// What it needs to outlive its connection.
    lasting: Option<Box<Lasting<J>>>,
}

impl<J, C> Operation<J, C> {
    pub fn id(&self) -> OperationId {
        self.id
    }

    pub fn ends_with_answer(&self) -> bool {
        self.ends_with_answer
    }

    pub fn is_live(&self) -> bool {
        self.stage == Stage::Live
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// Whether more is to be done with a result than to queue it.
    pub(super) fn is_special(&self) -> bool {
        self.is_special
    }

    pub(super) fn error(&self) -> Option<&Rc<Error<J>>> {
        self.error.as_ref()
    }

    pub(super) fn one_answer(&self) -> bool {
        self.one_answer
    }

    pub(super) fn lasting(&self) -> Option<&Lasting<J>> {
        self.lasting.as_deref()
    }

    pub(super) fn lasting_mut(&mut self) -> Option<&mut Lasting<J>> {
        self.lasting.as_deref_mut()
    }

    /// To be called when something has changed that a result depends on.
    pub(super) fn judge_results(&mut self) {
        let is_lasting_special = self
            .lasting
            .as_ref()
            .is_some_and(|lasting| lasting.looks_at_results(self.operation_type));
        self.is_special = self.ends_with_answer || self.starts_by.is_some() || is_lasting_special;
    }

    /// Whether the server has to say that it has the operation, and has not yet.
    pub(super) fn is_starting(&self) -> bool {
        self.starts_by.is_some() && self.is_live()
    }

    /// The same with the time when it is given up: of another start of the operation that is another.
    pub(super) fn is_starting_until(&self, deadline: Instant) -> bool {
        self.starts_by == Some(deadline) && self.is_live()
    }

    /// The question for its credentials, while they are being made: then it was not sent.
    pub(super) fn authorising(&self) -> Option<AskId> {
        self.authorising
    }

    pub(super) fn set_authorising(&mut self, ask: Option<AskId>) {
        self.authorising = ask;
    }

    /// The server has to say by then that it has the operation.
    pub(super) fn await_start(&mut self, deadline: Instant) {
        self.starts_by = Some(deadline);
        self.judge_results();
    }

    /// The server has the operation.
    pub(super) fn recv_started(&mut self) {
        if self.starts_by.take().is_some() {
            self.judge_results();
        }
    }

    /// It was sent, and is to be sent again.
    pub(super) fn wait_again(&mut self) {
        if self.is_live() {
            self.stage = Stage::Waiting;
            self.starts_by = None;
            self.authorising = None;
            self.judge_results();
        }
    }

    /// The next time it is sent, it is with this request.
    pub(super) fn set_payload(&mut self, payload: J) {
        self.payload = Some(payload);
    }

    /// Queues a notice, if the consumer wants any. Returns whether it did.
    pub(super) fn push_notice(&mut self, notice: Notice<J>) -> bool {
        let wanted = self.lasting.as_ref().is_some_and(|lasting| lasting.notices);
        if wanted {
            self.queue.push_notice(notice);
        }
        wanted
    }

    pub fn operation_type(&self) -> OperationType {
        self.operation_type
    }

    /// Whether one result is all that is still to come, as far as we know.
    pub fn ends_soon(&self) -> bool {
        self.one_answer || self.operation_type.answers_once()
    }

    pub fn send_stop(&self) -> bool {
        self.send_stop
    }

    pub fn consumer(&self) -> &C {
        &self.consumer
    }

    pub fn into_consumer(self) -> C {
        self.consumer
    }

    /// Whether the queue has a result, or the end.
    pub fn has_news(&self) -> bool {
        self.is_over() || !self.queue.is_empty()
    }

    fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }
}

/// The table of operations.
///
/// An operation stands at its id modulo the table's size, a power of two; ids whose place is
/// taken are passed over. So a frame finds its operation by one index, no id is used twice, and
/// the table stays as small as the number of operations in it allows.
#[derive(Debug)]
pub struct Operations<J, C> {
    places: Vec<Option<Operation<J, C>>>,
    count: usize,
    unfinished: usize,
    last_id: OperationId,
}

impl<J, C> Default for Operations<J, C> {
    fn default() -> Self {
        Operations {
            places: Vec::new(),
            count: 0,
            unfinished: 0,
            last_id: 0,
        }
    }
}

impl<J, C> Operations<J, C> {
    /// `lasting`: what it needs to outlive its connection, if it does.
    pub(super) fn insert(
        &mut self,
        request: Request<J>,
        consumer: C,
        lasting: Option<Lasting<J>>,
    ) -> OperationId {
        if self.count * 2 >= self.places.len() {
            self.grow();
        }
        let mut id = self.last_id;
        let place = loop {
            // Wraps after four thousand million operations on one transport; 0 is never used.
            id = id.wrapping_add(1).max(1);
            let place = self.place(id);
            if let Some(place @ None) = self.places.get_mut(place) {
                break place;
            }
        };
        let mut operation = Operation {
            id,
            stage: Stage::Waiting,
            operation_type: request.operation_type,
            one_answer: request.one_answer,
            send_stop: request.send_stop,
            ends_with_answer: false,
            is_special: false,
            starts_by: None,
            authorising: None,
            consumer,
            queue: Queue::default(),
            error: None,
            payload: Some(request.payload),
            lasting: lasting.map(Box::new),
        };
        operation.judge_results();
        *place = Some(operation);
        self.last_id = id;
        self.count += 1;
        self.unfinished += 1;
        id
    }

    pub fn get(&self, id: OperationId) -> Option<&Operation<J, C>> {
        let operation = self.places.get(self.place(id))?.as_ref()?;
        (operation.id == id).then_some(operation)
    }

    pub(super) fn get_mut(&mut self, id: OperationId) -> Option<&mut Operation<J, C>> {
        let place = self.place(id);
        let operation = self.places.get_mut(place)?.as_mut()?;
        (operation.id == id).then_some(operation)
    }

    /// Gives the payload of an operation that is now sent. Unless `completes_answers`, the answer
    /// to a query or a mutation is its end.
    pub fn start(&mut self, id: OperationId, completes_answers: bool, now: Instant) -> Option<J>
    where
        J: Clone,
    {
        let operation = self
            .get_mut(id)
            .filter(|operation| operation.is_waiting())?;
        operation.ends_with_answer = !completes_answers && operation.operation_type.answers_once();
        operation.stage = Stage::Live;
        let payload = match &mut operation.lasting {
            Some(lasting) => {
                lasting.send(now);
                operation.payload.clone()
            }
            None => operation.payload.take(),
        };
        operation.judge_results();
        payload
    }

    /// Queues a result, unless the operation is unknown or finished.
    pub fn push(&mut self, id: OperationId, result: J) -> Option<&Operation<J, C>>
    where
        J: Pack,
    {
        let operation = self.get_mut(id).filter(|operation| operation.is_live())?;
        operation.queue.push(result);
        Some(operation)
    }

    /// Ends an operation behind what is queued. `false` if it is unknown or finished.
    pub fn end(&mut self, id: OperationId, error: Option<Rc<Error<J>>>) -> bool {
        let Some(operation) = self.get_mut(id).filter(|operation| !operation.is_over()) else {
            return false;
        };
        operation.stage = Stage::Over;
        operation.error = error;
        operation.payload = None;
        self.unfinished -= 1;
        true
    }

    /// Forgets an operation with all that is queued.
    pub fn remove(&mut self, id: OperationId) -> Option<Operation<J, C>> {
        self.get(id)?;
        let place = self.place(id);
        let operation = self.places.get_mut(place)?.take()?;
        self.count -= 1;
        if !operation.is_over() {
            self.unfinished -= 1;
        }
        Some(operation)
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll(&mut self, id: OperationId) -> Polled<J>
    where
        J: Pack,
    {
        let Some(operation) = self.get_mut(id) else {
            return Polled::Gone;
        };
        match operation.queue.pop() {
            Some(Queued::Result(result) | Queued::Packed(result)) => return Polled::Result(result),
            Some(Queued::Notice(notice)) => return Polled::Notice(notice),
            None => {}
        }
        if !operation.is_over() {
            return Polled::Pending;
        }
        Polled::Ended(self.remove(id).and_then(|operation| operation.error))
    }

    /// The ids of the operations that are not over, in the order in which they were made.
    pub fn unfinished(&self) -> Vec<OperationId> {
        // Ids may have wrapped: the oldest is the one that is furthest behind the last.
        let age = |id: OperationId| self.last_id.wrapping_sub(id);
        let mut ids = Vec::new();
        for n in 1..=self.places.len() as u32 {
            // Behind the last that was made, all round: only those that have lasted while many came and went
            // are out of order there.
            let place = self.place(self.last_id.wrapping_add(n));
            if let Some(Some(operation)) = self.places.get(place)
                && !operation.is_over()
            {
                let at = ids.partition_point(|id| age(*id) > age(operation.id));
                ids.insert(at, operation.id);
            }
        }
        ids
    }

    /// Whether one is on the wire that will end by itself.
    pub(super) fn any_ends_soon(&self) -> bool {
        let mut operations = self.places.iter().flatten();
        operations.any(|operation| operation.is_live() && operation.ends_soon())
    }

    /// Whether one is on the wire.
    pub(super) fn any_live(&self) -> bool {
        self.places.iter().flatten().any(Operation::is_live)
    }

    pub fn all_over(&self) -> bool {
        self.unfinished == 0
    }

    /// Ids that differ modulo a size differ modulo twice that size, so no two meet.
    fn grow(&mut self) {
        let size = (self.places.len() * 2).max(4);
        let mut places = Vec::with_capacity(size);
        places.resize_with(size, || None);
        for operation in std::mem::replace(&mut self.places, places)
            .into_iter()
            .flatten()
        {
            let place = self.place(operation.id);
            if let Some(place) = self.places.get_mut(place) {
                *place = Some(operation);
            }
        }
    }

    fn place(&self, id: OperationId) -> usize {
        // The size is a power of two; of an empty table this is no place at all.
        (id as usize) & self.places.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Pack for u8 {
        fn pack(values: impl Iterator<Item = Self>) -> Self {
            values.sum()
        }

        fn unpack(&self) -> Vec<Self> {
            vec![*self]
        }
    }

    fn request<J: Default>() -> Request<J> {
        Request {
            payload: J::default(),
            operation_type: OperationType::Query,
            one_answer: false,
            send_stop: true,
            lasting: LastingOptions::default(),
        }
    }

    #[test]
    fn ids_are_counted_and_never_used_twice() {
        let mut operations = Operations::<(), ()>::default();
        let ids: Vec<_> = (0..5)
            .map(|_| operations.insert(request(), (), None))
            .collect();
        assert_eq!(ids, [1, 2, 3, 4, 5]);
        for id in &ids {
            assert!(operations.remove(*id).is_some());
            assert!(operations.remove(*id).is_none());
        }
        assert_eq!(operations.insert(request(), (), None), 6);
    }

    #[test]
    fn a_lasting_operation_costs_no_memory_for_the_many_that_come_and_go() {
        let mut operations = Operations::<(), ()>::default();
        let lasting = operations.insert(request(), (), None);
        for _ in 0..100_000 {
            let id = operations.insert(request(), (), None);
            assert!(operations.remove(id).is_some());
        }
        assert!(operations.get(lasting).is_some());
        assert!(operations.places.len() <= 4, "{}", operations.places.len());
    }

    #[test]
    fn ten_thousand_operations_are_all_found_again() {
        let mut operations = Operations::<(), u32>::default();
        let ids: Vec<_> = (0..10_000)
            .map(|n| operations.insert(request(), n, None))
            .collect();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(operations.get(*id).map(|o| *o.consumer()), Some(n as u32));
        }
        assert_eq!(operations.unfinished(), ids);
    }

    #[test]
    fn an_id_that_shares_a_place_with_an_operation_is_not_its_id() {
        let mut operations = Operations::<u8, ()>::default();
        let id = operations.insert(request(), (), None);
        operations.start(id, true, Instant(0));
        let other = id + operations.places.len() as u32;
        assert!(operations.get(other).is_none());
        assert!(operations.push(other, 0).is_none());
        assert!(!operations.end(other, None));
        assert!(operations.remove(other).is_none());
        assert!(operations.push(id, 0).is_some());
    }

    #[test]
    fn an_empty_table_has_nothing_at_any_id() {
        let mut operations = Operations::<(), ()>::default();
        assert!(operations.get(0).is_none());
        assert!(operations.get_mut(u32::MAX).is_none());
        assert!(operations.remove(1).is_none());
    }
}

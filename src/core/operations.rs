//! The operations of a transport, each with its own queue.
//!
//! An operation is here from `subscribe` until its consumer has seen its end or has left. Its queue
//! is the `ListenerQueue` of Python gql: what the server sent stands in order, an error stands
//! behind the results that came before it, and after the end nothing more is queued.

use std::collections::VecDeque;
use std::rc::Rc;

use super::document::OperationType;
use super::error::Error;
use super::message::OperationId;

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
}

/// How far an operation is on the wire.
#[derive(Debug)]
enum Stage<J> {
    /// Waits for the connection to be ready, with the payload to send then.
    Waiting { payload: J },
    /// Sent, and not over yet.
    Live,
    /// Nothing more comes, and nothing more is sent for it.
    Over,
}

/// What the consumer finds at the head of its queue.
#[derive(Clone, Debug)]
pub enum Polled<J> {
    Result(J),
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
    stage: Stage<J>,
    operation_type: OperationType,
    one_answer: bool,
    send_stop: bool,
    /// Whether the answer is the end, since `complete` may never come.
    ends_with_answer: bool,
    consumer: C,
    queue: VecDeque<J>,
    error: Option<Rc<Error<J>>>,
}

impl<J, C> Operation<J, C> {
    pub fn id(&self) -> OperationId {
        self.id
    }

    pub fn ends_with_answer(&self) -> bool {
        self.ends_with_answer
    }

    pub fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live)
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
        matches!(self.stage, Stage::Over)
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
    pub fn insert(&mut self, request: Request<J>, consumer: C) -> OperationId {
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
        *place = Some(Operation {
            id,
            stage: Stage::Waiting {
                payload: request.payload,
            },
            operation_type: request.operation_type,
            one_answer: request.one_answer,
            send_stop: request.send_stop,
            ends_with_answer: false,
            consumer,
            queue: VecDeque::new(),
            error: None,
        });
        self.last_id = id;
        self.count += 1;
        self.unfinished += 1;
        id
    }

    pub fn get(&self, id: OperationId) -> Option<&Operation<J, C>> {
        let operation = self.places.get(self.place(id))?.as_ref()?;
        (operation.id == id).then_some(operation)
    }

    fn get_mut(&mut self, id: OperationId) -> Option<&mut Operation<J, C>> {
        let place = self.place(id);
        let operation = self.places.get_mut(place)?.as_mut()?;
        (operation.id == id).then_some(operation)
    }

    /// Takes the payload of an operation that is now sent. Unless `completes_answers`, the answer
    /// to a query or a mutation is its end.
    pub fn start(&mut self, id: OperationId, completes_answers: bool) -> Option<J> {
        let operation = self.get_mut(id)?;
        operation.ends_with_answer = !completes_answers && operation.operation_type.answers_once();
        match std::mem::replace(&mut operation.stage, Stage::Live) {
            Stage::Waiting { payload } => Some(payload),
            other => {
                operation.stage = other;
                None
            }
        }
    }

    /// Queues a result, unless the operation is unknown or finished.
    pub fn push(&mut self, id: OperationId, result: J) -> Option<&Operation<J, C>> {
        let operation = self.get_mut(id).filter(|operation| operation.is_live())?;
        operation.queue.push_back(result);
        Some(operation)
    }

    /// Ends an operation behind what is queued. `false` if it is unknown or finished.
    pub fn end(&mut self, id: OperationId, error: Option<Rc<Error<J>>>) -> bool {
        let Some(operation) = self.get_mut(id).filter(|operation| !operation.is_over()) else {
            return false;
        };
        operation.stage = Stage::Over;
        operation.error = error;
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
    pub fn poll(&mut self, id: OperationId) -> Polled<J> {
        let Some(operation) = self.get_mut(id) else {
            return Polled::Gone;
        };
        if let Some(result) = operation.queue.pop_front() {
            return Polled::Result(result);
        }
        if !operation.is_over() {
            return Polled::Pending;
        }
        Polled::Ended(self.remove(id).and_then(|operation| operation.error))
    }

    /// The last that was made; 0 for none.
    pub fn last_id(&self) -> OperationId {
        self.last_id
    }

    /// The ids of the operations that are not over. They stand in the order in which they were made, but for
    /// those that have lasted while many came and went.
    pub fn unfinished(&self) -> Vec<OperationId> {
        let mut ids = Vec::new();
        for n in 1..=self.places.len() as u32 {
            // Behind the last that was made, all round.
            let place = self.place(self.last_id.wrapping_add(n));
            if let Some(Some(operation)) = self.places.get(place)
                && !operation.is_over()
            {
                ids.push(operation.id);
            }
        }
        ids
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

    fn request<J: Default>() -> Request<J> {
        Request {
            payload: J::default(),
            operation_type: OperationType::Query,
            one_answer: false,
            send_stop: true,
        }
    }

    #[test]
    fn ids_are_counted_and_never_used_twice() {
        let mut operations = Operations::<(), ()>::default();
        let ids: Vec<_> = (0..5).map(|_| operations.insert(request(), ())).collect();
        assert_eq!(ids, [1, 2, 3, 4, 5]);
        for id in &ids {
            assert!(operations.remove(*id).is_some());
            assert!(operations.remove(*id).is_none());
        }
        assert_eq!(operations.insert(request(), ()), 6);
    }

    #[test]
    fn a_lasting_operation_costs_no_memory_for_the_many_that_come_and_go() {
        let mut operations = Operations::<(), ()>::default();
        let lasting = operations.insert(request(), ());
        for _ in 0..100_000 {
            let id = operations.insert(request(), ());
            assert!(operations.remove(id).is_some());
        }
        assert!(operations.get(lasting).is_some());
        assert!(operations.places.len() <= 4, "{}", operations.places.len());
    }

    #[test]
    fn ten_thousand_operations_are_all_found_again() {
        let mut operations = Operations::<(), u32>::default();
        let ids: Vec<_> = (0..10_000)
            .map(|n| operations.insert(request(), n))
            .collect();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(operations.get(*id).map(|o| *o.consumer()), Some(n as u32));
        }
        assert_eq!(operations.unfinished(), ids);
    }

    #[test]
    fn an_id_that_shares_a_place_with_an_operation_is_not_its_id() {
        let mut operations = Operations::<u8, ()>::default();
        let id = operations.insert(request(), ());
        operations.start(id, true);
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

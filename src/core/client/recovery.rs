//! What becomes of the operations: how they are sent, and sent again; when the server is known to have
//! them; what a lost connection does to them.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Client, Phase, Thrown, has_next};
use crate::core::connection::Connection;
use crate::core::document::OperationType;
use crate::core::error::Error;
use crate::core::json::Json;
use crate::core::lasting::{Fate, Loss, Notice, SETTLING};
use crate::core::message::{Liveness, OperationId};
use crate::core::operations::Operation;
use crate::core::output::{Output, Question};
use crate::core::time::{Instant, Millis};
use crate::core::timer::Timer;

impl<J: Json, C> Client<J, C> {
    // ---- waiting ------------------------------------------------------------------

    /// An operation was made that cannot be sent yet.
    pub(super) fn wait(&mut self, id: OperationId) {
        let lasting = self.operations.get(id).and_then(Operation::lasting);
        if let Some(deadline) = lasting.and_then(|lasting| lasting.gives_up_at)
            && deadline < self.context.timers.deadline(Timer::Wait)
        {
            self.context.timers.set(Timer::Wait, deadline);
        }
        self.connect_if_needed();
    }

    /// Sets the timer for the operation that will be the first to have waited for too long.
    pub(super) fn limit_waiting(&mut self) {
        let unfinished = self.operations.unfinished().into_iter();
        let waiting =
            unfinished.filter_map(|id| self.operations.get(id).filter(|it| it.is_waiting()));
        let earliest = waiting
            .filter_map(|operation| operation.lasting()?.gives_up_at)
            .min();
        match earliest {
            Some(deadline) => self.context.timers.set(Timer::Wait, deadline),
            None => self.context.timers.stop(Timer::Wait),
        }
    }

    /// Ends the operations that have waited for too long.
    pub(super) fn give_up_waiting(&mut self) {
        let now = self.context.now;
        for id in self.operations.unfinished() {
            let waiting = self.operations.get(id).filter(|it| it.is_waiting());
            if let Some(lasting) = waiting.and_then(Operation::lasting)
                && lasting.gives_up_at.is_some_and(|deadline| deadline <= now)
            {
                let error = Error::WaitTimeout {
                    after: lasting.wait_timeout.unwrap_or(Millis(0)),
                    last: self.error.clone(),
                };
                self.end_operation(id, Some(Rc::new(error)));
            }
        }
        self.limit_waiting();
        self.rest_if_unneeded();
    }

    // ---- sending ------------------------------------------------------------------

    /// An operation was made that can be sent: it is when the turn is over.
    pub(super) fn start_later(&mut self, id: OperationId) {
        self.held.ids.push(id);
        self.await_turn_end();
    }

    /// The same for all that wait.
    pub(super) fn start_all_later(&mut self) {
        self.held.all = true;
        self.await_turn_end();
    }

    fn await_turn_end(&mut self) {
        if !std::mem::replace(&mut self.held.is_awaited, true) {
            self.context.push(Output::AwaitTurnEnd);
        }
    }

    /// The turn is over, or what comes now shows that it must be: sends what was held, in the order in which it
    /// was made.
    pub(super) fn end_turn(&mut self) {
        if !self.held.is_awaited {
            return;
        }
        let Held { ids, all, .. } = std::mem::take(&mut self.held);
        let is_ready = matches!(&self.phase, Phase::Connected { connection, leaving: None } if connection.is_ready());
        if !is_ready {
            // What waits is for the next connection.
            return;
        }
        if all {
            return self.start_waiting();
        }
        for id in ids {
            if self.operations.get(id).is_some_and(Operation::is_waiting) {
                self.start_operation(id);
            }
        }
    }

    /// A connection is ready: sends what waits, in the order in which it was made, as mutations may
    /// depend on it. Operations that may have ended a connection wait for each other.
    pub(super) fn start_waiting(&mut self) {
        for id in self.operations.unfinished() {
            let Some(operation) = self.operations.get(id).filter(|it| it.is_waiting()) else {
                continue;
            };
            if operation
                .lasting()
                .is_some_and(|lasting| lasting.strikes > 0)
            {
                self.suspects.push_back(id);
            } else {
                self.start_operation(id);
            }
        }
        if self.is_client() {
            self.test_next_suspect();
            self.limit_waiting();
        }
    }

    /// Sends an operation, or asks how it goes on where it was lost.
    pub(super) fn start_operation(&mut self, id: OperationId) {
        let lasting = self.operations.get_mut(id).and_then(Operation::lasting_mut);
        if let Some(lasting) = lasting.filter(|lasting| lasting.resumes && lasting.was_sent()) {
            lasting.is_resuming = true;
            self.ask(Question::Resume(id));
            return;
        }
        self.send_operation(id);
    }

    fn send_operation(&mut self, id: OperationId) {
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        let completes_answers = connection.completes_answers();
        if let Some(payload) = self
            .operations
            .start(id, completes_answers, self.context.now)
        {
            let settles_by_time = !connection.confirms_starts();
            self.begin_operation(id, payload);
            if settles_by_time && self.is_client() && !self.context.timers.is_set(Timer::Settle) {
                self.context.start_timer(Timer::Settle, Some(SETTLING));
            }
        }
    }

    /// The request to go on with, and where that is.
    pub(super) fn resume(&mut self, id: OperationId, answer: Result<Option<(J, J)>, Thrown<J>>) {
        let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_waiting()) else {
            return;
        };
        match answer {
            Ok(Some((payload, cursor))) => {
                self.context
                    .note_value('!', &format!("resume {id} "), Some(&payload));
                operation.set_payload(payload);
                if let Some(lasting) = operation.lasting_mut() {
                    lasting.is_resuming = false;
                    lasting.cursor = Some(cursor);
                }
                self.send_operation(id);
            }
            Ok(None) => {
                self.context.note('!', "resume ", &id.to_string());
                if let Some(lasting) = operation.lasting_mut() {
                    lasting.is_resuming = false;
                }
                self.send_operation(id);
            }
            Err(Thrown { message, value }) => {
                self.context.note('!', "resume-fails ", &id.to_string());
                let error = Error::ResumeFailed {
                    why: message,
                    cause: value,
                };
                self.end_operation(id, Some(Rc::new(error)));
                self.rest_if_unneeded();
            }
        }
    }

    /// An operation was not sent, as the socket was closing already.
    pub(super) fn unsend(&mut self, id: OperationId) {
        if let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_live()) {
            operation.wait_again();
            if let Some(lasting) = operation.lasting_mut() {
                lasting.unsend();
            }
            self.limit_waiting();
        }
    }

    /// Sends the next operation that may have ended a connection, once the one before has settled.
    pub(super) fn test_next_suspect(&mut self) {
        if let Some(tested) = self.in_test.and_then(|id| self.operations.get(id)) {
            let is_open = |lasting: &_| is_in_test(tested, lasting);
            if tested.lasting().is_some_and(is_open) {
                return;
            }
        }
        self.in_test = None;
        let Phase::Connected {
            connection,
            leaving: None,
        } = &self.phase
        else {
            return;
        };
        if !connection.is_ready() {
            return;
        }
        while let Some(id) = self.suspects.pop_front() {
            if self.operations.get(id).is_some_and(|it| it.is_waiting()) {
                self.in_test = Some(id);
                return self.start_operation(id);
            }
        }
    }

    pub(super) fn stop_operation(&mut self, id: OperationId) {
        if let Some(connection) = self.phase.connection_mut() {
            connection.stop(&mut self.context, id);
            self.stopped.remember(id);
        }
    }

    /// The consumer of an operation that was sent wants no more of it.
    pub(super) fn stop_or_forget(&mut self, id: OperationId, send_stop: bool) {
        if send_stop {
            self.stop_operation(id);
        } else if let Some(connection) = self.phase.connection_mut() {
            connection.forget(id);
        }
    }

    /// A result came for an operation that is gone: the server may have missed the stop.
    pub(super) fn stop_again(&mut self, id: OperationId) {
        if self.stopped.is_to_be_stopped_again(id)
            && let Some(connection) = self.phase.connection_mut()
        {
            connection.stop(&mut self.context, id);
        }
    }

    // ---- settling -----------------------------------------------------------------

    /// The server has an operation: a message for it came if `confirmed`, or time has shown it.
    pub(super) fn settle(&mut self, id: OperationId, confirmed: bool) {
        let (now, attempts) = (self.context.now, self.attempts);
        let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_live()) else {
            return;
        };
        let Some(lasting) = operation.lasting_mut().filter(|it| !it.is_settled) else {
            return;
        };
        lasting.is_settled = true;
        lasting.was_settled = true;
        lasting.is_confirmed = confirmed;
        lasting.strikes = 0;
        let is_watched = std::mem::take(&mut lasting.is_watched);
        let cursor = lasting.cursor.take();
        let resumed = lasting.loss.take().map(|loss| Notice::Resumed {
            lost_at: loss.at,
            resumed_at: now,
            attempts: attempts.wrapping_sub(loss.attempts),
            cursor,
        });
        operation.judge_results();
        let told = resumed.is_some_and(|notice| operation.push_notice(notice));
        if told {
            self.context.push(Output::Wake(id));
        }
        if is_watched {
            self.context.push(Output::Active { id, confirmed });
        }
        if self.in_test == Some(id) {
            self.test_next_suspect();
        }
    }

    /// Operations have been on the wire for a while: the next message shows that the server has them. It is
    /// asked for one if somebody waits.
    pub(super) fn settle_later(&mut self) {
        let now = self.context.now;
        let settles_by_time = |it: &&mut Connection<J>| it.is_ready() && !it.confirms_starts();
        let Some(connection) = self.phase.connection_mut().filter(settles_by_time) else {
            return;
        };
        let has_ping = connection.has_ping();
        let mut is_awaited = false;
        let mut due = Vec::new();
        let mut next: Option<Instant> = None;
        for id in self.operations.unfinished() {
            let live = self.operations.get(id).filter(|it| it.is_live());
            let Some(lasting) = live
                .and_then(Operation::lasting)
                .filter(|it| !it.is_settled)
            else {
                continue;
            };
            if lasting.is_due(now) {
                is_awaited |= lasting.is_awaited();
                due.push(id);
            } else {
                let at = lasting.sent_at + SETTLING;
                next = Some(next.map_or(at, |earliest| earliest.min(at)));
            }
        }
        if let Some(at) = next {
            self.context.timers.set(Timer::Settle, at);
        }
        if !has_ping {
            for id in due {
                self.settle(id, false);
            }
        } else if !due.is_empty() {
            self.settles = Some(now);
            if is_awaited {
                // It has a ping.
                let _ = connection.send(&mut self.context, Liveness::Ping, None);
            }
        }
    }

    /// A message has come: what was sent long enough before is settled.
    pub(super) fn settle_by_time(&mut self) {
        let Some(due) = self.settles.take() else {
            return;
        };
        for id in self.operations.unfinished() {
            let lasting = self.operations.get(id).and_then(Operation::lasting);
            if lasting.is_some_and(|lasting| lasting.is_due(due)) {
                self.settle(id, false);
            }
        }
    }

    /// Somebody wants to know when the server has an operation.
    pub(super) fn watch_operation(&mut self, id: OperationId) {
        let now = self.context.now;
        let Some(operation) = self.operations.get_mut(id) else {
            return;
        };
        let is_live = operation.is_live();
        let is_over = !is_live && !operation.is_waiting();
        let error = operation.error().cloned();
        let Some(lasting) = operation.lasting_mut() else {
            return;
        };
        if is_over && !lasting.is_settled {
            self.context.push(Output::NotActive { id, error });
        } else if lasting.is_settled {
            let confirmed = lasting.is_confirmed;
            self.context.push(Output::Active { id, confirmed });
        } else {
            lasting.is_watched = true;
            if is_live && lasting.is_due(now) {
                self.settle_later();
            }
        }
    }

    // ---- results --------------------------------------------------------------------

    /// A result has come by the long way, or is one of an operation that asks for more than to be queued.
    pub(super) fn queue_result(&mut self, id: OperationId, result: J) {
        if !self.operations.get(id).is_some_and(Operation::is_live) {
            return self.stop_again(id);
        }
        if self.operations.get(id).is_some_and(Operation::is_starting) {
            if let Some(connection) = self.phase.connection_mut() {
                connection.settled(id);
            }
            self.recv_started(id);
        } else {
            self.settle(id, true);
        }
        let lasting = self.operations.get(id).and_then(Operation::lasting);
        if lasting.is_some_and(|lasting| lasting.resumes) {
            return self.context.push(Output::Examine { id, result });
        }
        self.accept_result(id, result);
    }

    /// What came for an operation cannot be its result. The server goes on with it, so it is stopped.
    pub(super) fn recv_malformed(&mut self, id: OperationId, error: Rc<Error<J>>) {
        let Some(operation) = self.operations.get(id).filter(|it| it.is_live()) else {
            return self.stop_again(id);
        };
        if operation.send_stop() {
            self.stop_operation(id);
        }
        self.end_operation(id, Some(error));
        self.rest_if_unneeded();
    }

    /// Queues a result, and ends the operation behind it if no other end can be counted on. With
    /// incremental delivery the server says whether there is more.
    pub(super) fn accept_result(&mut self, id: OperationId, result: J) {
        let Some(operation) = self.operations.get_mut(id) else {
            return;
        };
        // Of the others it is known what they are, and that more results follow.
        let may_answer = operation.operation_type().answers_once()
            || operation.operation_type() == OperationType::Unknown;
        let ends_with_answer = operation.ends_with_answer();
        let lasts = operation.lasting().is_some();
        let more = (ends_with_answer || lasts && may_answer) && has_next(&result);
        if let Some(lasting) = operation.lasting_mut() {
            lasting.recv_result(more);
            operation.judge_results();
        }
        if self.operations.push(id, result).is_some() {
            self.context.push(Output::Wake(id));
            if ends_with_answer && !more {
                self.end_operation(id, None);
                self.rest_if_unneeded();
            }
        }
    }

    // ---- the end ----------------------------------------------------------------------

    pub(super) fn end_operation(&mut self, id: OperationId, error: Option<Rc<Error<J>>>) {
        let lasting = self.operations.get_mut(id).and_then(Operation::lasting_mut);
        if let Some(lasting) = lasting
            && std::mem::take(&mut lasting.is_watched)
        {
            let error = error.clone();
            self.context.push(Output::NotActive { id, error });
        }
        if self.operations.end(id, error) {
            self.context.push(Output::Wake(id));
        }
    }

    pub(super) fn end_operations(&mut self, error: &Rc<Error<J>>) {
        for id in self.operations.unfinished() {
            self.end_operation(id, Some(error.clone()));
        }
    }

    /// The connection carries no operation any more.
    pub(super) fn end_sent_operations(&mut self, error: &Rc<Error<J>>) {
        for id in self.operations.unfinished() {
            if self.operations.get(id).is_some_and(Operation::is_live) {
                self.end_operation(id, Some(error.clone()));
            }
        }
    }

    /// What follows when the consumer of an operation has left. Returns the consumer.
    pub(super) fn left(&mut self, operation: Operation<J, C>) -> C {
        self.forget_authorising(operation.authorising());
        if operation.is_live() {
            self.stop_or_forget(operation.id(), operation.send_stop());
        }
        self.rest_if_unneeded();
        operation.into_consumer()
    }

    // ---- loss -------------------------------------------------------------------------

    /// The server has lost an operation, which waits to be sent again.
    pub(super) fn interrupt(&mut self, id: OperationId, error: &Rc<Error<J>>) {
        let now = self.context.now;
        let Some(operation) = self.operations.get_mut(id) else {
            return;
        };
        let kind = operation.operation_type();
        let Some(lasting) = operation.lasting_mut() else {
            return;
        };
        let is_told = lasting.loss.is_none() && lasting.tells_loss(kind);
        if is_told {
            lasting.loss = Some(Loss {
                at: now,
                attempts: self.attempts,
            });
        }
        lasting.wait_again(now);
        operation.wait_again();
        let notice = Notice::Interrupted {
            error: error.clone(),
            lost_at: now,
        };
        if is_told && operation.push_notice(notice) {
            self.context.push(Output::Wake(id));
        }
    }

    /// The connection is lost on which operations were sent: some wait to be sent again, others end.
    /// `blames_an_operation`: whether one of them may be why.
    pub(super) fn recover(&mut self, error: &Rc<Error<J>>, blames_an_operation: bool) {
        let tested = self.in_test.take();
        self.suspects.clear();
        self.settles = None;
        for id in self.operations.unfinished() {
            let Some(operation) = self.operations.get_mut(id) else {
                continue;
            };
            let (kind, one_answer) = (operation.operation_type(), operation.one_answer());
            let (is_live, is_authorising) =
                (operation.is_live(), operation.authorising().is_some());
            let Some(lasting) = operation.lasting_mut() else {
                continue;
            };
            lasting.is_resuming = false;
            if !is_live {
                continue;
            }
            if is_authorising {
                // It was not sent, and so did no harm.
                lasting.unsend();
                operation.wait_again();
                continue;
            }
            let mut fate = lasting.fate(kind, one_answer);
            // One that has settled is none: a server that restarts may close for anybody.
            // While one is tested, one that was sent beside it may be to blame as well: it waits for its turn then.
            let is_suspected = blames_an_operation
                && !lasting.was_settled
                && (lasting.strikes == 0 || tested.is_none_or(|tested| tested == id));
            if is_suspected && lasting.strike() && fate == Fate::SentAgain {
                fate = Fate::GivenUp;
            }
            match fate {
                Fate::SentAgain => self.interrupt(id, error),
                Fate::OutcomeUnknown => {
                    let error = Error::OutcomeUnknown {
                        error: error.clone(),
                        is_mutation: kind.answers_once(),
                    };
                    self.end_operation(id, Some(Rc::new(error)));
                }
                Fate::Done => self.end_operation(id, None),
                Fate::GivenUp => self.end_operation(id, Some(error.clone())),
            }
        }
        self.limit_waiting();
    }
}

/// What is sent when the host's turn is over.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Whether the driver was asked to tell when it is.
    pub(super) is_awaited: bool,
    ids: Vec<OperationId>,
    /// Whether the connection has become ready in this turn, so that whatever waits is sent.
    all: bool,
}

impl Held {
    /// There is no connection to send on. The end of the turn may still be told.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.all = false;
    }
}

/// How many operations are remembered that were stopped: the last ones.
const REMEMBERED: usize = 256;

/// How often an operation is stopped again: some results may have been on their way.
const REPEATS: u8 = 3;

/// The operations that were stopped on this connection, and how often each may be stopped again.
#[derive(Debug, Default)]
pub(super) struct Stopped(VecDeque<(OperationId, u8)>);

impl Stopped {
    fn remember(&mut self, id: OperationId) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back((id, REPEATS));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The server has ended it.
    pub(super) fn forget(&mut self, id: OperationId) {
        self.0.retain(|(stopped, _)| *stopped != id);
    }

    fn is_to_be_stopped_again(&mut self, id: OperationId) -> bool {
        let Some(at) = self.0.iter().position(|(stopped, _)| *stopped == id) else {
            return false;
        };
        let Some((_, repeats)) = self.0.get_mut(at) else {
            return false;
        };
        *repeats -= 1;
        if *repeats == 0 {
            self.0.remove(at);
        }
        true
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Whether an operation is still to show that it does no harm.
fn is_in_test<J, C>(
    operation: &Operation<J, C>,
    lasting: &crate::core::lasting::Lasting<J>,
) -> bool {
    operation.is_live() && !lasting.is_settled || operation.is_waiting() && lasting.is_resuming
}

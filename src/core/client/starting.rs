//! How operations start in the dialects where that takes more than a frame: with credentials of their own, and with an
//! answer of the server's that says that it has them.

use std::rc::Rc;

use super::{Client, Leaving, Thrown};
use crate::core::connection::Started;
use crate::core::error::{Ends, Error};
use crate::core::json::Json;
use crate::core::lasting::Fate;
use crate::core::message::OperationId;
use crate::core::operations::Operation;
use crate::core::output::{AskId, Question};
use crate::core::time::{Instant, Millis};
use crate::core::timer::Timer;

impl<J: Json, C> Client<J, C> {
    /// Sends an operation that the table has as sent, or asks for its credentials first.
    pub(super) fn begin_operation(&mut self, id: OperationId, payload: J) {
        let Some(kind) = self.operations.get(id).map(Operation::operation_type) else {
            return;
        };
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        let is_confirmed = connection.confirmation(kind).is_some();
        let started = connection.start(&mut self.context, id, kind, payload);
        if is_confirmed {
            self.await_start(id);
        }
        match started {
            Started::Sent => {}
            Started::IsThere => self.recv_started(id),
            Started::Asks(request) => {
                let ask = self.ask(Question::Authorise { id, request });
                if let Some(operation) = self.operations.get_mut(id) {
                    operation.set_authorising(Some(ask));
                }
            }
        }
    }

    /// The server has to say that it has the operation, within a time.
    fn await_start(&mut self, id: OperationId) {
        let Some(operation) = self.operations.get_mut(id) else {
            return;
        };
        let longest = self.context.config.subscribe_timeout;
        let deadline = longest.map_or(Instant::NEVER, |longest| self.context.now + longest);
        operation.await_start(deadline);
        if longest.is_some() {
            self.starting.push_back((deadline, id));
            if !self.context.timers.is_set(Timer::Subscribe) {
                self.context.timers.set(Timer::Subscribe, deadline);
            }
        }
    }

    /// The server has said that it has the operation, or a result has shown it.
    pub(super) fn recv_started(&mut self, id: OperationId) {
        let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_live()) else {
            return;
        };
        operation.recv_started();
        self.settle(id, true);
        self.limit_starting();
    }

    /// Sets the timer for the operation that has waited for the longest time: all of them wait equally long.
    fn limit_starting(&mut self) {
        while let Some((deadline, id)) = self.starting.front().copied() {
            if self.is_starting_until(id, deadline) {
                return self.context.timers.set(Timer::Subscribe, deadline);
            }
            self.starting.pop_front();
        }
        self.context.timers.stop(Timer::Subscribe);
    }

    /// The host stood still, which says nothing about the server: each has its time anew.
    pub(super) fn restart_starting(&mut self) {
        if let Some(longest) = self.context.config.subscribe_timeout {
            let deadline = self.context.now + longest;
            for (at, id) in &mut self.starting {
                if let Some(operation) = self.operations.get_mut(*id)
                    && operation.is_starting_until(*at)
                {
                    operation.await_start(deadline);
                    *at = deadline;
                }
            }
            self.limit_starting();
        }
    }

    /// Ends the operations that the server has not confirmed in time.
    pub(super) fn give_up_starting(&mut self) {
        let now = self.context.now;
        while let Some((deadline, id)) = self.starting.front().copied() {
            if deadline > now {
                break;
            }
            self.starting.pop_front();
            if self.is_starting_until(id, deadline) {
                self.give_up_start(id, deadline);
            }
        }
        self.limit_starting();
        self.rest_if_unneeded();
    }

    fn is_starting_until(&self, id: OperationId, deadline: Instant) -> bool {
        let operation = self.operations.get(id);
        operation.is_some_and(|it| it.is_starting_until(deadline))
    }

    fn give_up_start(&mut self, id: OperationId, deadline: Instant) {
        let Some(operation) = self.operations.get(id) else {
            return;
        };
        let (kind, send_stop) = (operation.operation_type(), operation.send_stop());
        let asked = operation.authorising();
        let is_authorised = asked.is_none();
        let after = self.context.config.subscribe_timeout;
        let since = after.map_or(deadline, |after| {
            Instant(deadline.0.saturating_sub(after.0.into()))
        });
        let connection = self.phase.connection();
        let error = Error::SubscribeTimeout {
            // A timer that has fired has one.
            after: after.unwrap_or(Millis(0)),
            missing: connection
                .and_then(|it| it.confirmation(kind))
                .filter(|_| is_authorised),
            last: connection
                .and_then(|it| it.complaint(since))
                .filter(|_| is_authorised),
        };
        self.forget_authorising(asked);
        self.stop_or_forget(id, send_stop);
        self.end_operation(id, Some(Rc::new(error)));
    }

    // ---- credentials --------------------------------------------------------------

    /// Nobody waits for an operation's credentials any more.
    pub(super) fn forget_authorising(&mut self, ask: Option<AskId>) {
        if let Some(ask) = ask {
            self.asked.remove(&ask);
        }
    }

    /// The payload that starts an operation has been made.
    pub(super) fn recv_authorised(
        &mut self,
        id: OperationId,
        answer: Result<Option<J>, Thrown<J>>,
    ) {
        let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_live()) else {
            return;
        };
        operation.set_authorising(None);
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        match answer {
            Ok(Some(payload)) => connection.start_authorised(&mut self.context, id, payload),
            Ok(None) => {}
            Err(Thrown { message, value }) => {
                let error = Error::CredentialsFailed {
                    why: message,
                    cause: Some(value),
                    ends: Ends::Operation,
                };
                self.stop_operation(id);
                self.end_operation(id, Some(Rc::new(error)));
                self.limit_starting();
                self.rest_if_unneeded();
            }
        }
    }

    /// The server has ended an operation with an error. If it does not accept the credentials, a client that can get
    /// others sends it once more with these.
    pub(super) fn recv_failed(&mut self, id: OperationId, error: Rc<Error<J>>, is_denied: bool) {
        self.stopped.forget(id);
        if !(is_denied && self.send_denied_again(id, &error)) {
            self.end_operation(id, Some(error));
            self.limit_starting();
            self.rest_if_unneeded();
        }
    }

    fn send_denied_again(&mut self, id: OperationId, error: &Rc<Error<J>>) -> bool {
        let config = &self.context.config;
        let renews = config
            .client
            .as_ref()
            .is_some_and(|it| it.renews_credentials);
        // What replaces the connection may well be for the credentials: then it goes on there.
        let is_closing = self.phase.leaving() == Some(Leaving::Closing);
        let now = self.context.now;
        let Some(operation) = self.operations.get_mut(id).filter(|it| it.is_live()) else {
            return false;
        };
        let (kind, one_answer) = (operation.operation_type(), operation.one_answer());
        let Some(lasting) = operation.lasting_mut() else {
            return false;
        };
        let is_sent_again = renews
            && !is_closing
            && lasting.fate(kind, one_answer) == Fate::SentAgain
            && lasting.deny(now);
        if is_sent_again {
            self.interrupt(id, error);
            self.limit_waiting();
            self.start_later(id);
            self.rest_if_unneeded();
        }
        is_sent_again
    }
}

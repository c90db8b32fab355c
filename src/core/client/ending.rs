//! How a connection, or an attempt at one, ends: by a failure, by `close` and `reconnect`, or because
//! nothing needs it any more.

use std::rc::Rc;

use super::{Client, Leaving, Next, Phase};
use crate::core::close_code;
use crate::core::error::{Class, Close, Error};
use crate::core::json::Json;
use crate::core::output::{CloseReason, Event, Outcome, Output, Question, Reason};
use crate::core::retry::{Failure, Verdict, blames_an_operation};
use crate::core::time::{Instant, Millis};
use crate::core::timer::Timer;

/// How long an idle connection is kept at least that `connect` was called for.
const LEAST_IDLE: Millis = Millis(1_000);

impl<J: Json, C> Client<J, C> {
    // ---- failures ---------------------------------------------------------------

    pub(super) fn fail_to_open(&mut self, error: Error<J>) {
        // Of a second try that did not get as far as the first, the first tells more.
        let error = self.refused.take().unwrap_or_else(|| Rc::new(error));
        self.fail(error);
    }

    /// The connection, or the attempt at one, has failed.
    pub(super) fn fail(&mut self, error: Rc<Error<J>>) {
        if self.is_client() && self.phase.leaving() != Some(Leaving::Closing) {
            self.lose(error);
        } else {
            self.end(error);
        }
    }

    /// Ends the connection, or the attempt at one, with an error for all who wait.
    fn end(&mut self, error: Rc<Error<J>>) {
        // A client's was closing. If `connect` was called meanwhile, what waits is for the next connection.
        if !self.is_client() {
            self.fail_connects(&error);
        }
        let (sent, terminate) = self.say_farewell(&error);
        let close = error.close().cloned();
        self.tell_ending(close.clone(), sent, &error);
        if self.is_client() {
            self.end_sent_operations(&error);
        } else {
            self.end_operations(&error);
        }
        let by_user = matches!(*error, Error::TransportClosed);
        if !by_user {
            self.context.event(Event::Error(error.clone()));
        }
        let error = (!by_user).then_some(error);
        self.finish(terminate, CloseReason { close, sent, error });
    }

    /// Whoever is told anything of a failure can read how the connection ended.
    fn tell_ending(
        &mut self,
        close: Option<Close>,
        sent: Option<(u16, &'static str)>,
        error: &Rc<Error<J>>,
    ) {
        if !matches!(**error, Error::TransportClosed) {
            let error = Some(error.clone());
            self.context
                .push(Output::Ending(CloseReason { close, sent, error }));
        }
    }

    /// Tells the server why the connection ends. Returns the close code and the reason, if there is a socket to
    /// send them on, and whether to terminate it.
    fn say_farewell(&mut self, error: &Error<J>) -> (Option<(u16, &'static str)>, bool) {
        let farewell = error
            .farewell()
            .filter(|_| self.phase.connection().is_some());
        if let Some((code, reason)) = farewell {
            self.context.push(Output::CloseSocket { code, reason });
        }
        // A server that let a time pass cannot be expected to answer a close.
        (farewell, error.class() == Class::Timeout)
    }

    /// A client's connection, or its attempt at one, has failed: its operations stay.
    fn lose(&mut self, error: Rc<Error<J>>) {
        let (sent, terminate) = self.say_farewell(&error);
        let close = error.close().cloned();
        self.tell_ending(close.clone(), sent, &error);
        self.context.push(Output::DropSocket { terminate });
        let was_ready = self.drop_connection();
        // An attempt made while the host has no network says nothing about the server.
        let counts = was_ready || !self.is_offline();
        let failure = self
            .retry
            .recv_failure(error.clone(), counts, self.context.now);
        self.error = Some(error.clone());
        self.failed = Some(error.to_string());
        self.reason = if was_ready {
            Reason::Lost
        } else {
            Reason::Failed
        };
        if was_ready && self.retry.is_wanted() {
            self.recover(&error, blames_an_operation(&error));
        }
        self.context.event(Event::Error(error.clone()));
        let error = Some(error);
        self.ended = Some(CloseReason { close, sent, error });
        let (asks_verdict, _) = self.retry.asks();
        if asks_verdict && self.is_needed() {
            self.ask(Question::Verdict(Rc::new(failure)));
        } else {
            self.obey(failure.proposed, Rc::new(failure));
        }
    }

    /// Forgets the connection, or the attempt at one. Returns whether it was ready.
    fn drop_connection(&mut self) -> bool {
        let was_ready = self.phase.connection().is_some_and(|it| it.is_ready());
        self.attempt = self.attempt.wrapping_add(1);
        self.context.timers.stop_connection();
        self.refused = None;
        self.asked.clear();
        self.phase = Phase::Waiting(Next::Answer);
        if was_ready {
            self.lost_at = Some(self.context.now);
        }
        was_ready
    }

    /// Does what was decided about a failure.
    pub(super) fn obey(&mut self, verdict: Verdict, failure: Rc<Failure<J>>) {
        if !self.is_needed() {
            let delay = match failure.proposed {
                Verdict::RetryNow => self.retry.spacing(),
                Verdict::Retry | Verdict::Stop => failure.proposed_delay,
            };
            self.not_before = Some(self.context.now + delay);
            self.tell_end(Outcome::Idle);
            return self.go_idle();
        }
        let verdict = self.retry.decide(verdict);
        self.tell_end(Outcome::of(verdict));
        match verdict {
            Verdict::Stop => self.give_up(&failure.error),
            Verdict::RetryNow => {
                if failure.proposed == Verdict::RetryNow {
                    self.reason = Reason::Denied;
                }
                self.wait_until(self.earliest_attempt(), false);
            }
            Verdict::Retry => {
                let (_, asks_delay) = self.retry.asks();
                if asks_delay {
                    self.ask(Question::Delay(failure));
                    self.go(Phase::Waiting(Next::Answer));
                } else {
                    self.delay(failure.proposed_delay);
                }
            }
        }
    }

    pub(super) fn tell_end(&mut self, outcome: Outcome) {
        if let Some(reason) = self.ended.take() {
            // Whoever hears of the end finds what follows it.
            self.context.push(Output::Status);
            self.context.event(Event::Disconnected { reason, outcome });
        }
    }

    /// Every operation ends.
    fn give_up(&mut self, error: &Rc<Error<J>>) {
        self.context.timers.stop_all();
        self.was_ready = false;
        self.go(Phase::Failed);
        self.end_operations(error);
        self.fail_connects(error);
    }

    // ---- delays -----------------------------------------------------------------

    /// Whether the host has no network, as far as that concerns the server.
    pub(super) fn is_offline(&self) -> bool {
        self.network.is_offline && !self.network.is_loopback
    }

    /// The next attempt is made after a delay, or much later while the host has no network.
    pub(super) fn delay(&mut self, delay: Millis) {
        if !self.is_needed() {
            self.not_before = Some(self.context.now + delay);
            return self.go_idle();
        }
        if self.is_offline() {
            let longest = self.retry.max_delay().unwrap_or(delay);
            let delay = Millis(longest.0.saturating_mul(2));
            return self.wait_until(self.context.now + delay, true);
        }
        let until = self.context.now + delay;
        self.wait_until(until.max(self.earliest_attempt()), false);
    }

    /// No two attempts begin within a moment, whatever a user function says.
    fn earliest_attempt(&self) -> Instant {
        self.attempted_at
            .map_or(self.context.now, |at| at + self.retry.spacing())
    }

    pub(super) fn wait_until(&mut self, until: Instant, offline: bool) {
        self.go(Phase::Waiting(Next::Delay { until, offline }));
        if until <= self.context.now {
            return self.begin(self.reason);
        }
        self.context.timers.set(Timer::Retry, until);
    }

    pub(super) fn recv_delay_over(&mut self) {
        if matches!(self.phase, Phase::Waiting(Next::Delay { .. })) {
            self.begin(self.reason);
        }
    }

    // ---- without need --------------------------------------------------------------

    /// Whether something needs a connection.
    pub(super) fn is_needed(&self) -> bool {
        let is_eager = self
            .context
            .config
            .client
            .as_ref()
            .is_some_and(|it| !it.lazy);
        is_eager || !self.operations.all_over() || self.waiting_connects() > 0
    }

    /// To be called when an operation has ended, and whenever else a connection may have become useless.
    pub(super) fn rest_if_unneeded(&mut self) {
        self.leave_when_drained();
        let Some(client) = &self.context.config.client else {
            return;
        };
        let (idle_timeout, keeps_attempts) = (client.idle_timeout, client.keeps_attempts);
        self.test_next_suspect();
        if self.is_needed() {
            return;
        }
        match &self.phase {
            Phase::Preparing { .. } if keeps_attempts => {}
            Phase::Connected { connection, .. } if keeps_attempts && !connection.is_ready() => {}
            Phase::Preparing { .. } | Phase::Connected { leaving: None, .. } => {
                let least = if self.connected_on_request {
                    LEAST_IDLE
                } else {
                    Millis(0)
                };
                match idle_timeout.map(|timeout| timeout.max(least)) {
                    Some(Millis(0)) => self.rest(),
                    timeout => self.context.start_timer(Timer::Idle, timeout),
                }
            }
            &Phase::Waiting(next) => {
                self.not_before = match next {
                    Next::Delay {
                        until,
                        offline: false,
                    } => Some(until),
                    // That is no server's delay.
                    Next::Delay { .. } | Next::Answer | Next::Page => None,
                };
                // What a user function is asked is still answered, and then nothing needs it.
                if next != Next::Answer {
                    self.go_idle();
                }
            }
            Phase::Idle | Phase::Connected { .. } | Phase::Failed | Phase::Closed => {}
        }
    }

    /// Closes a connection that nothing needs.
    pub(super) fn rest(&mut self) {
        if self.is_needed()
            || !matches!(
                self.phase,
                Phase::Preparing { .. } | Phase::Connected { .. }
            )
        {
            return;
        }
        let sent = self.close_and_forget();
        self.ended = Some(CloseReason {
            close: None,
            sent,
            error: None,
        });
        self.tell_end(Outcome::Idle);
        self.go_idle();
    }

    /// Closes the socket, if there is one, without waiting for the server's goodbye. Returns what was sent.
    fn close_and_forget(&mut self) -> Option<(u16, &'static str)> {
        let sent = self.phase.connection_mut().map(|connection| {
            connection.close(&mut self.context);
            (close_code::NORMAL, "")
        });
        self.context.push(Output::DropSocket { terminate: false });
        self.drop_connection();
        self.retry.recv_end();
        sent
    }

    fn go_idle(&mut self) {
        self.context.timers.stop_all();
        self.lost_at = None;
        self.was_ready = false;
        self.go(Phase::Idle);
    }

    // ---- close and reconnect --------------------------------------------------------

    /// Leaves a connection that is ready: waits for what is to finish first.
    pub(super) fn drain(&mut self, why: Leaving) {
        if why == Leaving::Closing && self.held.is_awaited {
            self.end_unsent_subscriptions();
            self.end_turn();
        }
        if let Phase::Connected { leaving, .. } = &mut self.phase {
            *leaving = Some(why);
        }
        self.context.timers.stop(Timer::Idle);
        if self.is_client() {
            self.context.push(Output::Status);
        }
        self.context
            .start_timer(Timer::Drain, self.context.config.close_timeout);
        if why == Leaving::Closing {
            self.stop_subscriptions();
        }
        self.leave_when_drained();
    }

    /// What would be stopped as soon as it was sent is not sent.
    fn end_unsent_subscriptions(&mut self) {
        for id in self.operations.unfinished() {
            let operation = self.operations.get(id);
            if operation.is_some_and(|it| it.is_waiting() && it.send_stop() && !it.ends_soon()) {
                self.end_operation(id, None);
            }
        }
    }

    /// Stops what has no end of its own, and ends what only waits: nobody is to connect for it.
    pub(super) fn stop_subscriptions(&mut self) {
        let closed = Rc::new(Error::TransportClosed);
        self.fail_connects(&closed);
        for id in self.operations.unfinished() {
            let Some(operation) = self.operations.get(id) else {
                continue;
            };
            let ends_soon = operation.ends_soon();
            if operation.is_waiting() || operation.authorising().is_some() {
                // It was not sent.
                self.forget_authorising(operation.authorising());
                self.end_operation(id, ends_soon.then(|| closed.clone()));
            } else if operation.send_stop() && !ends_soon {
                // The specification has no answer to a client's `complete`, so this is the end.
                self.stop_operation(id);
                self.end_operation(id, None);
            }
        }
    }

    fn leave_when_drained(&mut self) {
        let Phase::Connected {
            connection,
            leaving: Some(leaving),
        } = &self.phase
        else {
            return;
        };
        let is_drained = match leaving {
            Leaving::Closing => !self.operations.any_live(),
            Leaving::Replacing => !self.operations.any_ends_soon(),
        };
        if connection.is_ready() && is_drained {
            self.close_socket();
        }
    }

    /// What was waited for has finished, or has had its time.
    pub(super) fn close_socket(&mut self) {
        if self.phase.leaving() == Some(Leaving::Replacing) {
            return self.replace();
        }
        self.end_sent_operations(&Rc::new(Error::TransportClosed));
        if let Some(connection) = self.phase.connection_mut() {
            connection.close(&mut self.context);
        }
    }

    /// `reconnect` was called.
    pub(super) fn replace_connection(&mut self) {
        self.retry.forget();
        match &self.phase {
            Phase::Connected {
                connection,
                leaving: None,
            } if connection.is_ready() => self.drain(Leaving::Replacing),
            Phase::Preparing { .. } | Phase::Connected { leaving: None, .. } => {
                self.close_and_forget();
                self.begin(Reason::Reconnect);
            }
            Phase::Waiting(_) => {
                self.tell_end(Outcome::Retry);
                self.begin(Reason::Reconnect);
            }
            // It begins when what was left is gone.
            Phase::Connected { .. } => {}
            Phase::Idle | Phase::Failed | Phase::Closed => self.connect_if_needed(),
        }
    }

    fn replace(&mut self) {
        self.give_back();
        self.begin(Reason::Reconnect);
    }

    /// Closes a connection whose operations go on with the next one.
    fn give_back(&mut self) {
        let was_ready = self.phase.connection().is_some_and(|it| it.is_ready());
        let sent = self.close_and_forget();
        if was_ready {
            self.lost_at = Some(self.context.now);
            let close = Close {
                code: close_code::NORMAL,
                ..Close::lost()
            };
            let lost = Error::ConnectionLost {
                close,
                cause: None,
                meaning: None,
            };
            self.recover(&Rc::new(lost), false);
        }
        self.ended = Some(CloseReason {
            close: None,
            sent,
            error: None,
        });
        let outcome = if self.is_needed() {
            Outcome::Retry
        } else {
            Outcome::Idle
        };
        self.tell_end(outcome);
    }

    /// The page is left, and may come back: a socket would keep it out of the back/forward cache.
    pub(super) fn suspend(&mut self) {
        if matches!(self.phase, Phase::Waiting(_)) {
            self.tell_end(Outcome::Retry);
            self.asked.clear();
        } else {
            self.give_back();
        }
        self.context.timers.stop(Timer::Retry);
        if self.is_needed() {
            self.go(Phase::Waiting(Next::Page));
        } else {
            self.go_idle();
        }
    }

    /// `close` was called without a connection that is ready.
    pub(super) fn close_at_once(&mut self) {
        let closed = Rc::new(Error::TransportClosed);
        if !self.is_client() {
            return self.end(closed);
        }
        self.fail_connects(&closed);
        let (sent, terminate) = self.say_farewell(&closed);
        for id in self.operations.unfinished() {
            let ends_soon = self.operations.get(id).is_some_and(|it| it.ends_soon());
            self.end_operation(id, ends_soon.then(|| closed.clone()));
        }
        let reason = CloseReason {
            close: None,
            sent,
            error: None,
        };
        self.finish(terminate, reason);
    }

    /// The socket that `close` has closed is gone, or had its time: then it has said nothing.
    pub(super) fn recv_goodbye(&mut self, close: Option<Close>, terminate: bool) {
        let reason = CloseReason {
            // What hosts report for a socket that ended without a word.
            close: close.filter(|close| close.code != close_code::LOST),
            sent: Some((close_code::NORMAL, "")),
            error: None,
        };
        self.finish(terminate, reason);
    }

    fn finish(&mut self, terminate: bool, reason: CloseReason<J>) {
        self.context.timers.stop_all();
        self.refused = None;
        self.asked.clear();
        self.retry.recv_end();
        self.lost_at = None;
        self.was_ready = false;
        let had_socket = matches!(
            self.phase,
            Phase::Preparing { .. } | Phase::Connected { .. }
        );
        if self.is_client() && had_socket {
            self.ended = Some(reason.clone());
        }
        self.go(Phase::Closed);
        self.failed = reason.error.as_ref().map(|error| error.to_string());
        self.context.push(Output::DropSocket { terminate });
        self.tell_end(Outcome::Stop);
        let life = self.life;
        self.context.push(Output::Closed { reason, life });
        // `connect` may have been called while it closed, and operations made after that.
        if self.is_client() && (self.waiting_connects() > 0 || !self.operations.all_over()) {
            self.limit_waiting();
            self.connect_if_needed();
        }
    }
}

//! How a connection is made: from the need of one to the ack.

use std::rc::Rc;

use super::{Client, Next, Phase};
use crate::core::close_code;
use crate::core::connection::Connection;
use crate::core::dialect::Offer;
use crate::core::error::Error;
use crate::core::json::Json;
use crate::core::output::{AttemptInfo, Event, Output, Question, Reason};
use crate::core::time::Millis;
use crate::core::timer::Timer;
use crate::core::trace;

impl<J: Json, C> Client<J, C> {
    /// Something needs a connection: sees to it that there will be one.
    pub(super) fn connect_if_needed(&mut self) {
        self.context.timers.stop(Timer::Idle);
        match self.phase {
            Phase::Idle => {
                if !self.is_client() {
                    self.life = self.life.wrapping_add(1);
                }
                match self.not_before.take() {
                    // The last connection failed while nothing needed it.
                    Some(until) if until > self.context.now => {
                        self.wait_until(until, false);
                        // The delay was no server's, but that of a host without a network.
                        if self.is_offline() {
                            self.attempt_now(self.reason);
                        }
                    }
                    _ => self.begin(Reason::First),
                }
            }
            Phase::Closed => {
                self.life = self.life.wrapping_add(1);
                self.retry.forget();
                self.begin(Reason::First);
            }
            Phase::Failed => {
                self.retry.forget();
                self.begin(Reason::First);
            }
            Phase::Waiting(Next::Delay { offline: true, .. }) => self.attempt_now(self.reason),
            Phase::Preparing { .. } | Phase::Connected { .. } | Phase::Waiting(_) => {}
        }
    }

    /// Begins an attempt to connect.
    pub(super) fn begin(&mut self, reason: Reason) {
        self.refused = None;
        self.failed = None;
        self.not_before = None;
        self.asked.clear();
        self.context.timers.stop(Timer::Retry);
        self.attempts = self.attempts.wrapping_add(1);
        self.attempted_at = Some(self.context.now);
        self.info = Rc::new(AttemptInfo {
            number: self.attempts.wrapping_sub(self.attempts_at_ready),
            reason,
            error: self.error.clone(),
        });
        self.prepare(self.detection.offer());
    }

    /// Asks for what a socket is opened with: anew for each attempt, and for each dialect.
    pub(super) fn prepare(&mut self, offered: Offer) {
        self.attempt = self.attempt.wrapping_add(1);
        self.offered = offered;
        self.url = None;
        self.socket_url = None;
        self.dialect = None;
        self.held.clear();
        self.stopped.clear();
        self.starting.clear();
        self.payloads = Default::default();
        self.context.timers.stop_connection();
        self.go(Phase::Preparing {
            url: None,
            init_payload: None,
        });
        self.context
            .start_timer(Timer::Connect, self.context.config.connect_timeout);
        let retry = self.refused.is_some();
        if self.is_client() && !retry {
            self.context
                .note('=', "attempt ", &trace::attempt(&self.info));
        }
        self.context.event(Event::Connecting {
            retry,
            attempt: self.info.clone(),
        });
        self.ask(Question::Url(self.info.clone()));
        self.ask(Question::InitPayload(self.info.clone()));
        self.rest_if_unneeded();
    }

    /// The URL of the socket is known.
    pub(super) fn prepare_url(&mut self, answer: String) {
        self.socket_url = Some(answer.clone());
        if let Phase::Preparing { url, .. } = &mut self.phase {
            *url = Some(answer);
        }
        self.open_when_prepared();
    }

    pub(super) fn open_when_prepared(&mut self) {
        if let Phase::Preparing {
            url: Some(url),
            init_payload: Some(init_payload),
        } = &mut self.phase
        {
            let (url, init_payload) = (std::mem::take(url), init_payload.take());
            if self.is_client() {
                self.init_payload = init_payload.clone();
            }
            self.open(url, init_payload);
        }
    }

    fn open(&mut self, url: String, init_payload: Option<J>) {
        let connection = Connection::open(
            &mut self.context,
            self.attempt,
            url,
            self.offered,
            init_payload,
        );
        self.phase = Phase::Connected {
            connection,
            leaving: None,
        };
    }

    /// Opens another socket for the same attempt, as the first may hang on an interface that is gone.
    pub(super) fn open_anew(&mut self) {
        let (Some(url), Phase::Connected { .. }) = (self.socket_url.clone(), &self.phase) else {
            return;
        };
        self.give_socket_up();
        self.context.timers.stop_connection();
        self.context
            .start_timer(Timer::Connect, self.context.config.connect_timeout);
        self.attempt = self.attempt.wrapping_add(1);
        let init_payload = self.init_payload.clone();
        self.open(url, init_payload);
        self.rest_if_unneeded();
    }

    /// Closes a socket that may hang: a host cannot be relied on to do so for one that nobody hears any more.
    pub(super) fn give_socket_up(&mut self) {
        if self.phase.connection().is_some() {
            self.context.push(Output::CloseSocket {
                code: close_code::NORMAL,
                reason: "",
            });
        }
        self.context.push(Output::DropSocket { terminate: true });
    }

    pub(super) fn waits_to_connect_for(&self) -> &'static str {
        let is_handshake = |question: &_| matches!(question, Question::Handshake);
        let mut asked = self.asked.values();
        match &self.phase {
            Phase::Preparing { url: None, .. } if asked.any(is_handshake) => {
                "the functions for the credentials did not settle"
            }
            Phase::Preparing {
                url: None,
                init_payload: None,
            } => "the url function and the initPayload function did not settle",
            Phase::Preparing { url: None, .. } => "the url function did not settle",
            Phase::Preparing { .. } => "the initPayload function did not settle",
            _ => "the WebSocket did not open",
        }
    }

    pub(super) fn recv_ack(&mut self, payload: Option<J>, longest_silence: Option<Millis>) {
        self.payloads.connection_ack = payload.clone();
        let Some(connection) = self.phase.connection_mut() else {
            return;
        };
        if !connection.recv_ack(&mut self.context, longest_silence) {
            return;
        }
        let refused = self.refused.take();
        if let Some(spoken) = self.dialect {
            self.detection.recv_ack(spoken, refused.as_deref());
        }
        let reconnected = std::mem::replace(&mut self.was_ready, true);
        if self.is_client() {
            self.retry.recv_ready(self.context.now);
            if self.retry.remembers() {
                self.context
                    .start_timer(Timer::Uptime, self.retry.min_uptime());
            }
            self.attempts_at_ready = self.attempts;
            self.error = None;
            self.lost_at = None;
            self.init_payload = None;
            self.context.push(Output::Status);
        }
        self.connected_on_request = self.waiting_connects() > 0;
        self.abandoned_connects = 0;
        self.settled_connect = self.last_connect;
        self.context.push(Output::Connected {
            payload,
            reconnected,
            up_to: self.last_connect,
        });
        // Not before the listeners have heard of it, who may leave what waits.
        self.start_all_later();
        self.rest_if_unneeded();
    }

    /// How many calls of `connect` wait.
    pub(super) fn waiting_connects(&self) -> u32 {
        let made = self.last_connect.wrapping_sub(self.settled_connect);
        made.saturating_sub(self.abandoned_connects)
    }

    /// Whoever called `connect` is told that it has failed.
    pub(super) fn fail_connects(&mut self, error: &Rc<Error<J>>) {
        if self.last_connect == self.settled_connect {
            return;
        }
        self.abandoned_connects = 0;
        self.settled_connect = self.last_connect;
        self.context.push(Output::ConnectFailed {
            error: error.clone(),
            up_to: self.last_connect,
        });
    }
}

//! What the host's hints, and timers that fire much too late, cause.

use std::rc::Rc;

use super::{Client, Leaving, Next, Phase};
use crate::core::json::Json;
use crate::core::network::{Doing, Hint, Reaction, reaction};
use crate::core::output::{Outcome, Reason};
use crate::core::time::Millis;
use crate::core::timer::Timer;

/// A server that was heard of more recently is not probed because a page can be seen again.
const QUIET: Millis = Millis(5_000);

impl<J: Json, C> Client<J, C> {
    pub(super) fn recv_hint(&mut self, hint: Hint) {
        match hint {
            Hint::Online => self.network.is_offline = false,
            Hint::Offline => self.network.is_offline = true,
            _ => {}
        }
        let doing = match &self.phase {
            Phase::Connected {
                connection,
                leaving,
            } => match leaving {
                Some(Leaving::Closing) => Doing::Else,
                _ if connection.is_ready() => Doing::Ready,
                _ => Doing::Connecting,
            },
            Phase::Preparing { .. } => Doing::Connecting,
            // Nothing but the page's return ends this.
            Phase::Waiting(Next::Page) if !brings_back(hint) => Doing::Else,
            Phase::Waiting(_) => Doing::Waiting,
            Phase::Idle | Phase::Failed | Phase::Closed => Doing::Else,
        };
        let reason = if hint == Hint::Online {
            self.reason
        } else {
            Reason::Wake
        };
        match reaction(hint, doing) {
            Reaction::Nothing => {}
            Reaction::Probe => self.probe(),
            Reaction::ProbeIfQuiet => {
                let silence =
                    |it: &crate::core::connection::Connection<J>| it.silence(&self.context);
                if self.phase.connection().map(silence) >= Some(QUIET) {
                    self.probe();
                }
            }
            Reaction::OpenAnew => {
                if matches!(self.phase, Phase::Connected { .. })
                    && self.network.allows(self.context.now)
                {
                    self.open_anew();
                }
            }
            Reaction::StartOver => {
                if self.network.allows(self.context.now) {
                    self.give_socket_up();
                    self.begin(Reason::Wake);
                }
            }
            Reaction::AttemptNow => self.attempt_now(reason),
            Reaction::GoOffline => self.go_offline(),
            Reaction::Suspend => self.suspend(),
        }
    }

    fn probe(&mut self) {
        let limit = self
            .context
            .config
            .client
            .as_ref()
            .and_then(|it| it.probe_timeout);
        if let Some(connection) = self.phase.connection_mut()
            && let Err(error) = connection.probe(&mut self.context, limit)
        {
            self.fail(Rc::new(error));
        }
    }

    /// Skips the delay, but not more often than once a second.
    pub(super) fn attempt_now(&mut self, reason: Reason) {
        self.reason = reason;
        if self.network.allows(self.context.now) {
            // A user function may not have said yet what to do about it.
            self.tell_end(Outcome::Retry);
            return self.begin(reason);
        }
        let earliest = self.network.not_before().unwrap_or(self.context.now);
        match self.phase {
            Phase::Waiting(Next::Delay { until, .. }) if until <= earliest => {
                self.wait_until(until, false)
            }
            Phase::Waiting(Next::Delay { .. } | Next::Page) => {
                self.network.allow_at(earliest);
                self.wait_until(earliest, false)
            }
            // A user function is about to say when.
            _ => {}
        }
    }

    fn go_offline(&mut self) {
        // A hint that comes again changes nothing.
        let has_delay = matches!(
            self.phase,
            Phase::Waiting(Next::Delay { offline: false, .. })
        );
        if has_delay && self.is_offline() {
            self.delay(Millis(0));
        }
    }

    /// A timer of liveness has fired so late that the host must have slept: that says nothing about the
    /// server.
    pub(super) fn wake(&mut self, timer: Timer) {
        if let Some(connection) = self.phase.connection_mut() {
            connection.restart_timers(&mut self.context);
            if timer == Timer::Ack {
                self.context
                    .start_timer(Timer::Ack, self.context.config.ack_timeout);
            }
        }
        self.restart_starting();
        self.recv_hint(Hint::Wake);
    }
}

fn brings_back(hint: Hint) -> bool {
    matches!(hint, Hint::PageShow | Hint::Visible | Hint::Wake)
}

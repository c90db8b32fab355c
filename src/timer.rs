//! The connection's timers. The driver needs one host timer, for the earliest of them.

use crate::time::Instant;

/// What a deadline stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// When to give up preparing and opening the socket.
    Connect,
    /// When to give up waiting for `connection_ack`.
    Ack,
    /// When to send the next `ping`.
    Ping,
    /// When to give up waiting for a sign of life after a `ping`.
    Pong,
    /// When to give up a server that has been silent.
    KeepAlive,
    /// When to go on without the operations, or without the socket's goodbye, while closing.
    Close,
}

/// The timers that run, each at most once. They are few: a list is the shortest code.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    running: Vec<(Timer, Instant)>,
}

impl Timers {
    pub fn set(&mut self, timer: Timer, deadline: Instant) {
        self.stop(timer);
        self.running.push((timer, deadline));
    }

    pub fn stop(&mut self, timer: Timer) {
        self.running.retain(|(running, _)| *running != timer);
    }

    pub fn stop_all(&mut self) {
        self.running.clear();
    }

    pub fn is_set(&self, timer: Timer) -> bool {
        self.running.iter().any(|(running, _)| *running == timer)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.running.iter().map(|(_, deadline)| *deadline).min()
    }

    /// Takes one timer that has expired, the earliest first.
    pub fn expire(&mut self, now: Instant) -> Option<Timer> {
        let (timer, _) = *self
            .running
            .iter()
            .filter(|(_, deadline)| *deadline <= now)
            .min_by_key(|(_, deadline)| *deadline)?;
        self.stop(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_timers_that_have_expired_the_earliest_comes_first() {
        let mut timers = Timers::default();
        timers.set(Timer::KeepAlive, Instant(30));
        timers.set(Timer::Pong, Instant(20));
        timers.set(Timer::Ping, Instant(40));
        assert_eq!(timers.next_deadline(), Some(Instant(20)));
        assert_eq!(timers.expire(Instant(19)), None);
        assert_eq!(timers.expire(Instant(30)), Some(Timer::Pong));
        assert_eq!(timers.expire(Instant(30)), Some(Timer::KeepAlive));
        assert_eq!(timers.expire(Instant(30)), None);
        timers.set(Timer::Ping, Instant(50));
        assert_eq!(timers.expire(Instant(40)), None, "set anew");
    }
}

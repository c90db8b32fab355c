//! The connection's timers. The driver needs one host timer, for the earliest of them.

use super::time::Instant;

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
    /// When to go on without the operations, while closing.
    Drain,
    /// When to stop waiting for the closing handshake.
    Goodbye,
}

/// How many there are.
const COUNT: usize = Timer::Goodbye as usize + 1;

/// Stands for a timer that does not run.
const NEVER: Instant = Instant(u64::MAX);

/// The timers that run, each at most once.
#[derive(Clone, Debug)]
pub struct Timers {
    deadlines: [Instant; COUNT],
}

impl Default for Timers {
    fn default() -> Self {
        Timers {
            deadlines: [NEVER; COUNT],
        }
    }
}

impl Timers {
    pub fn set(&mut self, timer: Timer, deadline: Instant) {
        if let Some(place) = self.deadlines.get_mut(timer as usize) {
            *place = deadline;
        }
    }

    pub fn stop(&mut self, timer: Timer) {
        self.set(timer, NEVER);
    }

    pub fn stop_all(&mut self) {
        *self = Self::default();
    }

    pub fn is_set(&self, timer: Timer) -> bool {
        self.deadlines.get(timer as usize) != Some(&NEVER)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let deadline = self.deadlines.iter().copied().min();
        deadline.filter(|deadline| *deadline != NEVER)
    }

    /// Takes one timer that has expired, the earliest first.
    pub fn expire(&mut self, now: Instant) -> Option<Timer> {
        let deadline = self.next_deadline().filter(|deadline| *deadline <= now)?;
        let timer = ALL.get(self.deadlines.iter().position(|set| *set == deadline)?)?;
        self.stop(*timer);
        Some(*timer)
    }
}

/// In the order of their numbers.
const ALL: [Timer; COUNT] = [
    Timer::Connect,
    Timer::Ack,
    Timer::Ping,
    Timer::Pong,
    Timer::KeepAlive,
    Timer::Drain,
    Timer::Goodbye,
];

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

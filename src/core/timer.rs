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
    /// When to give up waiting for a sign of life after a probe.
    Probe,
    /// When to give up a subscription that the server does not confirm.
    Subscribe,
    /// When operations that were sent count as accepted, if the server is heard of again.
    Settle,
    /// When a connection has been ready for so long that failures are forgotten.
    Uptime,
    /// When to close a connection that nobody needs.
    Idle,
    /// When to begin the next attempt to connect.
    Retry,
    /// When an operation has waited to be sent for too long.
    Wait,
}

/// How many there are.
const COUNT: usize = Timer::Wait as usize + 1;

/// Stands for a timer that does not run.
const NEVER: Instant = Instant::NEVER;

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

    /// Stops those of a connection, which is over.
    pub fn stop_connection(&mut self) {
        let kept = LASTING.map(|timer| (timer, self.deadline(timer)));
        self.stop_all();
        for (timer, deadline) in kept {
            self.set(timer, deadline);
        }
    }

    /// When a timer expires; the end of time if it does not run.
    pub fn deadline(&self, timer: Timer) -> Instant {
        self.deadlines.get(timer as usize).copied().unwrap_or(NEVER)
    }

    pub fn is_set(&self, timer: Timer) -> bool {
        self.deadline(timer) != NEVER
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let deadline = self.deadlines.iter().copied().min();
        deadline.filter(|deadline| *deadline != NEVER)
    }

    /// Takes one timer that has expired, the earliest first, with its deadline.
    pub fn expire(&mut self, now: Instant) -> Option<(Timer, Instant)> {
        let deadline = self.next_deadline().filter(|deadline| *deadline <= now)?;
        let timer = ALL.get(self.deadlines.iter().position(|set| *set == deadline)?)?;
        self.stop(*timer);
        Some((*timer, deadline))
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
    Timer::Probe,
    Timer::Subscribe,
    Timer::Settle,
    Timer::Uptime,
    Timer::Idle,
    Timer::Retry,
    Timer::Wait,
];

/// Those that outlive a connection.
const LASTING: [Timer; 2] = [Timer::Retry, Timer::Wait];

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
        let mut expire = |now| timers.expire(Instant(now));
        assert_eq!(expire(30), Some((Timer::Pong, Instant(20))));
        assert_eq!(expire(30), Some((Timer::KeepAlive, Instant(30))));
        assert_eq!(expire(30), None);
        timers.set(Timer::Ping, Instant(50));
        assert_eq!(timers.expire(Instant(40)), None, "set anew");
    }
}

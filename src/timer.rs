//! The connection's timers. The driver needs one host timer, for the earliest of them.

use crate::time::Instant;

/// What a deadline stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// When to give up preparing and opening the socket.
    Connect = 0,
    /// When to give up waiting for `connection_ack`.
    Ack = 1,
    /// When to send the next `ping`.
    Ping = 2,
    /// When to give up waiting for a sign of life after a `ping`.
    Pong = 3,
    /// When to give up a server that has been silent.
    KeepAlive = 4,
    /// When to go on without the operations, or without the socket's goodbye, while closing.
    Close = 5,
}

const ALL: [Timer; 6] = [
    Timer::Connect,
    Timer::Ack,
    Timer::Ping,
    Timer::Pong,
    Timer::KeepAlive,
    Timer::Close,
];

/// The deadline of each timer that runs.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    deadlines: [Option<Instant>; ALL.len()],
}

impl Timers {
    pub fn set(&mut self, timer: Timer, deadline: Instant) {
        self.deadlines[timer as usize] = Some(deadline);
    }

    pub fn stop(&mut self, timer: Timer) {
        self.deadlines[timer as usize] = None;
    }

    pub fn stop_all(&mut self) {
        *self = Timers::default();
    }

    pub fn is_set(&self, timer: Timer) -> bool {
        self.deadlines[timer as usize].is_some()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.iter().flatten().min().copied()
    }

    /// Takes one timer that has expired, the earliest first.
    pub fn expire(&mut self, now: Instant) -> Option<Timer> {
        let (deadline, timer) = ALL
            .into_iter()
            .filter_map(|timer| Some((self.deadlines[timer as usize]?, timer)))
            .min_by_key(|(deadline, _)| *deadline)?;
        if deadline > now {
            return None;
        }
        self.stop(timer);
        Some(timer)
    }
}

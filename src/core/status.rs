//! What a user interface shows of a client.

use std::rc::Rc;

use super::error::Error;
use super::time::Instant;

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientState {
    /// There is no connection, and none is needed.
    Idle,
    Connecting,
    Ready,
    /// For the next attempt to connect.
    Waiting,
    /// The host says that it has no network: attempts are rare.
    Offline,
    /// It has given up; the next operation begins anew.
    Failed,
    Closing,
    Closed,
}

impl ClientState {
    /// As the npm package has it.
    #[doc(hidden)]
    pub fn name(self) -> &'static str {
        match self {
            ClientState::Idle => "idle",
            ClientState::Connecting => "connecting",
            ClientState::Ready => "ready",
            ClientState::Waiting => "waiting",
            ClientState::Offline => "offline",
            ClientState::Failed => "failed",
            ClientState::Closing => "closing",
            ClientState::Closed => "closed",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Status<J> {
    pub state: ClientState,
    /// Whether a connection was ready before, and is to be again.
    pub reconnecting: bool,
    /// When the state began.
    pub since: Instant,
    /// When the next attempt begins, while waiting; `None` if nobody can say yet.
    pub next_attempt: Option<Instant>,
    /// Since when there is no connection; `None` while there is one, and if none is needed.
    pub lost_at: Option<Instant>,
    /// In a row.
    pub failures: u32,
    /// What ended the last connection or attempt; `None` once ready.
    pub error: Option<Rc<Error<J>>>,
}

impl<J> Status<J> {
    /// Whether nothing that a user can see differs.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same_error = match (&self.error, &other.error) {
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        same_error
            && self.state == other.state
            && self.reconnecting == other.reconnecting
            && self.since == other.since
            && self.next_attempt == other.next_attempt
            && self.lost_at == other.lost_at
            && self.failures == other.failures
    }
}

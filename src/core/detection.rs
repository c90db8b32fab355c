//! Which dialect a server speaks, as far as its choice of a subprotocol does not tell: some take whatever is
//! offered first, and hang up when they are spoken to.
//!
//! A server that hangs up before the ack with a code that says so cannot speak the dialect. One that hangs up
//! without a word (1006) may as well have fallen over. In both cases the other dialect is tried at once; what
//! is remembered for later connections differs.

use super::close_code;
use super::dialect::{Dialect, Offer};
use super::error::{Close, Error};

/// How often in a row a server has to fall over in the preferred dialect, and to acknowledge in the other, before
/// that is no accident.
const ACCIDENTS: u8 = 2;

pub(super) struct Detection {
    /// The user's.
    preferred: Offer,
    /// The dialect that the server was found to speak instead.
    found: Option<Dialect>,
    /// Whether the server has ever acknowledged in the dialect that the user prefers.
    has_worked: bool,
    accidents: u8,
}

impl Detection {
    pub(super) fn new(preferred: Offer) -> Self {
        Detection {
            preferred,
            found: None,
            has_worked: false,
            accidents: 0,
        }
    }

    /// What to offer to the server.
    pub(super) fn offer(&self) -> Offer {
        self.found.map_or(self.preferred, Dialect::first)
    }

    /// The server has acknowledged. `refused`: how it ended the connection before, in the other dialect.
    pub(super) fn recv_ack<J>(&mut self, spoken: Dialect, refused: Option<&Error<J>>) {
        if self.preferred.first() == Some(&spoken) {
            self.has_worked = true;
            self.found = None;
            self.accidents = 0;
        } else if let Some(close) = refused.and_then(Error::close)
            && !self.has_worked
        {
            self.accidents = self.accidents.saturating_add(1);
            if cannot_speak(close) || self.accidents >= ACCIDENTS {
                self.found = Some(spoken);
            }
        }
    }
}

/// Whether a close before the ack may be because of the dialect.
pub(super) fn may_blame_dialect(close: &Close) -> bool {
    cannot_speak(close) || close.code == close_code::LOST
}

/// Whether a close before the ack says that the server cannot speak the dialect.
pub(super) fn cannot_speak(close: &Close) -> bool {
    matches!(
        close.code,
        close_code::PROTOCOL_ERROR | close_code::SUBPROTOCOL_NOT_ACCEPTABLE
    )
}

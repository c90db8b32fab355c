//! What the host tells of its network and of its page, and what follows: one table, [`reaction`].

use super::time::{Instant, Millis};
use super::trace::without_secrets;

/// A hint of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    Online,
    Offline,
    /// The page can be seen again, was thawed, or comes back from the back/forward cache.
    Visible,
    Hidden,
    /// The host slept.
    Wake,
    /// The page is left, and may be kept in the back/forward cache.
    PageHide,
    /// It is there again.
    PageShow,
}

impl Hint {
    /// All of them, with their names.
    pub const ALL: [(Hint, &'static str); 7] = [
        (Hint::Online, "online"),
        (Hint::Offline, "offline"),
        (Hint::Visible, "visible"),
        (Hint::Hidden, "hidden"),
        (Hint::Wake, "wake"),
        (Hint::PageHide, "pagehide"),
        (Hint::PageShow, "pageshow"),
    ];

    pub fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(hint, _)| *hint == self);
        named.map_or("", |(_, name)| name)
    }

    pub fn of_name(name: &str) -> Option<Self> {
        let hint = Self::ALL.iter().find(|(_, known)| *known == name)?;
        Some(hint.0)
    }
}

/// What a client is doing, as far as a hint is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Ready,
    Connecting,
    /// Waits for the next attempt, also while offline.
    Waiting,
    /// Nothing that a hint could change.
    Else,
}

/// What follows from a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Nothing,
    /// Finds out whether the server still answers.
    Probe,
    /// The same, if nothing was heard for a while.
    ProbeIfQuiet,
    /// Opens another socket for the same attempt: the first may hang on an interface that is gone.
    OpenAnew,
    /// Begins the attempt anew: what it was made with may be old.
    StartOver,
    /// Skips the delay.
    AttemptNow,
    /// Attempts become rare.
    GoOffline,
    /// Closes the socket, and waits for the page to come back.
    Suspend,
}

/// The table.
pub fn reaction(hint: Hint, doing: Doing) -> Reaction {
    use Doing::*;
    use Reaction::*;
    match (hint, doing) {
        (_, Else) => Nothing,
        // To drop the connection would be wrong: a server on this machine needs no network.
        (Hint::Online | Hint::Offline, Ready) => Probe,
        (Hint::Online, Connecting) => OpenAnew,
        (Hint::Wake, Connecting) => StartOver,
        (Hint::Online | Hint::Visible | Hint::PageShow | Hint::Wake, Waiting) => AttemptNow,
        (Hint::Offline, Waiting) => GoOffline,
        (Hint::Visible | Hint::PageShow | Hint::Wake, Ready) => ProbeIfQuiet,
        (Hint::PageHide, Ready | Connecting | Waiting) => Suspend,
        (Hint::Offline | Hint::Visible | Hint::PageShow, Connecting) => Nothing,
        // A tab that is hidden goes on: its title may count messages.
        (Hint::Hidden, _) => Nothing,
    }
}

/// The shortest time between two attempts, or two new sockets, that hints cause.
const PATIENCE: Millis = Millis(1_000);

/// What is remembered of the hints.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) is_offline: bool,
    /// Whether the server is on this machine, as far as is known.
    pub(super) is_loopback: bool,
    /// When a hint last caused an attempt, or a new socket.
    last: Option<Instant>,
}

impl Network {
    /// When a hint may cause an attempt again.
    pub(super) fn not_before(&self) -> Option<Instant> {
        self.last.map(|last| last + PATIENCE)
    }

    /// A hint causes an attempt later, which is remembered as well.
    pub(super) fn allow_at(&mut self, at: Instant) {
        self.last = Some(at);
    }

    /// Whether a hint may cause an attempt now, which is then remembered.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let allowed = self.not_before().is_none_or(|earliest| earliest <= now);
        if allowed {
            self.last = Some(now);
        }
        allowed
    }
}

/// Whether a WebSocket URL is of this machine, which the host's network does not concern.
pub(super) fn is_loopback(url: &str) -> bool {
    let url = without_secrets(url);
    let host = url.strip_prefix("wss://").or(url.strip_prefix("ws://"));
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        let rest = host.and_then(|host| host.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts_are_told_from_others() {
        for url in [
            "ws://localhost:4000/graphql",
            "ws://127.0.0.1/graphql",
            "ws://[::1]:4000/graphql",
            "ws://user:secret@localhost/",
            "wss://localhost?a=b",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "wss://example.com/localhost",
            "wss://localhost.example.com",
            "wss://127.0.0.1@example.com/",
            "ws://[2001:db8::1]:4000/",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}

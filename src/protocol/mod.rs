//! The dialects of GraphQL over WebSocket. They differ in words more than in form: each is a table of
//! words, one file each, and `frame.rs` has the form.

mod frame;
mod graphql_transport_ws;
mod graphql_ws;

pub use frame::Received;

/// The dialects, each named by its WebSocket subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Spoken by new servers; npm `graphql-ws`.
    GraphqlTransportWs,
    /// Spoken by older ones; npm `subscriptions-transport-ws`.
    GraphqlWs,
}

/// The messages, whatever a dialect calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    ConnectionInit,
    ConnectionAck,
    ConnectionError,
    ConnectionTerminate,
    KeepAlive,
    Ping,
    Pong,
    Subscribe,
    Next,
    Error,
    Complete,
}

/// What a dialect calls its messages.
struct Words {
    subprotocol: &'static str,
    /// Those that we send.
    sent: &'static [(Message, &'static str)],
    /// Those that servers send.
    received: &'static [(Message, &'static str)],
    /// The names of those that servers should send, for error messages.
    expected: &'static str,
    /// Whether `complete` can be relied on behind the answer to a query or a mutation.
    completes_answers: bool,
}

impl Words {
    fn sent(&self, message: Message) -> Option<&'static str> {
        word(self.sent, message)
    }
}

fn word(words: &[(Message, &'static str)], message: Message) -> Option<&'static str> {
    let (_, word) = words.iter().find(|(known, _)| *known == message)?;
    Some(word)
}

/// Dialects in order of preference, each once: at least one.
pub type Offer = &'static [Dialect];

impl Dialect {
    /// All of them, in order of preference.
    pub const ALL: Offer = &[Dialect::GraphqlTransportWs, Dialect::GraphqlWs];

    /// All of them, this one first.
    pub fn first(self) -> Offer {
        match self {
            Dialect::GraphqlTransportWs => Self::ALL,
            Dialect::GraphqlWs => &[Dialect::GraphqlWs, Dialect::GraphqlTransportWs],
        }
    }

    /// This one and no other.
    pub fn only(self) -> Offer {
        match self {
            Dialect::GraphqlTransportWs => &[Dialect::GraphqlTransportWs],
            Dialect::GraphqlWs => &[Dialect::GraphqlWs],
        }
    }

    fn words(self) -> &'static Words {
        match self {
            Dialect::GraphqlTransportWs => &graphql_transport_ws::WORDS,
            Dialect::GraphqlWs => &graphql_ws::WORDS,
        }
    }

    /// The subprotocol.
    pub fn name(self) -> &'static str {
        self.words().subprotocol
    }

    /// The dialect of a subprotocol.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|dialect| dialect.name() == name)
    }

    /// The dialect that a server's choice among `offered` stands for: `None` if it picked
    /// something else. A server that picks nothing is taken for an old one if that was offered, as
    /// the model does.
    pub fn chosen(subprotocol: &str, offered: Offer) -> Option<Self> {
        if !subprotocol.is_empty() {
            return Self::named(subprotocol).filter(|dialect| offered.contains(dialect));
        }
        if offered.contains(&Dialect::GraphqlWs) {
            return Some(Dialect::GraphqlWs);
        }
        offered.first().copied()
    }

    /// The `type` of a frame `{ id, type, payload }` that carries a result and nothing else. It
    /// lets the driver hand such frames to [`Connection::recv_result`] without decoding them here.
    ///
    /// [`Connection::recv_result`]: crate::connection::Connection::recv_result
    pub fn result_type(self) -> &'static str {
        word(self.words().received, Message::Next).unwrap_or_default()
    }

    /// Whether client and server can `ping` each other.
    pub fn has_ping(self) -> bool {
        self.words().sent(Message::Ping).is_some()
    }

    /// Whether `complete` can be relied on behind the answer to a query or a mutation.
    pub fn completes_answers(self) -> bool {
        self.words().completes_answers
    }
}

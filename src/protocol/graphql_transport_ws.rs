//! The dialect `graphql-transport-ws`: the [GraphQL over WebSocket Protocol] of the npm package
//! `graphql-ws`, the one that new servers speak.
//!
//! [GraphQL over WebSocket Protocol]: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md

use super::{Message, Words};

pub(super) static WORDS: Words = Words {
    subprotocol: "graphql-transport-ws",
    sent: &[
        (Message::ConnectionInit, "connection_init"),
        (Message::Ping, "ping"),
        (Message::Pong, "pong"),
        (Message::Subscribe, "subscribe"),
        (Message::Complete, "complete"),
    ],
    received: &[
        (Message::ConnectionAck, "connection_ack"),
        (Message::Ping, "ping"),
        (Message::Pong, "pong"),
        (Message::Next, "next"),
        (Message::Error, "error"),
        (Message::Complete, "complete"),
        // Not of this dialect, but servers that speak both send it in both.
        (Message::ConnectionError, "connection_error"),
    ],
    expected: "connection_ack, ping, pong, next, error or complete",
    completes_answers: true,
};

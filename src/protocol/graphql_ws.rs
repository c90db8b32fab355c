//! The dialect `graphql-ws`: the [protocol] of the npm package `subscriptions-transport-ws`, which
//! older servers speak. (The npm package called `graphql-ws` speaks the other one.)
//!
//! [protocol]: https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md

use super::{Message, Words};

pub(super) static WORDS: Words = Words {
    subprotocol: "graphql-ws",
    sent: &[
        (Message::ConnectionInit, "connection_init"),
        (Message::Subscribe, "start"),
        (Message::Complete, "stop"),
        (Message::ConnectionTerminate, "connection_terminate"),
    ],
    received: &[
        (Message::ConnectionAck, "connection_ack"),
        (Message::ConnectionError, "connection_error"),
        (Message::KeepAlive, "ka"),
        (Message::Next, "data"),
        (Message::Error, "error"),
        (Message::Complete, "complete"),
    ],
    expected: "connection_ack, connection_error, ka, data, error or complete",
    completes_answers: false,
};

//! WebSocket close codes that have a meaning here, in one table.

/// Sent by us when `close()` has done its work.
pub const NORMAL: u16 = 1000;
/// Sent by servers that took a subprotocol which they cannot speak.
pub const PROTOCOL_ERROR: u16 = 1002;
/// Told by the host of a socket that ended without a word.
pub const LOST: u16 = 1006;
/// Sent by us, and by servers, for a message that the dialect does not know.
/// Specification: "Invalid message".
pub const BAD_REQUEST: u16 = 4400;
/// Sent by servers that were offered no subprotocol which they speak.
pub const SUBPROTOCOL_NOT_ACCEPTABLE: u16 = 4406;
/// Sent by us when the server was silent for too long; the code that the npm package
/// `graphql-ws` uses to give a connection up.
pub const TERMINATED: u16 = 4499;
/// Sent by us when no `connection_ack` came in time; the code that the npm package
/// `graphql-ws` uses for it.
pub const ACK_TIMEOUT: u16 = 4504;

/// What close codes mean, for error messages.
const MEANINGS: &[(u16, &str)] = &[
    // RFC 6455, section 7.4.1, and the registry it set up.
    (NORMAL, "normal closure"),
    (1001, "the server is going away"),
    (PROTOCOL_ERROR, "WebSocket protocol error"),
    (1003, "unsupported data"),
    (1005, "no close code was sent"),
    (LOST, "the connection was lost"),
    (1007, "invalid data"),
    (1008, "policy violation"),
    (1009, "message too big"),
    (1010, "an extension is missing"),
    (1011, "internal server error"),
    (1012, "the server restarts"),
    (1013, "try again later"),
    (1014, "bad gateway"),
    (1015, "TLS failure"),
    // GraphQL over WebSocket Protocol; the npm package `graphql-ws`, enum `CloseCode`.
    (BAD_REQUEST, "bad request"),
    (4401, "unauthorized"),
    (4403, "forbidden"),
    (SUBPROTOCOL_NOT_ACCEPTABLE, "subprotocol not acceptable"),
    (4408, "connection initialisation timeout"),
    (4409, "subscriber already exists"),
    (4429, "too many initialisation requests"),
    (TERMINATED, "terminated"),
    (4500, "internal server error"),
    (ACK_TIMEOUT, "connection acknowledgement timeout"),
];

/// What a close code means, for error messages.
pub fn meaning(code: u16) -> Option<&'static str> {
    let (_, meaning) = MEANINGS.iter().find(|(known, _)| *known == code)?;
    Some(meaning)
}

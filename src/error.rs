//! Everything that can go wrong, as the core tells it. The exports turn each into an `Error`
//! subclass of the host.

use std::fmt;

use crate::close_code;
use crate::json::{Json, Kind};
use crate::message::OperationId;
use crate::time::Millis;

/// Which class of error it is: the model's exceptions, one for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Closed,
    Protocol,
    Query,
    Server,
    ConnectionFailed,
    AlreadyConnected,
    Timeout,
}

/// What an error ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: it is only told.
    Nothing,
    /// One operation or one call; the connection goes on.
    Operation,
    /// The connection, and with it every operation on it.
    Connection,
}

impl Scope {
    /// The text of the `ends` property.
    pub fn text(self) -> &'static str {
        match self {
            Scope::Nothing => "nothing",
            Scope::Operation => "operation",
            Scope::Connection => "connection",
        }
    }
}

/// What exactly went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    NotConnected,
    TransportClosed,
    AlreadyConnected,
    NotJson,
    BinaryFrame,
    InvalidMessage,
    UnknownMessageType,
    UnexpectedMessage,
    WrongSubprotocol,
    QueryError,
    NoAnswer,
    ConnectionError,
    ServerError,
    NoPing,
    WrongResult,
    InvalidRequest,
    UrlFailed,
    InitPayloadFailed,
    SocketFailed,
    ConnectionRefused,
    HandshakeRefused,
    ConnectionLost,
    ConnectTimeout,
    AckTimeout,
    PongTimeout,
    KeepAliveTimeout,
}

impl Code {
    /// The text of the `code` property.
    pub fn text(self) -> &'static str {
        self.row().0
    }

    pub fn class(self) -> Class {
        self.row().1
    }

    pub fn scope(self) -> Scope {
        self.row().2
    }

    fn row(self) -> (&'static str, Class, Scope) {
        use Class::*;
        use Scope::*;
        match self {
            Code::NotConnected => ("NOT_CONNECTED", Closed, Operation),
            Code::TransportClosed => ("TRANSPORT_CLOSED", Closed, Connection),
            Code::AlreadyConnected => ("ALREADY_CONNECTED", AlreadyConnected, Operation),
            Code::NotJson => ("NOT_JSON", Protocol, Connection),
            Code::BinaryFrame => ("BINARY_FRAME", Protocol, Connection),
            Code::InvalidMessage => ("INVALID_MESSAGE", Protocol, Connection),
            Code::UnknownMessageType => ("UNKNOWN_MESSAGE_TYPE", Protocol, Connection),
            Code::UnexpectedMessage => ("UNEXPECTED_MESSAGE", Protocol, Connection),
            Code::WrongSubprotocol => ("WRONG_SUBPROTOCOL", Protocol, Connection),
            Code::QueryError => ("QUERY_ERROR", Query, Operation),
            Code::NoAnswer => ("NO_ANSWER", Query, Operation),
            Code::ConnectionError => ("CONNECTION_ERROR", Server, Connection),
            Code::ServerError => ("SERVER_ERROR", Server, Nothing),
            Code::NoPing => ("NO_PING", Protocol, Operation),
            Code::WrongResult => ("WRONG_RESULT", Query, Nothing),
            Code::InvalidRequest => ("INVALID_REQUEST", Query, Operation),
            Code::UrlFailed => ("URL_FAILED", ConnectionFailed, Connection),
            Code::InitPayloadFailed => ("INIT_PAYLOAD_FAILED", ConnectionFailed, Connection),
            Code::SocketFailed => ("SOCKET_FAILED", ConnectionFailed, Connection),
            Code::ConnectionRefused => ("CONNECTION_REFUSED", ConnectionFailed, Connection),
            Code::HandshakeRefused => ("HANDSHAKE_REFUSED", ConnectionFailed, Connection),
            Code::ConnectionLost => ("CONNECTION_LOST", ConnectionFailed, Connection),
            Code::ConnectTimeout => ("CONNECT_TIMEOUT", Timeout, Connection),
            Code::AckTimeout => ("ACK_TIMEOUT", Timeout, Connection),
            Code::PongTimeout => ("PONG_TIMEOUT", Timeout, Connection),
            Code::KeepAliveTimeout => ("KEEP_ALIVE_TIMEOUT", Timeout, Connection),
        }
    }
}

/// How a socket ended, in the terms of the host's close event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: String,
    pub was_clean: bool,
}

impl Close {
    /// As hosts tell of a socket that ended without a word.
    pub fn lost() -> Self {
        Close {
            code: 1006,
            reason: String::new(),
            was_clean: false,
        }
    }

    /// The close code, what it means, and the server's reason, for error messages.
    fn described(&self) -> String {
        let code = self.code.to_string();
        let meaning = close_code::meaning(self.code).unwrap_or("unknown to this package");
        let mut text = ["close code ", &code, " (", meaning, ")"].concat();
        if !self.reason.is_empty() {
            text = [&text, ", reason: ", &excerpt(&self.reason)].concat();
        }
        text
    }
}

/// What some classes of errors carry beside the message.
#[derive(Clone, Debug)]
pub enum Detail<J> {
    None,
    /// [`Class::ConnectionFailed`], where the socket said how it ended.
    Close(Close),
    /// [`Class::Query`]: the operation and the payload of the server's `error`.
    Query {
        operation_id: OperationId,
        payload: Option<J>,
    },
    /// [`Class::Timeout`]: the option that sets it, and its value.
    Timeout {
        option: &'static str,
        after: Millis,
    },
}

/// An error of the transport.
#[derive(Clone, Debug)]
pub struct Error<J> {
    pub code: Code,
    pub message: String,
    /// What a function of the user threw, or what the host said.
    pub cause: Option<J>,
    pub detail: Detail<J>,
}

impl<J: Json> Error<J> {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Error {
            code,
            message: message.into(),
            cause: None,
            detail: Detail::None,
        }
    }

    fn closed(mut self, close: Close) -> Self {
        self.detail = Detail::Close(close);
        self
    }

    fn because(mut self, cause: J) -> Self {
        self.cause = Some(cause);
        self
    }

    /// `why` the last connection ended, if it failed.
    pub fn not_connected(why: Option<&str>) -> Self {
        let message = match why {
            None => "the transport is not connected: await connect() first".to_owned(),
            Some(why) => [
                "the transport is not connected any more: await connect() to go on. The last time: ",
                why,
            ]
            .concat(),
        };
        Self::new(Code::NotConnected, message)
    }

    pub fn transport_closed() -> Self {
        Self::new(Code::TransportClosed, "the transport was closed by close()")
    }

    pub fn already_connected() -> Self {
        Self::new(
            Code::AlreadyConnected,
            "the transport is connected, connecting or closing already: await close() before the next connect()",
        )
    }

    pub fn not_json(frame: &str) -> Self {
        let received = excerpt(frame);
        Self::new(
            Code::NotJson,
            [
                "expected a message in JSON from the server, received: ",
                &received,
            ]
            .concat(),
        )
    }

    pub fn binary_frame() -> Self {
        Self::new(
            Code::BinaryFrame,
            "expected a text message from the server, received a binary one",
        )
    }

    pub fn invalid_message(expected: &str, received: &str, unknown_type: bool) -> Self {
        let (code, what) = if unknown_type {
            (Code::UnknownMessageType, "expected a message of type ")
        } else {
            (Code::InvalidMessage, "expected from the server ")
        };
        Self::new(code, [what, expected, ", received ", received].concat())
    }

    pub fn unexpected_message(name: &str) -> Self {
        Self::new(
            Code::UnexpectedMessage,
            [
                "expected `connection_ack` from the server, received `",
                name,
                "`",
            ]
            .concat(),
        )
    }

    pub fn wrong_subprotocol(offered: &[&str], received: &str) -> Self {
        Self::new(
            Code::WrongSubprotocol,
            [
                "offered the subprotocol ",
                &offered.join(", "),
                ", the server picked `",
                &excerpt(received),
                "`: it does not speak GraphQL over WebSocket in a dialect that this package knows",
            ]
            .concat(),
        )
    }

    /// The server's `error`, which ends one operation.
    pub fn query(operation_id: OperationId, payload: Option<J>) -> Self {
        let said = payload.as_ref().and_then(|payload| said(payload));
        let said = said.as_deref().unwrap_or("it did not say why");
        Error {
            detail: Detail::Query {
                operation_id,
                payload,
            },
            ..Self::new(
                Code::QueryError,
                ["the server ended the operation with an error: ", said].concat(),
            )
        }
    }

    /// The server's `complete` for an operation of which one answer was wanted, and none came.
    pub fn no_answer(operation_id: OperationId) -> Self {
        Error {
            detail: Detail::Query {
                operation_id,
                payload: None,
            },
            ..Self::new(
                Code::NoAnswer,
                "the server completed the operation without an answer",
            )
        }
    }

    /// The server's `connection_error` before the ack.
    pub fn connection_error(payload: Option<J>) -> Self {
        Self::server(
            Code::ConnectionError,
            "the server refused the connection: ",
            payload,
        )
    }

    /// The server's `connection_error`, or `error` without an operation, after the ack.
    pub fn server_error(payload: Option<J>) -> Self {
        Self::server(
            Code::ServerError,
            "the server tells of an error that is no operation's: ",
            payload,
        )
    }

    fn server(code: Code, what: &str, payload: Option<J>) -> Self {
        let said = payload.as_ref().and_then(|payload| said(payload));
        let said = said.as_deref().unwrap_or("it did not say why");
        let error = Self::new(code, [what, said].concat());
        match payload {
            Some(payload) => error.because(payload),
            None => error,
        }
    }

    pub fn no_ping() -> Self {
        Self::new(
            Code::NoPing,
            "this server speaks the dialect graphql-ws, which has no ping and no pong",
        )
    }

    /// A result that is not of the type which the user's Rust code wants; the operation goes on.
    pub fn wrong_result(why: &str, result: J) -> Self {
        Self::new(
            Code::WrongResult,
            ["the result does not fit its type: ", why].concat(),
        )
        .because(result)
    }

    /// The URL, as it was given, cannot be one.
    pub fn invalid_url(why: &str) -> Self {
        Self::new(Code::UrlFailed, why)
    }

    /// The payload of `connection_init`, as it was given, cannot be told in JSON.
    pub fn invalid_init_payload(why: &str) -> Self {
        Self::new(
            Code::InitPayloadFailed,
            ["the init payload cannot be told in JSON: ", why].concat(),
        )
    }

    /// A request that cannot be told in JSON.
    pub fn invalid_request(why: &str) -> Self {
        Self::new(
            Code::InvalidRequest,
            ["the request cannot be told in JSON: ", why].concat(),
        )
    }

    pub fn url_failed(message: &str, cause: J) -> Self {
        Self::new(
            Code::UrlFailed,
            ["the url function failed: ", message].concat(),
        )
        .because(cause)
    }

    pub fn init_payload_failed(message: &str, cause: J) -> Self {
        Self::new(
            Code::InitPayloadFailed,
            ["the initPayload function failed: ", message].concat(),
        )
        .because(cause)
    }

    /// The host would not make a socket, or not send on it.
    pub fn socket_failed(message: &str, cause: J) -> Self {
        Self::new(
            Code::SocketFailed,
            ["the host's WebSocket failed: ", message].concat(),
        )
        .because(cause)
    }

    /// The socket ended before it opened. `message` is what the host says of it, if anything.
    /// `offered`: the subprotocols.
    pub fn connection_refused(
        url: &str,
        offered: &[&str],
        message: &str,
        cause: Option<J>,
        close: Close,
    ) -> Self {
        let described = close.described();
        let why = match message.trim().trim_end_matches('.') {
            "" if close.code == Close::lost().code => "the host does not say why",
            "" => &described,
            message => message,
        };
        Error {
            cause,
            ..Self::new(
                Code::ConnectionRefused,
                [
                    "could not open a WebSocket to ",
                    &without_secrets(url),
                    ": ",
                    why,
                    ". Is a GraphQL server listening there for WebSocket connections",
                    // Hosts do not say that one of these is why.
                    &match offered {
                        [only] => [" in the dialect ", only].concat(),
                        _ => String::new(),
                    },
                    if url.starts_with("wss:") {
                        ", with a certificate that this host trusts?"
                    } else {
                        "?"
                    },
                ]
                .concat(),
            )
            .closed(close)
        }
    }

    /// The socket ended between its opening and the ack.
    pub fn handshake_refused(close: Close) -> Self {
        let message = [
            "the server closed the connection before it acknowledged it: ",
            &close.described(),
            ". Are the url and the initPayload what the server expects?",
        ]
        .concat();
        Self::new(Code::HandshakeRefused, message).closed(close)
    }

    /// The socket ended after the ack.
    pub fn connection_lost(close: Close) -> Self {
        let message = ["the connection ended: ", &close.described()].concat();
        Self::new(Code::ConnectionLost, message).closed(close)
    }

    pub fn connect_timeout(after: Millis, waited_for: &str) -> Self {
        Self::timeout(Code::ConnectTimeout, "connectTimeout", after, waited_for)
    }

    pub fn ack_timeout(after: Millis) -> Self {
        Self::timeout(
            Code::AckTimeout,
            "ackTimeout",
            after,
            "the server sent no connection_ack",
        )
    }

    pub fn pong_timeout(after: Millis) -> Self {
        Self::timeout(
            Code::PongTimeout,
            "pongTimeout",
            after,
            "the server gave no sign of life after a ping",
        )
    }

    pub fn keep_alive_timeout(after: Millis) -> Self {
        Self::timeout(
            Code::KeepAliveTimeout,
            "keepAliveTimeout",
            after,
            "the server sent nothing",
        )
    }

    fn timeout(code: Code, option: &'static str, after: Millis, what: &str) -> Self {
        let ms = after.0.to_string();
        Error {
            detail: Detail::Timeout { option, after },
            ..Self::new(code, [what, " within ", option, ", ", &ms, " ms"].concat())
        }
    }
}

impl<J> fmt::Display for Error<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<J: fmt::Debug> std::error::Error for Error<J> {}

/// The first message in a payload of the server's that tells of errors: a list of GraphQL errors,
/// one error, or `{ errors }`.
fn said<J: Json>(payload: &J) -> Option<String> {
    let error = match payload.kind() {
        Kind::Array => payload.first()?,
        Kind::Object => match payload.get("errors").and_then(|errors| errors.first()) {
            Some(error) => error,
            None => payload.clone(),
        },
        _ => payload.clone(),
    };
    let text = error.text().or_else(|| error.get("message")?.text())?;
    Some(excerpt(&text))
}

/// At most the first 120 characters, for error messages.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(120) {
        None => text.to_owned(),
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "…"].concat(),
    }
}

/// A URL without what may be secret in it: user, password, query and fragment.
pub fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    [scheme, "://", host, "/", path].concat()
}

//! Everything that can go wrong, as the core tells it. The exports turn each into an `Error`
//! subclass of the host.

use std::fmt;
use std::rc::Rc;

use crate::close_code;
use crate::json::{Json, Kind};
use crate::message::OperationId;
use crate::protocol::Offer;
use crate::text::{concat, decimal, excerpt, filled, list, without_secrets};
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

    /// How the server is told that the connection ends with such an error: a close code and a reason, or
    /// `None` where there is no socket any more, or none yet.
    pub fn farewell(self) -> Option<(u16, &'static str)> {
        Some(match self {
            Code::NotJson
            | Code::BinaryFrame
            | Code::InvalidMessage
            | Code::UnknownMessageType
            // Specification: "Invalid message".
            | Code::UnexpectedMessage => (close_code::BAD_REQUEST, "invalid message"),
            Code::WrongSubprotocol => (close_code::BAD_REQUEST, "unknown subprotocol"),
            Code::AckTimeout => (
                close_code::ACK_TIMEOUT,
                "connection acknowledgement timeout",
            ),
            Code::PongTimeout => (close_code::TERMINATED, "no pong in time"),
            Code::KeepAliveTimeout => (close_code::TERMINATED, "nothing received in time"),
            Code::TransportClosed
            | Code::ConnectionError
            | Code::SocketFailed
            | Code::ConnectTimeout => (close_code::NORMAL, ""),
            _ => return None,
        })
    }

    pub fn class(self) -> Class {
        self.row().1
    }

    pub fn scope(self) -> Scope {
        self.row().2
    }

    fn row(self) -> (&'static str, Class, Scope, &'static str) {
        use Class::*;
        use Scope::*;
        // In the message, `$` stands for what the case brings.
        match self {
            Code::NotConnected => (
                "NOT_CONNECTED",
                Closed,
                Operation,
                "the transport is not connected$",
            ),
            Code::TransportClosed => (
                "TRANSPORT_CLOSED",
                Closed,
                Connection,
                "the transport was closed by close()",
            ),
            Code::AlreadyConnected => (
                "ALREADY_CONNECTED",
                AlreadyConnected,
                Operation,
                "the transport is connected, connecting or closing already: await close() before the next connect()",
            ),
            Code::NotJson => (
                "NOT_JSON",
                Protocol,
                Connection,
                "expected a message in JSON from the server, received: $",
            ),
            Code::BinaryFrame => (
                "BINARY_FRAME",
                Protocol,
                Connection,
                "expected a text message from the server, received a binary one",
            ),
            Code::InvalidMessage => (
                "INVALID_MESSAGE",
                Protocol,
                Connection,
                "expected from the server $, received $",
            ),
            Code::UnknownMessageType => (
                "UNKNOWN_MESSAGE_TYPE",
                Protocol,
                Connection,
                "expected a message of type $, received `$`",
            ),
            Code::UnexpectedMessage => (
                "UNEXPECTED_MESSAGE",
                Protocol,
                Connection,
                "expected `connection_ack` from the server, received `$`",
            ),
            Code::WrongSubprotocol => (
                "WRONG_SUBPROTOCOL",
                Protocol,
                Connection,
                "offered the subprotocol $, the server picked `$`: it does not speak GraphQL over WebSocket in a dialect that this package knows",
            ),
            Code::QueryError => (
                "QUERY_ERROR",
                Query,
                Operation,
                "the server ended the operation with an error: $",
            ),
            Code::NoAnswer => (
                "NO_ANSWER",
                Query,
                Operation,
                "the server completed the operation without an answer",
            ),
            Code::ConnectionError => (
                "CONNECTION_ERROR",
                Server,
                Connection,
                "the server refused the connection: $",
            ),
            Code::ServerError => (
                "SERVER_ERROR",
                Server,
                Nothing,
                "the server tells of an error that is no operation's: $",
            ),
            Code::NoPing => (
                "NO_PING",
                Protocol,
                Operation,
                "this server speaks the dialect graphql-ws, which has no ping and no pong",
            ),
            Code::WrongResult => (
                "WRONG_RESULT",
                Query,
                Nothing,
                "the result does not fit its type: $",
            ),
            Code::InvalidRequest => (
                "INVALID_REQUEST",
                Query,
                Operation,
                "the request cannot be told in JSON: $",
            ),
            Code::UrlFailed => ("URL_FAILED", ConnectionFailed, Connection, "$"),
            Code::InitPayloadFailed => ("INIT_PAYLOAD_FAILED", ConnectionFailed, Connection, "$"),
            Code::SocketFailed => (
                "SOCKET_FAILED",
                ConnectionFailed,
                Connection,
                "the host's WebSocket failed: $",
            ),
            Code::ConnectionRefused => (
                "CONNECTION_REFUSED",
                ConnectionFailed,
                Connection,
                "could not open a WebSocket to $: $. Is a GraphQL server listening there for WebSocket connections$$?",
            ),
            Code::HandshakeRefused => (
                "HANDSHAKE_REFUSED",
                ConnectionFailed,
                Connection,
                "the server closed the connection before it acknowledged it: $. Are the url and the initPayload what the server expects?",
            ),
            Code::ConnectionLost => (
                "CONNECTION_LOST",
                ConnectionFailed,
                Connection,
                "the connection ended: $",
            ),
            Code::ConnectTimeout => ("CONNECT_TIMEOUT", Timeout, Connection, TIMEOUT),
            Code::AckTimeout => ("ACK_TIMEOUT", Timeout, Connection, TIMEOUT),
            Code::PongTimeout => ("PONG_TIMEOUT", Timeout, Connection, TIMEOUT),
            Code::KeepAliveTimeout => ("KEEP_ALIVE_TIMEOUT", Timeout, Connection, TIMEOUT),
        }
    }
}

const TIMEOUT: &str = "$ within $, $ ms";

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
            code: close_code::LOST,
            reason: String::new(),
            was_clean: false,
        }
    }

    /// The close code, what it means, and the server's reason, for error messages.
    fn described(&self) -> String {
        let meaning = close_code::meaning(self.code).unwrap_or("unknown to this package");
        let (comma, reason) = if self.reason.is_empty() {
            ("", String::new())
        } else {
            (", reason: ", excerpt(&self.reason))
        };
        let code = decimal(self.code.into());
        concat(&["close code ", &code, " (", meaning, ")", comma, &reason])
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

impl<J: Clone> Error<J> {
    /// The same without its cause, which could hold whatever it likes.
    pub fn without_cause(self: &Rc<Self>) -> Rc<Self> {
        Rc::new(Error {
            code: self.code,
            message: self.message.clone(),
            cause: None,
            detail: self.detail.clone(),
        })
    }
}

/// They are made in an `Rc`, as one that ends the connection is told to many.
impl<J: Json> Error<J> {
    fn new(code: Code, parts: &[&str]) -> Rc<Self> {
        Self::with(code, parts, Detail::None, None)
    }

    fn with(code: Code, parts: &[&str], detail: Detail<J>, cause: Option<J>) -> Rc<Self> {
        Rc::new(Error {
            code,
            message: filled(code.row().3, parts),
            cause,
            detail,
        })
    }

    fn caused(code: Code, why: &str, cause: J) -> Rc<Self> {
        Self::with(code, &[why], Detail::None, Some(cause))
    }

    /// `why` the last connection ended, if it failed.
    pub fn not_connected(why: Option<&str>) -> Rc<Self> {
        let advice = match why {
            None => ": await connect() first".to_owned(),
            Some(why) => concat(&[" any more: await connect() to go on. The last time: ", why]),
        };
        Self::new(Code::NotConnected, &[&advice])
    }

    pub fn transport_closed() -> Rc<Self> {
        Self::new(Code::TransportClosed, &[])
    }

    pub fn already_connected() -> Rc<Self> {
        Self::new(Code::AlreadyConnected, &[])
    }

    pub fn not_json(frame: &str) -> Rc<Self> {
        Self::new(Code::NotJson, &[&excerpt(frame)])
    }

    pub fn binary_frame() -> Rc<Self> {
        Self::new(Code::BinaryFrame, &[])
    }

    pub fn invalid_message(expected: &str, received: &str) -> Rc<Self> {
        Self::new(Code::InvalidMessage, &[expected, received])
    }

    pub fn unknown_message_type(expected: &str, received: &str) -> Rc<Self> {
        Self::new(Code::UnknownMessageType, &[expected, &excerpt(received)])
    }

    pub fn unexpected_message(name: &str) -> Rc<Self> {
        Self::new(Code::UnexpectedMessage, &[name])
    }

    pub fn wrong_subprotocol(offered: Offer, received: &str) -> Rc<Self> {
        let offered = list(offered.iter().map(|dialect| dialect.name()));
        Self::new(Code::WrongSubprotocol, &[&offered, &excerpt(received)])
    }

    /// The server's `error`, which ends one operation.
    pub fn query(operation_id: OperationId, payload: Option<J>) -> Rc<Self> {
        let said = said(payload.as_ref());
        let detail = Detail::Query {
            operation_id,
            payload,
        };
        Self::with(Code::QueryError, &[&said], detail, None)
    }

    /// The server's `complete` for an operation of which one answer was wanted, and none came.
    pub fn no_answer(operation_id: OperationId) -> Rc<Self> {
        let detail = Detail::Query {
            operation_id,
            payload: None,
        };
        Self::with(Code::NoAnswer, &[], detail, None)
    }

    /// The server's `connection_error` before the ack.
    pub fn connection_error(payload: Option<J>) -> Rc<Self> {
        Self::server(Code::ConnectionError, payload)
    }

    /// The server's `connection_error`, or `error` without an operation, after the ack.
    pub fn server_error(payload: Option<J>) -> Rc<Self> {
        Self::server(Code::ServerError, payload)
    }

    fn server(code: Code, payload: Option<J>) -> Rc<Self> {
        let said = said(payload.as_ref());
        Self::with(code, &[&said], Detail::None, payload)
    }

    pub fn no_ping() -> Rc<Self> {
        Self::new(Code::NoPing, &[])
    }

    /// A result that is not of the type which the user's Rust code wants; the operation goes on.
    pub fn wrong_result(why: &str, result: J) -> Rc<Self> {
        Self::caused(Code::WrongResult, why, result)
    }

    /// The URL, as it was given, cannot be one.
    pub fn invalid_url(why: &str) -> Rc<Self> {
        Self::new(Code::UrlFailed, &[why])
    }

    /// The payload of `connection_init`, as it was given, cannot be told in JSON.
    pub fn invalid_init_payload(why: &str) -> Rc<Self> {
        let why = concat(&["the init payload cannot be told in JSON: ", why]);
        Self::new(Code::InitPayloadFailed, &[&why])
    }

    /// A request that cannot be told in JSON.
    pub fn invalid_request(why: &str) -> Rc<Self> {
        Self::new(Code::InvalidRequest, &[why])
    }

    pub fn url_failed(message: &str, cause: J) -> Rc<Self> {
        let what = concat(&["the url function failed: ", message]);
        Self::caused(Code::UrlFailed, &what, cause)
    }

    pub fn init_payload_failed(message: &str, cause: J) -> Rc<Self> {
        let what = concat(&["the initPayload function failed: ", message]);
        Self::caused(Code::InitPayloadFailed, &what, cause)
    }

    /// The host would not make a socket, or not send on it.
    pub fn socket_failed(message: &str, cause: J) -> Rc<Self> {
        Self::caused(Code::SocketFailed, message, cause)
    }

    /// The socket ended before it opened. `message` is what the host says of it, if anything.
    /// `offered`: the subprotocols.
    pub fn connection_refused(
        url: &str,
        offered: Offer,
        message: &str,
        cause: Option<J>,
        close: Close,
    ) -> Rc<Self> {
        let described = close.described();
        let why = match message {
            "" if close.code == close_code::LOST => "the host does not say why",
            "" => &described,
            message => message,
        };
        // Hosts do not say that one of these is why.
        let dialect = match offered {
            [only] => concat(&[" in the dialect ", only.name()]),
            _ => String::new(),
        };
        let certificate = if url.starts_with("wss:") {
            ", with a certificate that this host trusts"
        } else {
            ""
        };
        let url = without_secrets(url);
        let parts = [&url, why, &dialect, certificate];
        Self::with(Code::ConnectionRefused, &parts, Detail::Close(close), cause)
    }

    /// The socket ended between its opening and the ack. `cause`: what the host said of it.
    pub fn handshake_refused(close: Close, cause: Option<J>) -> Rc<Self> {
        Self::ended(Code::HandshakeRefused, close, cause)
    }

    /// The socket ended after the ack. `cause`: what the host said of it.
    pub fn connection_lost(close: Close, cause: Option<J>) -> Rc<Self> {
        Self::ended(Code::ConnectionLost, close, cause)
    }

    fn ended(code: Code, close: Close, cause: Option<J>) -> Rc<Self> {
        let described = close.described();
        Self::with(code, &[&described], Detail::Close(close), cause)
    }

    pub fn connect_timeout(after: Millis, waited_for: &str) -> Rc<Self> {
        Self::timeout(Code::ConnectTimeout, "connectTimeout", after, waited_for)
    }

    pub fn ack_timeout(after: Millis) -> Rc<Self> {
        Self::timeout(
            Code::AckTimeout,
            "ackTimeout",
            after,
            "the server sent no connection_ack",
        )
    }

    pub fn pong_timeout(after: Millis) -> Rc<Self> {
        Self::timeout(
            Code::PongTimeout,
            "pongTimeout",
            after,
            "the server gave no sign of life after a ping",
        )
    }

    pub fn keep_alive_timeout(after: Millis) -> Rc<Self> {
        Self::timeout(
            Code::KeepAliveTimeout,
            "keepAliveTimeout",
            after,
            "the server sent nothing",
        )
    }

    fn timeout(code: Code, option: &'static str, after: Millis, what: &str) -> Rc<Self> {
        let detail = Detail::Timeout { option, after };
        Self::with(code, &[what, option, &decimal(after.0)], detail, None)
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
fn said<J: Json>(payload: Option<&J>) -> String {
    let message = |payload: &J| {
        let error = match payload.kind() {
            Kind::Array => payload.first()?,
            Kind::Object => match payload.get("errors").and_then(|errors| errors.first()) {
                Some(error) => error,
                None => payload.clone(),
            },
            _ => payload.clone(),
        };
        error.text().or_else(|| error.get("message")?.text())
    };
    match payload.and_then(message) {
        Some(text) => excerpt(&text),
        None => "it did not say why".to_owned(),
    }
}

//! Everything that can go wrong, as the core tells it.

use std::fmt;
use std::rc::Rc;

use super::close_code;
use super::detection::cannot_speak;
use super::dialect::deviation::Deviation;
use super::json::{Json, Kind};
use super::message::OperationId;
use super::time::Millis;
use super::untrusted::excerpt;

/// An error of a transport. It is kept in an `Rc`, as one that ends the connection is told to many.
///
/// Each variant says what it ends: one operation (or one call), the connection with every
/// operation on it, or nothing; [`ends`](Error::ends) tells. `J` is a JSON value.
#[derive(Clone, Debug)]
pub enum Error<J> {
    /// There is no connection. `last`: why the last one failed. Ends the operation or the call.
    NotConnected { last: Option<String> },
    /// `close` ended the connection.
    TransportClosed,
    /// `connect` was called while the transport was not idle or closed. Ends that call.
    AlreadyConnected,
    /// There is no host: the crate was compiled for something else than WebAssembly. Ends the operation or the call.
    #[cfg(not(target_arch = "wasm32"))]
    OnlyInWebAssembly,
    /// A text message that is not JSON. Ends the connection.
    NotJson { received: String },
    /// A binary message. Ends the connection.
    BinaryFrame,
    /// A message of the wrong form. Ends the connection, an operation or nothing.
    InvalidMessage {
        expected: &'static str,
        received: &'static str,
        ends: Ends,
    },
    /// A message of a `type` that the dialect does not have. Ends nothing.
    UnknownMessageType {
        expected: &'static str,
        received: String,
    },
    /// A message that may not come before the ack, which is `expected`. Ends nothing.
    UnexpectedMessage {
        expected: &'static str,
        received: String,
    },
    /// The server picked a subprotocol that was not offered. Ends the connection.
    WrongSubprotocol { offered: String, received: String },
    /// The server ended the operation with an error, whose payload this is. Ends the operation.
    QueryError {
        operation_id: OperationId,
        payload: Option<J>,
    },
    /// The server completed an operation without the answer that was waited for. Ends the
    /// operation.
    NoAnswer { operation_id: OperationId },
    /// The server refused the connection by a message. Ends the connection.
    ConnectionError { payload: Option<J>, why: Refusal },
    /// The server ended the channel on which everything happens, and left the socket open. Ends the connection.
    ChannelClosed { is_crash: bool, payload: Option<J> },
    /// The server reported an error that belongs to no operation. Ends nothing.
    ServerError { payload: Option<J> },
    /// The dialect does not have such a message, which is a `ping` or a `pong`. Ends that call.
    NoPing {
        dialect: &'static str,
        what: &'static str,
    },
    /// The dialect, AppSync's, has no queries and no mutations. Ends the operation.
    UnsupportedOperation,
    /// The credentials of a connection or of an operation could not be made. Ends that.
    CredentialsFailed {
        why: String,
        cause: Option<J>,
        ends: Ends,
    },
    /// The server did not say in time that it has an operation. `missing`: what it should have sent; `None` if the
    /// credentials were not there yet. `last`: what it has said meanwhile without naming an operation. Ends the
    /// operation.
    SubscribeTimeout {
        after: Millis,
        missing: Option<&'static str>,
        last: Option<Rc<Error<J>>>,
    },
    /// A result does not fit the type that the user's Rust code wants. The operation goes on.
    WrongResult { why: String, result: J },
    /// The request cannot be serialised to JSON. Ends the operation.
    InvalidRequest { why: String },
    /// The URL is not valid, or the function for it failed. Ends the attempt to connect.
    UrlFailed { why: String, cause: Option<J> },
    /// The payload of `connection_init` is not valid, or the function for it failed. Ends the
    /// attempt to connect.
    InitPayloadFailed { why: String, cause: Option<J> },
    /// The host refused to make a socket, or to send on it. Ends the connection.
    SocketFailed { why: String, cause: J },
    /// The socket ended before it opened. `url`: without credentials and query. `why`: what the host
    /// says, if anything. `only`: the subprotocol, if one alone was offered. Ends the attempt to
    /// connect.
    ConnectionRefused {
        url: String,
        only: Option<&'static str>,
        why: String,
        close: Close,
        cause: Option<J>,
    },
    /// The socket ended between its opening and the ack. `only`: the dialect, if no other was offered. Ends the
    /// attempt to connect.
    HandshakeRefused {
        close: Close,
        only: Option<&'static str>,
        cause: Option<J>,
        /// What the dialect says of such a close.
        meaning: Option<&'static str>,
    },
    /// The socket ended after the ack. Ends the connection.
    ConnectionLost {
        close: Close,
        cause: Option<J>,
        /// What the dialect says of such a close.
        meaning: Option<&'static str>,
    },
    /// The connection ended, by this error, after a mutation was sent and before it was answered. Ends
    /// the operation: to send it again could carry it out twice.
    OutcomeUnknown {
        error: Rc<Error<J>>,
        /// Whether it is known to be a mutation: a document without text is taken for one.
        is_mutation: bool,
    },
    /// An operation has waited for a connection for too long. `last`: why there was none. Ends the
    /// operation.
    WaitTimeout {
        after: Millis,
        last: Option<Rc<Error<J>>>,
    },
    /// The function that was to give the variables to go on with failed. Ends the operation.
    ResumeFailed { why: String, cause: J },
    /// Something took longer than an option allows. Ends the connection.
    Timeout {
        limit: TimeLimit,
        /// What did not come in time, for the message.
        missing: String,
        /// Of the socket that did not open, without credentials and query.
        url: Option<String>,
        after: Millis,
    },
}

/// Which class of error it is in the npm package: the exceptions of Python gql, one for one.
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

/// Why a server refuses a connection by a message, as far as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not accept the credentials; or it says nothing, in a dialect where that is what it means.
    Credentials,
    /// It would refuse the same again.
    Request,
    Unknown,
}

/// What an error ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Nothing: it is only told.
    Nothing,
    /// One operation or one call; the connection goes on.
    Operation,
    /// The connection, and with it every operation on it.
    Connection,
}

/// The options that limit how long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLimit {
    Connect,
    Ack,
    Pong,
    KeepAlive,
    Probe,
}

/// How a socket ended, in the terms of the host's close event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: String,
    pub was_clean: bool,
}

impl<J> Error<J> {
    /// What exactly went wrong, as the `code` property of the npm package's errors has it.
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    pub fn class(&self) -> Class {
        self.facts().1
    }

    pub fn ends(&self) -> Ends {
        self.facts().2
    }

    fn facts(&self) -> (&'static str, Class, Ends) {
        use Class::*;
        use Ends::*;
        match self {
            Error::NotConnected { .. } => ("NOT_CONNECTED", Closed, Operation),
            Error::TransportClosed => ("TRANSPORT_CLOSED", Closed, Connection),
            Error::AlreadyConnected => ("ALREADY_CONNECTED", AlreadyConnected, Operation),
            #[cfg(not(target_arch = "wasm32"))]
            Error::OnlyInWebAssembly => ("ONLY_IN_WEBASSEMBLY", Closed, Operation),
            // The table of deviations does not tell before and after the ack apart for these.
            Error::NotJson { .. } => ("NOT_JSON", Protocol, Deviation::NotJson.ends(true)),
            Error::BinaryFrame => ("BINARY_FRAME", Protocol, Deviation::NotJson.ends(true)),
            Error::UnknownMessageType { .. } => (
                "UNKNOWN_MESSAGE_TYPE",
                Protocol,
                Deviation::UnknownType.ends(true),
            ),
            Error::UnexpectedMessage { .. } => (
                "UNEXPECTED_MESSAGE",
                Protocol,
                Deviation::TooEarly.ends(false),
            ),
            Error::InvalidMessage { ends, .. } => ("INVALID_MESSAGE", Protocol, *ends),
            Error::WrongSubprotocol { .. } => ("WRONG_SUBPROTOCOL", Protocol, Connection),
            Error::QueryError { .. } => ("QUERY_ERROR", Query, Operation),
            Error::NoAnswer { .. } => ("NO_ANSWER", Query, Operation),
            Error::ConnectionError { .. } => ("CONNECTION_ERROR", Server, Connection),
            Error::ChannelClosed { .. } => ("CHANNEL_CLOSED", Server, Connection),
            Error::ServerError { .. } => ("SERVER_ERROR", Server, Nothing),
            Error::NoPing { .. } => ("NO_PING", Protocol, Operation),
            Error::UnsupportedOperation => ("UNSUPPORTED_OPERATION", Protocol, Operation),
            Error::CredentialsFailed { ends, .. } => match ends {
                Connection => ("CREDENTIALS_FAILED", ConnectionFailed, Connection),
                _ => ("CREDENTIALS_FAILED", Query, Operation),
            },
            Error::SubscribeTimeout { .. } => ("SUBSCRIBE_TIMEOUT", Timeout, Operation),
            Error::WrongResult { .. } => ("WRONG_RESULT", Query, Nothing),
            Error::InvalidRequest { .. } => ("INVALID_REQUEST", Query, Operation),
            Error::UrlFailed { .. } => ("URL_FAILED", ConnectionFailed, Connection),
            Error::InitPayloadFailed { .. } => {
                ("INIT_PAYLOAD_FAILED", ConnectionFailed, Connection)
            }
            Error::SocketFailed { .. } => ("SOCKET_FAILED", ConnectionFailed, Connection),
            Error::ConnectionRefused { .. } => ("CONNECTION_REFUSED", ConnectionFailed, Connection),
            Error::HandshakeRefused { .. } => ("HANDSHAKE_REFUSED", ConnectionFailed, Connection),
            Error::ConnectionLost { .. } => ("CONNECTION_LOST", ConnectionFailed, Connection),
            Error::Timeout { limit, .. } => (limit.code(), Timeout, Connection),
            Error::OutcomeUnknown { .. } => ("OUTCOME_UNKNOWN", ConnectionFailed, Operation),
            Error::WaitTimeout { .. } => ("WAIT_TIMEOUT", Timeout, Operation),
            Error::ResumeFailed { .. } => ("RESUME_FAILED", Query, Operation),
        }
    }

    /// What a user function threw, what the host said, or the payload with which the
    /// server refused.
    pub fn cause(&self) -> Option<&J> {
        match self {
            Error::WrongResult { result, .. } => Some(result),
            Error::SocketFailed { cause, .. } | Error::ResumeFailed { cause, .. } => Some(cause),
            Error::ConnectionError { payload, .. }
            | Error::ChannelClosed { payload, .. }
            | Error::ServerError { payload } => payload.as_ref(),
            Error::UrlFailed { cause, .. }
            | Error::CredentialsFailed { cause, .. }
            | Error::InitPayloadFailed { cause, .. }
            | Error::ConnectionRefused { cause, .. }
            | Error::HandshakeRefused { cause, .. }
            | Error::ConnectionLost { cause, .. } => cause.as_ref(),
            _ => None,
        }
    }

    /// What the server said when it refused or ended something.
    pub fn payload(&self) -> Option<&J> {
        match self {
            Error::QueryError { payload, .. }
            | Error::ConnectionError { payload, .. }
            | Error::ChannelClosed { payload, .. }
            | Error::ServerError { payload } => payload.as_ref(),
            _ => None,
        }
    }

    /// The error of the connection that an operation ended with.
    pub fn connection_error(&self) -> Option<&Rc<Error<J>>> {
        match self {
            Error::OutcomeUnknown { error, .. } => Some(error),
            Error::WaitTimeout { last, .. } | Error::SubscribeTimeout { last, .. } => last.as_ref(),
            _ => None,
        }
    }

    /// How the socket ended, where it said so.
    pub fn close(&self) -> Option<&Close> {
        match self {
            Error::ConnectionRefused { close, .. }
            | Error::HandshakeRefused { close, .. }
            | Error::ConnectionLost { close, .. } => Some(close),
            Error::OutcomeUnknown { error, .. } => error.close(),
            _ => None,
        }
    }

    /// How the server is told that the connection ends with this error: a close code and a reason,
    /// or `None` where there is no socket any more, or none yet.
    pub(super) fn farewell(&self) -> Option<(u16, &'static str)> {
        Some(match self {
            Error::NotJson { .. }
            | Error::BinaryFrame
            // Specification: "Invalid message".
            | Error::InvalidMessage { .. } => (close_code::BAD_REQUEST, "invalid message"),
            Error::WrongSubprotocol { .. } => (close_code::BAD_REQUEST, "unknown subprotocol"),
            Error::TransportClosed
            | Error::ConnectionError { .. }
            | Error::ChannelClosed { .. }
            | Error::SocketFailed { .. } => (close_code::NORMAL, ""),
            Error::Timeout { limit, .. } => match limit {
                TimeLimit::Connect => (close_code::NORMAL, ""),
                TimeLimit::Ack => (
                    close_code::ACK_TIMEOUT,
                    "connection acknowledgement timeout",
                ),
                TimeLimit::Pong | TimeLimit::Probe => (close_code::TERMINATED, "no pong in time"),
                TimeLimit::KeepAlive => (close_code::TERMINATED, "nothing received in time"),
            },
            _ => return None,
        })
    }
}

impl TimeLimit {
    /// The option that sets it, as the npm package has it.
    pub fn option(self) -> &'static str {
        match self {
            TimeLimit::Connect => "connectTimeout",
            TimeLimit::Ack => "ackTimeout",
            TimeLimit::Pong => "pongTimeout",
            TimeLimit::KeepAlive => "keepAliveTimeout",
            TimeLimit::Probe => "probeTimeout",
        }
    }

    fn code(self) -> &'static str {
        match self {
            TimeLimit::Connect => "CONNECT_TIMEOUT",
            TimeLimit::Ack => "ACK_TIMEOUT",
            TimeLimit::Pong | TimeLimit::Probe => "PONG_TIMEOUT",
            TimeLimit::KeepAlive => "KEEP_ALIVE_TIMEOUT",
        }
    }
}

impl Ends {
    /// The text of the `ends` property of the npm package's errors.
    #[doc(hidden)]
    pub fn text(self) -> &'static str {
        match self {
            Ends::Nothing => "nothing",
            Ends::Operation => "operation",
            Ends::Connection => "connection",
        }
    }
}

impl Close {
    /// What hosts report for a socket that ended without a close frame.
    #[doc(hidden)]
    pub fn lost() -> Self {
        Close {
            code: close_code::LOST,
            reason: String::new(),
            was_clean: false,
        }
    }
}

/// The close code, what it means, and the server's reason.
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = close_code::meaning(self.code).unwrap_or("unknown to this package");
        write!(f, "close code {} ({meaning})", self.code)?;
        if self.reason.is_empty() {
            return Ok(());
        }
        write!(f, ", reason: {}", excerpt(&self.reason))
    }
}

impl<J: Json> fmt::Display for Error<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotConnected { last: None } => {
                write!(f, "the transport is not connected: await connect() first")
            }
            Error::NotConnected { last: Some(why) } => write!(
                f,
                "the transport is not connected any more: await connect() to go on. The last time: {why}"
            ),
            Error::TransportClosed => write!(f, "the transport was closed by close()"),
            Error::AlreadyConnected => write!(
                f,
                "the transport is connected, connecting or closing already: await close() before the next connect()"
            ),
            #[cfg(not(target_arch = "wasm32"))]
            Error::OnlyInWebAssembly => write!(
                f,
                "wireql connects in WebAssembly alone, and this was compiled for something else, such as a server that renders pages: start operations where only the browser does, as in an effect"
            ),
            Error::NotJson { received } => write!(
                f,
                "expected a message in JSON from the server, received: {received}"
            ),
            Error::BinaryFrame => write!(
                f,
                "expected a text message from the server, received a binary one"
            ),
            Error::InvalidMessage {
                expected, received, ..
            } => {
                write!(
                    f,
                    "expected from the server {expected}, received {received}"
                )
            }
            Error::UnknownMessageType { expected, received } => write!(
                f,
                "expected a message of type {expected}, received `{received}`"
            ),
            Error::UnexpectedMessage { expected, received } => write!(
                f,
                "expected `{expected}` from the server, received `{received}`"
            ),
            Error::WrongSubprotocol { offered, received } => write!(
                f,
                "offered the subprotocol {offered}, the server picked `{received}`: it does not speak GraphQL over WebSocket in a dialect that this package knows"
            ),
            Error::QueryError { payload, .. } => write!(
                f,
                "the server ended the operation with an error: {}",
                said(payload.as_ref())
            ),
            Error::NoAnswer { .. } => {
                write!(f, "the server completed the operation without an answer")
            }
            Error::ConnectionError { payload, .. } => write!(
                f,
                "the server refused the connection: {}",
                said(payload.as_ref())
            ),
            Error::ChannelClosed { is_crash, payload } => {
                let what = if *is_crash {
                    "the server's channel crashed, maybe because of an operation"
                } else {
                    "the server closed the channel"
                };
                write!(f, "{what}: {}", said(payload.as_ref()))
            }
            Error::ServerError { payload } => write!(
                f,
                "the server reported an error that belongs to no operation: {}",
                said(payload.as_ref())
            ),
            Error::NoPing { dialect, what } => write!(
                f,
                "this server speaks the dialect {dialect}, which has no {what}"
            ),
            Error::UnsupportedOperation => write!(
                f,
                "AppSync takes subscriptions alone by WebSocket: send queries and mutations to its GraphQL endpoint by HTTP"
            ),
            Error::CredentialsFailed { why, .. } => {
                write!(f, "the credentials could not be made: {why}")
            }
            Error::SubscribeTimeout {
                after,
                missing,
                last,
            } => {
                match missing {
                    None => write!(f, "the functions for the credentials did not settle")?,
                    Some(missing) => write!(f, "the server sent no {missing}")?,
                }
                write!(f, " within subscribeTimeout, {} ms", after.0)?;
                match last {
                    Some(error) => write!(f, ". Meanwhile {error}"),
                    None => Ok(()),
                }
            }
            Error::WrongResult { why, .. } => write!(f, "the result does not fit its type: {why}"),
            Error::InvalidRequest { why } => {
                write!(f, "the request cannot be serialised to JSON: {why}")
            }
            Error::UrlFailed { why, .. } | Error::InitPayloadFailed { why, .. } => f.write_str(why),
            Error::SocketFailed { why, .. } => write!(f, "the host's WebSocket failed: {why}"),
            Error::ConnectionRefused {
                url,
                only,
                why,
                close,
                ..
            } => {
                write!(f, "could not open a WebSocket to {url}: ")?;
                match why.as_str() {
                    "" if close.code == close_code::LOST => write!(f, "the host gave no reason")?,
                    "" => write!(f, "{close}")?,
                    why => write!(f, "{why}")?,
                }
                write!(
                    f,
                    ". Is a GraphQL server listening there for WebSocket connections"
                )?;
                // Hosts do not say that one of these is why.
                if let Some(only) = only {
                    write!(f, " in the dialect {only}")?;
                }
                if url.starts_with("wss:") {
                    write!(f, ", with a certificate that this host trusts")?;
                }
                write!(f, "?")?;
                // As `ws` says it; browsers do not. A search for the word would cost 10 KB of WebAssembly.
                let is_chosen = matches!(*only, Some("appsync" | "phoenix"));
                if why.ends_with(" subprotocol") && !is_chosen {
                    write!(
                        f,
                        " With `subprotocols: []` none is offered, and `dialect` says which is spoken"
                    )?;
                }
                Ok(())
            }
            Error::HandshakeRefused {
                close,
                only,
                meaning,
                ..
            } => {
                write!(
                    f,
                    "the server closed the connection before it acknowledged it: {close}"
                )?;
                if let Some(meaning) = meaning {
                    return write!(f, "; {meaning}");
                }
                write!(f, ". ")?;
                match only {
                    Some(only) if cannot_speak(close) => write!(
                        f,
                        "Does the server speak another dialect than {only}? The options `subprotocols` and `dialect` say which are tried"
                    )?,
                    _ => write!(
                        f,
                        "Are the url and the initPayload what the server expects?"
                    )?,
                }
                Ok(())
            }
            Error::ConnectionLost { close, meaning, .. } => {
                write!(f, "the connection ended: {close}")?;
                match meaning {
                    Some(meaning) => write!(f, "; {meaning}"),
                    None => Ok(()),
                }
            }
            Error::OutcomeUnknown { error, is_mutation } => {
                let (what, advice) = if *is_mutation {
                    ("mutation", "With `idempotent: true` it is sent again")
                } else {
                    (
                        "operation",
                        "Without its text it is taken for a mutation: say by `kind` what it is",
                    )
                };
                write!(
                    f,
                    "the connection was lost after the {what} was sent and before it was answered, so it may or may not have been carried out: {error}. {advice}"
                )
            }
            Error::WaitTimeout { after, last } => {
                write!(
                    f,
                    "the operation could not be sent within waitTimeout, {} ms",
                    after.0
                )?;
                match last {
                    Some(error) => write!(f, ". The last connection error: {error}"),
                    None => write!(f, ": there was no connection"),
                }
            }
            Error::ResumeFailed { why, .. } => write!(
                f,
                "the operation cannot go on where it was lost: `resume.variables` failed: {why}"
            ),
            Error::Timeout {
                limit,
                missing,
                url,
                after,
            } => {
                write!(f, "{missing} within {}, {} ms", limit.option(), after.0)?;
                match url {
                    Some(url) => write!(
                        f,
                        ": {url}. Is this where the GraphQL server listens for WebSocket connections, path included?"
                    ),
                    None => Ok(()),
                }
            }
        }
    }
}

impl<J: Json + fmt::Debug> std::error::Error for Error<J> {}

/// The first message in a payload of the server's that tells of errors, and how many errors there are: a list of
/// GraphQL errors, one error, `{ errors }`, or whatever else the server means by it.
fn said<J: Json>(payload: Option<&J>) -> String {
    let mut more = 0;
    let mut told = payload.cloned();
    // Servers nest these, but not for ever.
    for _ in 0..NESTED {
        let Some(value) = told.as_ref() else {
            break;
        };
        told = match value.kind() {
            Kind::Array if value.length() > 0 => {
                more += value.length() - 1;
                value.at(0)
            }
            Kind::Object => {
                let mut inner = TOLD_BY.iter().filter_map(|key| value.get(key));
                match inner.find(|inner| inner.kind() != Kind::Null) {
                    Some(inner) => Some(inner),
                    None => break,
                }
            }
            _ => break,
        };
    }
    let text = told.and_then(|told| match told.kind() {
        Kind::Null => None,
        Kind::String => told.text(),
        _ => told.stringify()?.text(),
    });
    let text = match text.as_deref() {
        None | Some("" | "{}" | "[]") => "it gave no reason".to_owned(),
        Some(text) => excerpt(text),
    };
    match more {
        0 => text,
        more => format!("{text} (the first of {} errors)", more + 1),
    }
}

/// Where servers put what they have to say. `error` and `reason` are Phoenix's.
const TOLD_BY: [&str; 4] = ["errors", "message", "error", "reason"];

/// How deep errors may be nested in a payload.
const NESTED: usize = 8;

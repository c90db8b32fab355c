//! Errors, as a Rust app sees them.

use std::fmt;
use std::rc::Rc;

use js_sys::Reflect;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::response::{host_value, null_as_default};
use crate::core::error;
use crate::core::json::{Json, Kind};
use crate::core::message::OperationId;

/// An error of a [`Client`](crate::Client) or a [`Transport`](crate::Transport). A clone is the same error, which may be
/// told in several places.
///
/// [`code`](Self::code) says what exactly went wrong, [`ends`](Self::ends) what ends by it. GraphQL errors in a result
/// are no such error, but part of the [`Response`](crate::Response).
#[derive(Clone)]
pub struct Error(Rc<error::Error<JsValue>>);

pub use crate::core::error::{Class, Close, Ends};

impl Error {
    /// What exactly went wrong.
    pub fn code(&self) -> Code {
        Code(self.0.code())
    }

    /// What kind of error it is: the classes of the npm package.
    pub fn class(&self) -> Class {
        self.0.class()
    }

    /// What ends by it: one operation (or one call), the connection, or nothing.
    pub fn ends(&self) -> Ends {
        self.0.ends()
    }

    /// The GraphQL errors with which the server refused, or broke off, an operation or a connection; empty for other
    /// errors. Each has a message: what is no GraphQL error is the message of one, as text. The payload as it came is
    /// the [`cause`](Self::cause).
    pub fn errors(&self) -> Vec<GraphqlError> {
        let mut errors = Vec::new();
        if let Some(payload) = self.0.payload() {
            add_errors(payload, 0, &mut errors);
        }
        errors
    }

    /// What one of your functions failed with, what the host said, or the payload with which the server refused; for
    /// [`Code::WRONG_RESULT`] the result.
    pub fn cause(&self) -> Option<&JsValue> {
        self.0.cause().or_else(|| self.0.payload())
    }

    /// How the socket ended, where it said so.
    pub fn close(&self) -> Option<&Close> {
        self.0.close()
    }

    /// Of an operation that ended with [`Code::OUTCOME_UNKNOWN`], [`Code::WAIT_TIMEOUT`] or
    /// [`Code::SUBSCRIBE_TIMEOUT`]: the error of the connection.
    pub fn connection_error(&self) -> Option<Error> {
        self.0.connection_error().cloned().map(Error)
    }

    /// The id on the wire of the operation that the server refused or did not answer.
    pub fn operation_id(&self) -> Option<u32> {
        match &*self.0 {
            error::Error::QueryError { operation_id, .. }
            | error::Error::NoAnswer { operation_id } => Some(*operation_id),
            _ => None,
        }
    }

    pub(super) fn shared(error: Rc<error::Error<JsValue>>) -> Self {
        Error(error)
    }

    pub(super) fn new(error: error::Error<JsValue>) -> Self {
        Error(Rc::new(error))
    }

    pub(super) fn no_answer(operation_id: OperationId) -> Self {
        Error::new(error::Error::NoAnswer { operation_id })
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn only_in_web_assembly() -> Self {
        Error::new(error::Error::OnlyInWebAssembly)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code().as_str())
            .field("message", &self.to_string())
            .finish_non_exhaustive()
    }
}

/// Without passwords, queries of a URL, your payloads and headers.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

/// What exactly went wrong: one of the constants, which can be matched against. More may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code(&'static str);

impl Code {
    /// As the `code` of the npm package's errors has it, such as `CONNECTION_LOST`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Code = Code(stringify!($name));)*

            #[cfg(test)]
            const ALL: &[Code] = &[$(Code::$name),*];
        }
    };
}

codes! {
    /// There is no connection.
    NOT_CONNECTED
    /// `close` ended the connection.
    TRANSPORT_CLOSED
    /// `connect` was called while the transport was not idle or closed.
    ALREADY_CONNECTED
    /// The crate was compiled for something else than WebAssembly, where it does nothing: see the crate's documentation.
    ONLY_IN_WEBASSEMBLY
    /// A text message that is not JSON.
    NOT_JSON
    /// A binary message.
    BINARY_FRAME
    /// A message of the wrong form.
    INVALID_MESSAGE
    /// A message of a type that the dialect does not have.
    UNKNOWN_MESSAGE_TYPE
    /// A message that may not come before the server has acknowledged the connection.
    UNEXPECTED_MESSAGE
    /// The server picked a subprotocol that was not offered.
    WRONG_SUBPROTOCOL
    /// The server refused the operation, or broke it off: see [`Error::errors`].
    QUERY_ERROR
    /// The server completed the operation without the answer that was waited for.
    NO_ANSWER
    /// The server refused the connection by a message: see [`Error::errors`].
    CONNECTION_ERROR
    /// The server ended Phoenix's channel, and left the socket open.
    CHANNEL_CLOSED
    /// The server reported an error that belongs to no operation.
    SERVER_ERROR
    /// The dialect has no `ping`.
    NO_PING
    /// The dialect, AppSync's, has no queries and no mutations.
    UNSUPPORTED_OPERATION
    /// The credentials of a connection or of an operation could not be made.
    CREDENTIALS_FAILED
    /// The server did not say within the `subscribe_timeout` that it has the operation.
    SUBSCRIBE_TIMEOUT
    /// A result does not fit its type, and is the `cause`. The operation goes on.
    WRONG_RESULT
    /// The request cannot be serialised to JSON.
    INVALID_REQUEST
    /// The URL is not valid, or your function for it failed.
    URL_FAILED
    /// The payload of `connection_init` is not valid, or your function for it failed.
    INIT_PAYLOAD_FAILED
    /// The host refused to make a socket, or to send on it.
    SOCKET_FAILED
    /// The socket ended before it opened.
    CONNECTION_REFUSED
    /// The socket ended between its opening and the server's acknowledgement.
    HANDSHAKE_REFUSED
    /// The socket ended after that.
    CONNECTION_LOST
    /// The connection ended after a mutation was sent and before it was answered.
    OUTCOME_UNKNOWN
    /// The operation could not be sent within the `wait_timeout`.
    WAIT_TIMEOUT
    /// Your function for the variables to go on with failed.
    RESUME_FAILED
    /// The socket did not open within the `connect_timeout`.
    CONNECT_TIMEOUT
    /// The server did not acknowledge the connection within the `ack_timeout`.
    ACK_TIMEOUT
    /// Nothing came within the `pong_timeout`, or the `probe_timeout`.
    PONG_TIMEOUT
    /// Nothing came within the `keep_alive_timeout`.
    KEEP_ALIVE_TIMEOUT
}

/// A GraphQL error. GraphQL specification, section 7.1.2.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct GraphqlError {
    /// May be empty, as some servers send none.
    #[serde(default, deserialize_with = "null_as_default")]
    pub message: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub locations: Vec<Location>,
    /// To the field of the response that failed; empty if the error belongs to none.
    #[serde(default, deserialize_with = "null_as_default")]
    pub path: Vec<PathSegment>,
    /// As the host has them.
    #[serde(default, deserialize_with = "host_value")]
    pub extensions: Option<JsValue>,
}

impl GraphqlError {
    /// A member of the extensions, such as the `code` that many servers send; `None` if it is not there, or is no `T`.
    pub fn extension<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let member = Reflect::get(self.extensions.as_ref()?, &JsValue::from_str(name)).ok()?;
        serde_wasm_bindgen::from_value(member).ok()
    }
}

/// The message, and the path if there is one.
impl fmt::Display for GraphqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (at, segment) in self.path.iter().enumerate() {
            write!(f, "{}{segment}", if at == 0 { " (at " } else { "." })?;
        }
        f.write_str(if self.path.is_empty() { "" } else { ")" })
    }
}

impl std::error::Error for GraphqlError {}

/// A place in a document; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Location {
    pub line: u32,
    pub column: u32,
}

/// A step on the way to a field of a response.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum PathSegment {
    Index(u32),
    Field(String),
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathSegment::Index(index) => index.fmt(f),
            PathSegment::Field(name) => name.fmt(f),
        }
    }
}

/// How deep servers may nest `{ errors }` and lists. What is deeper is told as text.
const NESTED: u32 = 8;

/// What a server means by a payload that tells of errors: GraphQL errors in whatever form.
fn add_errors(said: &JsValue, depth: u32, errors: &mut Vec<GraphqlError>) {
    let message = |message| GraphqlError {
        message,
        ..GraphqlError::default()
    };
    match said.kind() {
        Kind::Null => return,
        Kind::String => return errors.extend(said.text().map(message)),
        Kind::Array if depth < NESTED => {
            let inner = (0..said.length()).filter_map(|index| said.at(index));
            return inner.for_each(|one| add_errors(&one, depth + 1, errors));
        }
        Kind::Object if depth < NESTED => {
            let before = errors.len();
            if let Some(inner) = said.get("errors") {
                add_errors(&inner, depth + 1, errors);
            }
            if errors.len() > before {
                return;
            }
        }
        _ => {}
    }
    // Phoenix has the last two.
    let told = ["message", "error", "reason"]
        .iter()
        .find_map(|key| said.get(key).filter(|told| told.kind() != Kind::Null));
    let mut error: GraphqlError =
        serde_wasm_bindgen::from_value(said.clone()).unwrap_or_else(|_| message(String::new()));
    if error.message.is_empty() {
        let told = told.unwrap_or_else(|| said.clone());
        let text = told.text().or_else(|| told.stringify()?.text());
        error.message = text.unwrap_or_else(|| "it is nested too deeply to be told".to_owned());
    }
    errors.push(error);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The core's codes stand in its texts, and there alone.
    #[test]
    fn each_code_of_the_core_has_a_constant_and_each_constant_a_code() {
        let source = include_str!("../core/error.rs");
        let is_code = |text: &&str| {
            text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        };
        let mut told: Vec<&str> = source.split('"').filter(is_code).collect();
        let mut named: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        told.sort_unstable();
        told.dedup();
        named.sort_unstable();
        assert_eq!(told, named);
    }
}

//! Errors of the core, for TypeScript to make `Error`s of.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::core::error::{self, Class, Error};

/// The error classes of the npm package.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum ErrorClass {
    Closed = "TransportClosedError",
    Protocol = "TransportProtocolError",
    Query = "TransportQueryError",
    Server = "TransportServerError",
    ConnectionFailed = "TransportConnectionFailedError",
    AlreadyConnected = "TransportAlreadyConnectedError",
    Timeout = "TransportTimeoutError",
}

/// What an error ends.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Ends {
    Nothing = "nothing",
    Operation = "operation",
    Connection = "connection",
}

/// An error of the core.
#[wasm_bindgen]
pub struct Failure {
    error: Rc<Error<JsValue>>,
    serial: u32,
}

impl Failure {
    pub(super) fn new(error: Rc<Error<JsValue>>) -> Self {
        Failure { error, serial: 0 }
    }

    /// `serial`: the same for the same error, which is told in several places.
    pub(super) fn numbered(error: Rc<Error<JsValue>>, serial: u32) -> Self {
        Failure { error, serial }
    }
}

#[wasm_bindgen]
impl Failure {
    #[wasm_bindgen(getter)]
    pub fn class(&self) -> ErrorClass {
        match self.error.class() {
            Class::Closed => ErrorClass::Closed,
            Class::Protocol => ErrorClass::Protocol,
            Class::Query => ErrorClass::Query,
            Class::Server => ErrorClass::Server,
            Class::ConnectionFailed => ErrorClass::ConnectionFailed,
            Class::AlreadyConnected => ErrorClass::AlreadyConnected,
            Class::Timeout => ErrorClass::Timeout,
        }
    }

    /// What exactly went wrong.
    #[wasm_bindgen(getter)]
    pub fn code(&self) -> String {
        self.error.code().to_owned()
    }

    #[wasm_bindgen(getter)]
    pub fn ends(&self) -> Ends {
        match self.error.ends() {
            error::Ends::Nothing => Ends::Nothing,
            error::Ends::Operation => Ends::Operation,
            error::Ends::Connection => Ends::Connection,
        }
    }

    #[wasm_bindgen(getter)]
    pub fn message(&self) -> String {
        self.error.to_string()
    }

    /// Numbers the errors of a client's connections, which are told in several places; 0 for others.
    #[wasm_bindgen(getter)]
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The error of the connection that an operation ended with, which is the `cause` then.
    #[wasm_bindgen(getter, js_name = connectionFailure)]
    pub fn connection_failure(&self) -> Option<Failure> {
        self.error.connection_error().cloned().map(Failure::new)
    }

    /// What a user function threw, what the host said, or the payload with which the server
    /// refused; undefined for none.
    #[wasm_bindgen(getter, unchecked_return_type = "unknown")]
    pub fn cause(&self) -> JsValue {
        self.error.cause().cloned().unwrap_or_default()
    }

    /// The operation that it ends.
    #[wasm_bindgen(getter, js_name = operationId)]
    pub fn operation_id(&self) -> Option<u32> {
        match &*self.error {
            Error::QueryError { operation_id, .. } | Error::NoAnswer { operation_id } => {
                Some(*operation_id)
            }
            _ => None,
        }
    }

    /// The payload of the server's `error`; undefined for none.
    #[wasm_bindgen(getter, unchecked_return_type = "unknown")]
    pub fn payload(&self) -> JsValue {
        match &*self.error {
            Error::QueryError { payload, .. } => payload.clone().unwrap_or_default(),
            _ => JsValue::UNDEFINED,
        }
    }

    /// The close code, where the socket told how it ended.
    #[wasm_bindgen(getter, js_name = closeCode)]
    pub fn close_code(&self) -> Option<u16> {
        self.error.close().map(|close| close.code)
    }

    /// The reason that came with the close code.
    #[wasm_bindgen(getter)]
    pub fn reason(&self) -> Option<String> {
        self.error.close().map(|close| close.reason.clone())
    }

    /// Whether the closing handshake was completed.
    #[wasm_bindgen(getter, js_name = wasClean)]
    pub fn was_clean(&self) -> Option<bool> {
        self.error.close().map(|close| close.was_clean)
    }

    /// The option whose time has passed.
    #[wasm_bindgen(getter)]
    pub fn option(&self) -> Option<String> {
        match &*self.error {
            Error::Timeout { limit, .. } => Some(limit.option().to_owned()),
            Error::WaitTimeout { .. } => Some("waitTimeout".to_owned()),
            Error::SubscribeTimeout { .. } => Some("subscribeTimeout".to_owned()),
            _ => None,
        }
    }

    /// That time, in milliseconds.
    #[wasm_bindgen(getter)]
    pub fn timeout(&self) -> Option<u32> {
        match &*self.error {
            Error::Timeout { after, .. }
            | Error::WaitTimeout { after, .. }
            | Error::SubscribeTimeout { after, .. } => Some(after.0),
            _ => None,
        }
    }
}

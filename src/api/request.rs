//! What a Rust app asks of a server.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{JSON, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::json::to_json;
use super::options::millis;
use super::response::Response;
use super::resume::{MakeResuming, Place, Resuming};
use crate::Error;
use crate::core::document::OperationType;
use crate::core::{error, operations};

/// A document with its variables. A `&str` or a `String` is one without.
///
/// `T` is what the `data` of its results is, and need not be written: `client.subscribe::<T>(…)` says it, or a typed
/// operation does ([`Request::of`], and `From` of cynic's operations).
pub struct Request<T> {
    message: Message,
    send_stop: bool,
    /// Of a client's operation.
    lasting: operations::LastingOptions,
    resume: Option<MakeResuming>,
    dedupe: usize,
    /// Why the variables or the extensions cannot be sent.
    wrong: Option<String>,
    /// Makes `T`s, and holds none.
    of: PhantomData<fn() -> T>,
}

/// The payload of the message that starts the operation.
#[derive(Clone)]
pub(super) struct Message {
    query: String,
    operation_name: Option<String>,
    /// JSON text, a host string.
    variables: Option<JsValue>,
    /// JSON text, a host string.
    extensions: Option<JsValue>,
}

impl Message {
    /// JSON text, a host string.
    fn text(&self) -> JsValue {
        let payload = Object::new();
        let parse = |text: &Option<JsValue>| JSON::parse(&text.as_ref()?.as_string()?).ok();
        for (name, value) in [
            ("query", Some(JsValue::from_str(&self.query))),
            (
                "operationName",
                self.operation_name.as_deref().map(JsValue::from_str),
            ),
            ("variables", parse(&self.variables)),
            ("extensions", parse(&self.extensions)),
        ] {
            if let Some(value) = value {
                // A new object refuses nothing.
                let _ = Reflect::set(&payload, &JsValue::from_str(name), &value);
            }
        }
        // It was made of JSON, so it can be serialised.
        JSON::stringify(&payload).map_or_else(|_| JsValue::from_str(""), JsValue::from)
    }

    /// The same with other variables.
    pub(super) fn with_variables(mut self, variables: Option<JsValue>) -> JsValue {
        self.variables = variables;
        self.text()
    }
}

impl<T> Request<T> {
    pub fn new(query: impl Into<String>) -> Self {
        Request {
            message: Message {
                query: query.into(),
                operation_name: None,
                variables: None,
                extensions: None,
            },
            send_stop: true,
            lasting: operations::LastingOptions::default(),
            resume: None,
            dedupe: 0,
            wrong: None,
            of: PhantomData,
        }
    }

    /// What serialises to a JSON object; or to nothing, such as `()`, which is none. If it serialises to anything else,
    /// the operation ends with [`INVALID_REQUEST`](crate::Code::INVALID_REQUEST). Default: none.
    pub fn variables(mut self, variables: &impl Serialize) -> Self {
        match to_json(variables) {
            Ok(text) => self.message.variables = text,
            Err(why) => self.wrong = Some(format!("variables: {why}")),
        }
        self
    }

    /// Which operation of the document to run. Needed if there are several. Default: none.
    pub fn operation_name(mut self, name: impl Into<String>) -> Self {
        self.message.operation_name = Some(name.into());
        self
    }

    /// The `extensions` of the request, as [`variables`](Self::variables). Default: none.
    pub fn extensions(mut self, extensions: &impl Serialize) -> Self {
        match to_json(extensions) {
            Ok(text) => self.message.extensions = text,
            Err(why) => self.wrong = Some(format!("extensions: {why}")),
        }
        self
    }

    /// Whether the server is told when the stream is dropped before its end. Default: yes.
    pub fn send_stop(mut self, send_stop: bool) -> Self {
        self.send_stop = send_stop;
        self
    }

    /// Whether a mutation may be carried out twice: then a [`Client`](crate::Client) sends it again after a
    /// loss, like a query. Default: no.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.lasting.idempotent = idempotent;
        self
    }

    /// How long it may wait to be sent by a [`Client`](crate::Client); for a subscription too. `None` waits for
    /// ever. Default: the client's, which is for queries and mutations.
    pub fn wait_timeout(mut self, time: Option<Duration>) -> Self {
        self.lasting.wait_timeout = Some(millis(time));
        self
    }

    /// Has a [`Client`](crate::Client)'s subscription go on where it was lost, on servers that can. Default: it starts
    /// anew.
    ///
    /// `cursor`: the place of a result; `None` keeps the last one. Called once for each result as it arrives, which is
    /// then decoded twice. `variables`: those to subscribe again with, if there is a cursor. What it fails with ends the
    /// operation ([`RESUME_FAILED`](crate::Code::RESUME_FAILED)).
    pub fn resume<C, V, F>(
        mut self,
        cursor: impl Fn(&Response<T>) -> Option<C> + 'static,
        variables: impl Fn(C) -> F + 'static,
    ) -> Self
    where
        T: DeserializeOwned + 'static,
        C: Clone + PartialEq + 'static,
        V: Serialize,
        F: Future<Output = Result<V, JsValue>> + 'static,
    {
        self.lasting.resumes = true;
        self.resume = Some(Place::maker(cursor, variables));
        self
    }

    /// With [`resume`](Self::resume): results whose cursor is one of the last so many are dropped. Default: 0.
    pub fn dedupe(mut self, results: usize) -> Self {
        self.dedupe = results;
        self
    }

    /// What the core is given, and what knows where the operation goes on.
    pub(super) fn into_core(
        self,
    ) -> Result<(operations::Request<JsValue>, Option<Resuming>), Error> {
        if let Some(why) = self.wrong {
            return Err(Error::new(error::Error::InvalidRequest { why }));
        }
        let message = self.message;
        let request = operations::Request {
            lasting: self.lasting,
            payload: message.text(),
            operation_type: OperationType::of(&message.query, message.operation_name.as_deref()),
            one_answer: false,
            send_stop: self.send_stop,
        };
        let resume = self.resume.map(|make| Resuming {
            place: make(self.dedupe),
            message,
        });
        Ok((request, resume))
    }
}

impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        Request {
            message: self.message.clone(),
            send_stop: self.send_stop,
            lasting: self.lasting.clone(),
            resume: self.resume.as_ref().map(Rc::clone),
            dedupe: self.dedupe,
            wrong: self.wrong.clone(),
            of: PhantomData,
        }
    }
}

/// Without the variables.
impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("query", &self.message.query)
            .field("operation_name", &self.message.operation_name)
            .finish_non_exhaustive()
    }
}

impl<T> From<&str> for Request<T> {
    fn from(query: &str) -> Self {
        Request::new(query)
    }
}

impl<T> From<String> for Request<T> {
    fn from(query: String) -> Self {
        Request::new(query)
    }
}

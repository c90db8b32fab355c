//! What a Rust user asks of a server, and what comes.

use std::time::Duration;

use js_sys::{JSON, Object, Reflect};
use serde::{Deserialize, Deserializer, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::options::millis;
use crate::Error;
use crate::core::document::OperationType;
use crate::core::operations;
use crate::driver::thrown::message_of;

/// A document with its variables. A `&str` or a `String` is one without.
#[derive(Clone, Debug)]
pub struct Request {
    query: String,
    operation_name: Option<String>,
    /// JSON text, a host string.
    variables: Option<JsValue>,
    /// JSON text, a host string.
    extensions: Option<JsValue>,
    send_stop: bool,
    /// Of a client's operation.
    lasting: operations::LastingOptions,
}

impl Request {
    pub fn new(query: impl Into<String>) -> Self {
        Request {
            query: query.into(),
            operation_name: None,
            variables: None,
            extensions: None,
            send_stop: true,
            lasting: operations::LastingOptions::default(),
        }
    }

    /// Default: none.
    pub fn variables(mut self, variables: &impl Serialize) -> Result<Self, Error> {
        let text = to_json(variables).map_err(|why| Error::InvalidRequest { why })?;
        self.variables = Some(text);
        Ok(self)
    }

    /// Which operation of the document to run. Needed if there are several. Default: none.
    pub fn operation_name(mut self, name: impl Into<String>) -> Self {
        self.operation_name = Some(name.into());
        self
    }

    /// The `extensions` of the request. Default: none.
    pub fn extensions(mut self, extensions: &impl Serialize) -> Result<Self, Error> {
        let text = to_json(extensions).map_err(|why| Error::InvalidRequest { why })?;
        self.extensions = Some(text);
        Ok(self)
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

    pub(super) fn into_core(self) -> operations::Request<JsValue> {
        let operation_type = OperationType::of(&self.query, self.operation_name.as_deref());
        let payload = Object::new();
        let parse = |text: Option<JsValue>| JSON::parse(&text?.as_string()?).ok();
        for (name, value) in [
            ("query", Some(JsValue::from_str(&self.query))),
            ("operationName", self.operation_name.map(JsValue::from)),
            ("variables", parse(self.variables)),
            ("extensions", parse(self.extensions)),
        ] {
            if let Some(value) = value {
                // A new object refuses nothing.
                let _ = Reflect::set(&payload, &JsValue::from_str(name), &value);
            }
        }
        operations::Request {
            lasting: self.lasting,
            // It was made of JSON, so it can be serialised.
            payload: JSON::stringify(&payload)
                .map_or_else(|_| JsValue::from_str(""), JsValue::from),
            operation_type,
            one_answer: false,
            send_stop: self.send_stop,
        }
    }
}

impl From<&str> for Request {
    fn from(query: &str) -> Self {
        Request::new(query)
    }
}

impl From<String> for Request {
    fn from(query: String) -> Self {
        Request::new(query)
    }
}

/// JSON text, a host string, of a value that is an object there; or what is wrong with it.
pub(super) fn to_json(value: &impl Serialize) -> Result<JsValue, String> {
    let value = value
        .serialize(&Serializer::json_compatible())
        .map_err(|error| error.to_string())?;
    let text = JSON::stringify(&value).map_err(|thrown| message_of(&thrown))?;
    if text.starts_with("{", 0) {
        return Ok(text.into());
    }
    Err("it does not serialise to a JSON object".to_owned())
}

/// One result of an operation. GraphQL errors are part of it. GraphQL specification, section 7.1.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response<T> {
    #[serde(default = "none")]
    pub data: Option<T>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub errors: Vec<GraphqlError>,
    /// As the host has it; `undefined` if there are none.
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    pub extensions: JsValue,
    /// With incremental delivery: whether more of the result follows, in parts that come as the server sends them.
    /// `execute` gives the first one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub has_next: bool,
}

/// `Option`'s own default would ask one of `T`.
fn none<T>() -> Option<T> {
    None
}

/// Servers in languages where the two are one send `null` for what is not there.
fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A GraphQL error. GraphQL specification, section 7.1.2.
#[derive(Clone, Debug, Deserialize)]
pub struct GraphqlError {
    pub message: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub locations: Vec<Location>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub path: Vec<PathSegment>,
    /// As the host has them; `undefined` if there are none.
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    pub extensions: JsValue,
}

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

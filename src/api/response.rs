//! What comes from a server, as the user's types have it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use wasm_bindgen::JsValue;

use super::error::{Error, GraphqlError};
use crate::core::error;

/// One result of an operation. GraphQL errors are part of it. GraphQL specification, section 7.1.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Response<T> {
    /// `None` if the server sent `null`, or nothing.
    #[serde(default = "none")]
    pub data: Option<T>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub errors: Vec<GraphqlError>,
    /// As the host has them.
    #[serde(default, deserialize_with = "host_value")]
    pub extensions: Option<JsValue>,
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
pub(super) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A value that stays with the host.
pub(super) fn host_value<'de, D>(deserializer: D) -> Result<Option<JsValue>, D::Error>
where
    D: Deserializer<'de>,
{
    let value: JsValue = serde_wasm_bindgen::preserve::deserialize(deserializer)?;
    Ok((!value.is_null() && !value.is_undefined()).then_some(value))
}

/// A result as the user's type has it.
pub(super) fn decoded<T: DeserializeOwned>(result: JsValue) -> Result<Response<T>, Error> {
    serde_wasm_bindgen::from_value(result.clone()).map_err(|error| {
        let why = error.to_string();
        Error::new(error::Error::WrongResult { why, result })
    })
}

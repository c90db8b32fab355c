//! The host's JSON values, for the core to look into.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::prelude::*;

use crate::json::{Json, Kind};

impl Json for JsValue {
    fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok()
    }

    fn kind(&self) -> Kind {
        if self.is_null() || self.is_undefined() {
            Kind::Null
        } else if self.is_string() {
            Kind::String
        } else if Array::is_array(self) {
            Kind::Array
        } else if self.is_object() {
            Kind::Object
        } else if self.as_bool().is_some() {
            Kind::Boolean
        } else {
            Kind::Number
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        // An error is for what is no object.
        let value = Reflect::get(self, &JsValue::from_str(key)).ok()?;
        (!value.is_undefined()).then_some(value)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn first(&self) -> Option<Self> {
        let array = self.dyn_ref::<Array>()?;
        (array.length() > 0).then(|| array.get(0))
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn to_json(&self) -> String {
        // What came from JSON can be told in JSON; for anything else there is `null`.
        JSON::stringify(self).map_or_else(|_| "null".to_owned(), String::from)
    }
}

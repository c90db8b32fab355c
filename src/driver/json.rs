//! The host's JSON values, for the core to look into.

use wasm_bindgen::prelude::*;

use super::host;
use crate::json::{Json, Kind};

impl Json for JsValue {
    fn parse(text: &str) -> Option<Self> {
        some(host::parsed(text))
    }

    fn kind(&self) -> Kind {
        match host::kind_of(self) {
            0 => Kind::Null,
            1 => Kind::Boolean,
            2 => Kind::Number,
            3 => Kind::String,
            4 => Kind::Array,
            _ => Kind::Object,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        some(host::member(self, key))
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn first(&self) -> Option<Self> {
        (self.kind() == Kind::Array).then(|| self.get("0"))?
    }

    fn is_true(&self) -> bool {
        self.is_truthy() && self.kind() == Kind::Boolean
    }

    fn to_json(&self) -> String {
        host::to_json(self)
    }
}

fn some(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined()).then_some(value)
}

//! The host's JSON values, for the core to look into.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::prelude::*;

use crate::core::json::{Json, Kind, Pack};

#[wasm_bindgen]
extern "C" {
    /// As js-sys has it, but for a text that stays with the host: its memory is not WebAssembly's.
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}

impl Pack for JsValue {
    fn pack(values: impl Iterator<Item = Self>) -> Self {
        values.collect::<Array>().into()
    }

    fn unpack(&self) -> Vec<Self> {
        Array::from(self).to_vec()
    }
}

impl Json for JsValue {
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
        // What is no object has no members, and `Reflect` says so by an error.
        let member = Reflect::get(self, &JsValue::from_str(key)).ok()?;
        (!member.is_undefined()).then_some(member)
    }

    fn at(&self, index: usize) -> Option<Self> {
        Array::is_array(self).then(|| Reflect::get_u32(self, index as u32).ok())?
    }

    fn length(&self) -> usize {
        if !Array::is_array(self) {
            return 0;
        }
        let length = self.get("length").and_then(|length| length.as_f64());
        length.map_or(0, |length| length as usize)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn is_same_text(&self, other: &Self) -> bool {
        self.is_string() && self == other
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn stringify(&self) -> Option<Self> {
        let text: JsValue = JSON::stringify(self).ok()?.into();
        text.is_string().then_some(text)
    }

    fn parse(&self) -> Option<Self> {
        self.is_string().then(|| parse(self).ok())?
    }
}

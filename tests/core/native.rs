//! JSON values without a host.

use serde_json::Value;
use wireql::core::json::{Json, Kind, Pack};

/// A JSON value in the tests. JSON text is a string.
#[derive(Clone, Debug)]
pub(crate) struct Native(pub(crate) Value);

impl Native {
    /// A string, such as the host would hold.
    pub(crate) fn string(text: impl Into<String>) -> Self {
        Native(Value::String(text.into()))
    }
}

impl Pack for Native {
    fn pack(values: impl Iterator<Item = Self>) -> Self {
        Native(values.map(|Native(value)| value).collect())
    }

    fn unpack(&self) -> Vec<Self> {
        let values = self.0.as_array().cloned().unwrap_or_default();
        values.into_iter().map(Native).collect()
    }
}

impl Json for Native {
    fn kind(&self) -> Kind {
        match self.0 {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        self.0.as_object()?.get(key).cloned().map(Native)
    }

    fn at(&self, index: usize) -> Option<Self> {
        self.0.as_array()?.get(index).cloned().map(Native)
    }

    fn length(&self) -> usize {
        self.0.as_array().map_or(0, Vec::len)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn is_same_text(&self, other: &Self) -> bool {
        self.0.is_string() && self.0 == other.0
    }

    fn is_true(&self) -> bool {
        self.0 == Value::Bool(true)
    }

    fn stringify(&self) -> Option<Self> {
        Some(Native::string(self.0.to_string()))
    }

    fn parse(&self) -> Option<Self> {
        serde_json::from_str(self.0.as_str()?).ok().map(Native)
    }
}

//! What the core needs to know of a JSON value, whoever holds it.
//!
//! In the package a value is the host's own (parsed once by the host's `JSON.parse`, handed on
//! untouched); in the native tests it is `serde_json`'s. So decoding is written once, and tested
//! without a host.

/// The six kinds of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// The kind with its article, for error messages.
    pub fn described(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "a boolean",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }
}

/// A JSON value that can be looked into.
pub trait Json: Clone {
    /// The value of a JSON text; `None` for what is none.
    fn parse(text: &str) -> Option<Self>;

    fn kind(&self) -> Kind;

    /// The member `key` of an object; `None` for other kinds and for a missing member.
    fn get(&self, key: &str) -> Option<Self>;

    /// The text of a string; `None` for other kinds.
    fn text(&self) -> Option<String>;

    /// The first element of an array; `None` for other kinds and for an empty one.
    fn first(&self) -> Option<Self>;

    /// Whether it is the boolean `true`.
    fn is_true(&self) -> bool;

    /// The value as JSON text.
    fn to_json(&self) -> String;
}

//! What the core needs to know about a JSON value, whoever holds it.
//!
//! In the package a value is the host's own, parsed once by the host's `JSON.parse` and handed on
//! untouched; in the native tests it is `serde_json`'s. So decoding is written once, and tested
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

/// A value that the host holds, and that can hold others.
pub trait Pack: Sized {
    fn pack(values: impl Iterator<Item = Self>) -> Self;

    fn unpack(&self) -> Vec<Self>;
}

/// A JSON value that the host holds.
pub trait Json: Clone + Pack {
    fn kind(&self) -> Kind;

    /// The member `key` of an object; `None` for other kinds and for a missing member.
    fn get(&self, key: &str) -> Option<Self>;

    /// The first element of an array; `None` for other kinds and for an empty one.
    fn first(&self) -> Option<Self>;

    /// How many elements an array has; 0 for other kinds.
    fn length(&self) -> usize;

    /// A copy of the text of a string; `None` for other kinds.
    fn text(&self) -> Option<String>;

    /// Whether it is the boolean `true`.
    fn is_true(&self) -> bool;

    /// The value as JSON text, which stays with the host. `None` if it is nested too deeply for
    /// the host to serialise.
    fn stringify(&self) -> Option<Self>;

    /// The value of a JSON text that the host holds; `None` if it is not JSON.
    fn parse(&self) -> Option<Self>;
}

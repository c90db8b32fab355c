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
pub trait Json: Clone + Pack + 'static {
    fn kind(&self) -> Kind;

    /// The member `key` of an object; `None` for other kinds and for a missing member.
    fn get(&self, key: &str) -> Option<Self>;

    /// An element of an array; `None` for other kinds and beyond its end.
    fn at(&self, index: usize) -> Option<Self>;

    /// How many elements an array has; 0 for other kinds.
    fn length(&self) -> usize;

    /// A copy of the text of a string; `None` for other kinds.
    fn text(&self) -> Option<String>;

    /// Whether both are strings, and the same.
    fn is_same_text(&self, other: &Self) -> bool;

    /// Whether it is the boolean `true`.
    fn is_true(&self) -> bool;

    /// The value as JSON text, which stays with the host. `None` if it is nested too deeply for
    /// the host to serialise.
    fn stringify(&self) -> Option<Self>;

    /// The value of a JSON text that the host holds; `None` if it is not JSON.
    fn parse(&self) -> Option<Self>;
}

/// A text as a string of JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\0'..='\u{1f}' => {
                json += "\\u00";
                for shift in [4, 0] {
                    json.extend(char::from_digit(u32::from(c) >> shift & 15, 16));
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

// The reference is a crate that only the native tests have.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_as_json() {
        for text in ["", "plain", "a\"b\\c", "\0\t\n\u{1f} \u{7f}ü𝄞"] {
            let parsed: Result<String, _> = serde_json::from_str(&quoted(text));
            assert_eq!(parsed.ok().as_deref(), Some(text));
        }
    }
}

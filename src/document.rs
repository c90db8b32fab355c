//! What kind of operation a GraphQL document asks for, found without parsing all of it.

/// The kind of an operation. GraphQL specification, section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationType {
    /// Ends by itself after its result.
    Query,
    /// Ends by itself after its result.
    Mutation,
    Subscription,
    /// A query with the directive `@live`, which some servers answer again and again.
    LiveQuery,
    /// No text to tell it by (a persisted document), or a text that a server will refuse.
    Unknown,
}

impl OperationType {
    /// Whether the server ends the operation by itself once it has answered.
    pub fn answers_once(self) -> bool {
        matches!(self, OperationType::Query | OperationType::Mutation)
    }
}

/// The kind of the operation that a server picks from `text`: the one called `operation_name`,
/// or the only one.
pub fn operation_type(text: &str, operation_name: Option<&str>) -> OperationType {
    let mut definition = None;
    let mut depth = 0usize;
    let mut tokens = Tokens {
        rest: text.as_bytes(),
    };
    while let Some(token) = tokens.next() {
        match token {
            b"{" | b"(" | b"[" => {
                if depth == 0 && token == b"{" && definition.is_none() {
                    // The short form `{ field }` is a query without a name.
                    if operation_name.is_none() {
                        return OperationType::Query;
                    }
                    definition = Some(OperationType::Query);
                }
                depth += 1;
            }
            b"@" => {}
            b"}" | b")" | b"]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token == b"}" {
                    definition = None;
                }
            }
            keyword if depth == 0 && definition.is_none() => {
                let kind = match keyword {
                    b"query" => OperationType::Query,
                    b"mutation" => OperationType::Mutation,
                    b"subscription" => OperationType::Subscription,
                    _ => OperationType::Unknown,
                };
                definition = Some(kind);
                let named_so = operation_name.is_none()
                    || tokens.clone().next() == operation_name.map(str::as_bytes);
                if kind != OperationType::Unknown && named_so {
                    return if kind == OperationType::Query && is_live(tokens) {
                        OperationType::LiveQuery
                    } else {
                        kind
                    };
                }
            }
            _ => {}
        }
    }
    OperationType::Unknown
}

/// Whether the directive `@live` stands between here and the selection set.
fn is_live(mut tokens: Tokens<'_>) -> bool {
    let mut depth = 0usize;
    let mut before: &[u8] = b"";
    while let Some(token) = tokens.next() {
        match token {
            b"{" if depth == 0 => return false,
            b"{" | b"(" | b"[" => depth += 1,
            b"}" | b")" | b"]" => depth = depth.saturating_sub(1),
            b"live" if depth == 0 && before == b"@" => return true,
            _ => {}
        }
        before = token;
    }
    false
}

/// Names, brackets and `@`, one by one; strings, comments, numbers and other punctuation are passed
/// over. GraphQL specification, section 2.1. Bytes, as all that it looks for is ASCII.
#[derive(Clone)]
struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            match *self.rest.first()? {
                b'{' | b'}' | b'(' | b')' | b'[' | b']' | b'@' => return Some(self.take(1)),
                b'#' => {
                    self.take_while(|byte| !matches!(byte, b'\n' | b'\r'));
                }
                b'"' => self.skip_string(),
                byte if is_name(byte) && !byte.is_ascii_digit() => {
                    return Some(self.take_while(is_name));
                }
                _ => {
                    self.take(1);
                }
            }
        }
    }

    fn skip_string(&mut self) {
        let (quotes, escaped): (&[u8], &[u8]) = if self.rest.starts_with(BLOCK_QUOTES) {
            (BLOCK_QUOTES, br#"\""""#)
        } else {
            (br#"""#, br#"\""#)
        };
        self.take(quotes.len());
        while !self.rest.is_empty() {
            if self.rest.starts_with(quotes) {
                self.take(quotes.len());
                return;
            }
            if self.rest.starts_with(escaped) {
                self.take(escaped.len());
            } else if quotes.len() == 1 && self.rest.starts_with(br"\\") {
                self.take(2);
            } else {
                self.take(1);
            }
        }
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !wanted(*byte));
        self.take(end.unwrap_or(self.rest.len()))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, b""));
        self.rest = rest;
        taken
    }
}

const BLOCK_QUOTES: &[u8] = br#"""""#;

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::{OperationType::*, operation_type};

    #[test]
    fn the_kind_is_found_in_documents_of_every_shape() {
        let cases = [
            ("{ a }", None, Query),
            ("query { a }", None, Query),
            (
                "  # subscription\n mutation M($a: [Int!]! = [1]) { a }",
                None,
                Mutation,
            ),
            ("\u{feff}subscription S { a }", None, Subscription),
            (
                "fragment subscription on T { query } subscription { a }",
                None,
                Subscription,
            ),
            (
                "query A { a } subscription B { b }",
                Some("B"),
                Subscription,
            ),
            ("query A { a } subscription B { b }", Some("A"), Query),
            ("query A { a } subscription B { b }", Some("C"), Unknown),
            ("{ a } mutation B { b }", Some("B"), Mutation),
            (
                r#"query A { a(s: "} subscription B {") } mutation B { b }"#,
                Some("B"),
                Mutation,
            ),
            (
                r#"query A { a(s: """ \""" } " subscription B { """) } mutation B { b }"#,
                Some("B"),
                Mutation,
            ),
            (
                r#"query A { a(s: "\\") } mutation B { b }"#,
                Some("B"),
                Mutation,
            ),
            (
                r#"query A { a(s: "\"") } mutation B { b }"#,
                Some("B"),
                Mutation,
            ),
            (
                "query A @d(x: {a: 1}) { a } subscription B { b }",
                Some("B"),
                Subscription,
            ),
            (
                "query L($a: T = {b: [live]}) @a(live: 1) @live { a }",
                None,
                LiveQuery,
            ),
            ("query live($live: A) @a(live: 1) { a @live }", None, Query),
            ("subscription @live { a }", None, Subscription),
            ("subscription", None, Subscription),
            ("}}}{", None, Query),
            ("type T { a: Int }", None, Unknown),
            (r#""never closed"#, None, Unknown),
            ("ü { a }", None, Query),
            ("", None, Unknown),
        ];
        for (text, name, expected) in cases {
            assert_eq!(operation_type(text, name), expected, "{text} {name:?}");
        }
    }
}

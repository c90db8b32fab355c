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
    let mut tokens = Tokens { rest: text };
    while let Some(token) = tokens.next() {
        match token {
            "{" | "(" | "[" => {
                if depth == 0 && token == "{" && definition.is_none() {
                    // The short form `{ field }` is a query without a name.
                    if operation_name.is_none() {
                        return OperationType::Query;
                    }
                    definition = Some(OperationType::Query);
                }
                depth += 1;
            }
            "@" => {}
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token == "}" {
                    definition = None;
                }
            }
            keyword if depth == 0 && definition.is_none() => {
                let kind = match keyword {
                    "query" => OperationType::Query,
                    "mutation" => OperationType::Mutation,
                    "subscription" => OperationType::Subscription,
                    _ => OperationType::Unknown,
                };
                definition = Some(kind);
                let named_so = operation_name.is_none() || tokens.clone().next() == operation_name;
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
    let mut before = "";
    while let Some(token) = tokens.next() {
        match token {
            "{" if depth == 0 => return false,
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            "live" if depth == 0 && before == "@" => return true,
            _ => {}
        }
        before = token;
    }
    false
}

/// Names, brackets and `@`, one by one; strings, comments, numbers and other punctuation are passed
/// over. GraphQL specification, section 2.1.
#[derive(Clone)]
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let start = self.rest.chars().next()?;
            match start {
                '{' | '}' | '(' | ')' | '[' | ']' | '@' => return Some(self.take(1)),
                '#' => {
                    let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
                    self.take(end);
                }
                '"' => self.skip_string(),
                'a'..='z' | 'A'..='Z' | '_' => {
                    let end = self
                        .rest
                        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .unwrap_or(self.rest.len());
                    return Some(self.take(end));
                }
                other => {
                    self.take(other.len_utf8());
                }
            }
        }
    }

    fn skip_string(&mut self) {
        let (quotes, escaped_quotes) = if self.rest.starts_with(r#"""""#) {
            (r#"""""#, r#"\""""#)
        } else {
            (r#"""#, r#"\""#)
        };
        self.take(quotes.len());
        while !self.rest.is_empty() {
            if self.rest.starts_with(quotes) {
                self.take(quotes.len());
                return;
            }
            if self.rest.starts_with(escaped_quotes) {
                self.take(escaped_quotes.len());
            } else if quotes.len() == 1 && self.rest.starts_with(r"\\") {
                self.take(2);
            } else {
                let character = self.rest.chars().next().map_or(0, char::len_utf8);
                self.take(character);
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
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

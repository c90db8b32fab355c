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
    /// The kind of the operation that a server picks from `document`: the one called
    /// `operation_name`, or the only one.
    pub fn of(document: &str, operation_name: Option<&str>) -> Self {
        let mut tokens = Tokens::new(document);
        let mut in_definition = false;
        let mut depth = 0_u32;
        while let Some(token) = tokens.next() {
            match token {
                Token::Open(bracket) => {
                    if depth == 0 && bracket == b'{' && !in_definition {
                        // The short form `{ field }` is a query without a name.
                        if operation_name.is_none() {
                            return OperationType::Query;
                        }
                        in_definition = true;
                    }
                    depth += 1;
                }
                Token::Close(bracket) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && bracket == b'}' {
                        in_definition = false;
                    }
                }
                Token::Name(keyword) if depth == 0 && !in_definition => {
                    in_definition = true;
                    let Some(kind) = Self::of_keyword(keyword) else {
                        continue;
                    };
                    if operation_name.is_none_or(|name| tokens.peek() == Some(Token::Name(name))) {
                        let is_live = kind == OperationType::Query && tokens.is_live();
                        return if is_live {
                            OperationType::LiveQuery
                        } else {
                            kind
                        };
                    }
                }
                Token::Name(_) | Token::At => {}
            }
        }
        OperationType::Unknown
    }

    /// The kind that a keyword begins.
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        match keyword {
            "query" => Some(OperationType::Query),
            "mutation" => Some(OperationType::Mutation),
            "subscription" => Some(OperationType::Subscription),
            _ => None,
        }
    }

    /// Whether the server ends the operation by itself once it has answered.
    pub fn answers_once(self) -> bool {
        matches!(self, OperationType::Query | OperationType::Mutation)
    }
}

/// What matters here of the tokens of GraphQL. Specification, section 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Open(u8),
    Close(u8),
    At,
}

/// The tokens of a document. Strings and comments, numbers and other punctuation are passed over.
#[derive(Clone)]
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Tokens { text, at: 0 }
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.clone().next()
    }

    /// Whether the directive `@live` stands between here and the selection set.
    fn is_live(&mut self) -> bool {
        let mut depth = 0_i32;
        let mut after_at = false;
        for token in self {
            match token {
                Token::Open(b'{') if depth == 0 => return false,
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth -= 1,
                Token::Name("live") if depth == 0 && after_at => return true,
                Token::Name(_) | Token::At => {}
            }
            after_at = token == Token::At;
        }
        false
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        byte
    }

    /// Passes over so many quotes, if they stand here.
    fn quotes(&mut self, count: usize) -> bool {
        let quotes = self.text.as_bytes().get(self.at..self.at + count);
        let stand_here = quotes.is_some_and(|quotes| quotes.iter().all(|byte| *byte == b'"'));
        if stand_here {
            self.at += count;
        }
        stand_here
    }

    /// Passes over the rest of a string whose first quote has been read.
    fn skip_string(&mut self) {
        let is_block = self.quotes(2);
        while self.at < self.text.len() && !self.quotes(if is_block { 3 } else { 1 }) {
            // A backslash escapes what follows; in a block string nothing but three quotes.
            if self.byte() == Some(b'\\') && !(is_block && self.quotes(3)) {
                self.at += usize::from(!is_block);
            }
        }
    }

    fn skip_comment(&mut self) {
        while !matches!(self.byte(), Some(b'\n' | b'\r') | None) {}
    }

    /// A name whose first letter has been read.
    fn name(&mut self) -> &'a str {
        let from = self.at - 1;
        while matches!(
            self.byte(),
            Some(b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')
        ) {}
        self.at -= 1;
        self.text.get(from..self.at).unwrap_or_default()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match self.byte()? {
                b'"' => self.skip_string(),
                b'#' => self.skip_comment(),
                bracket @ (b'{' | b'(' | b'[') => return Some(Token::Open(bracket)),
                bracket @ (b'}' | b')' | b']') => return Some(Token::Close(bracket)),
                b'@' => return Some(Token::At),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => return Some(Token::Name(self.name())),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OperationType::{self, *};

    #[test]
    fn a_description_of_any_length_may_stand_before_the_keyword() {
        for quotes in ["\"", "\"\"\""] {
            let document = format!("{quotes}{}{quotes} mutation {{ a }}", "x".repeat(16 << 20));
            assert_eq!(OperationType::of(&document, None), Mutation);
        }
    }

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
            ("# a comment\r{ b }\r\nmutation { a }", None, Query),
            ("# a { comment }\r\nmutation { a }", None, Mutation),
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
                r#"query A { a(s: "", t: """""") } mutation B { b }"#,
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
            (r#""""never closed"#, None, Unknown),
            ("ü { a }", None, Query),
            ("", None, Unknown),
        ];
        for (text, name, expected) in cases {
            assert_eq!(OperationType::of(text, name), expected, "{text} {name:?}");
        }
    }
}

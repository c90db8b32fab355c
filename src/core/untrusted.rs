//! Text of the server's, made fit for messages and traces: it is short, and what would change how a terminal shows it
//! is escaped. `untrusted.js` does the same to text of the host's.

/// As much as a reader needs to see.
const SHOWN: usize = 120;

/// At most the first 120 characters.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => escaped(text),
        Some((end, _)) => escaped(text.get(..end).unwrap_or_default()) + "…",
    }
}

/// Whether a character is not seen, but changes what is: controls, and marks of direction, lines and width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

/// Hidden characters as JSON has them, so that JSON stays the same JSON.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown += "\\u";
            // Without `format!`, whose code is large; all of them have four digits.
            for shift in [12, 8, 4, 0] {
                shown.extend(char::from_digit(u32::from(c) >> shift & 15, 16));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_ends_between_two_characters() {
        assert_eq!(excerpt("short"), "short");
        let long = "ü€𝄞".repeat(50);
        let expected: String = long.chars().take(120).chain(['…']).collect();
        assert_eq!(excerpt(&long), expected);
        let just_fits: String = long.chars().take(120).collect();
        assert_eq!(excerpt(&just_fits), just_fits);
    }

    #[test]
    fn what_is_not_seen_is_escaped() {
        let text = "a\u{1b}[31m\u{202e}b\u{2066}\n\u{feff}ü👩‍👧 \u{9b}";
        let expected = "a\\u001b[31m\\u202eb\\u2066\\u000a\\ufeffü👩‍👧 \\u009b";
        assert_eq!(excerpt(text), expected);
    }
}

//! Text without `core::fmt`, which would be a fifth of the package.

/// The parts as one text.
pub fn concat(parts: &[&str]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The names with commas between them.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}

/// A number in decimal, without leading zeros.
pub fn decimal(number: u32) -> String {
    let mut text = String::new();
    push_decimal(&mut text, number);
    text
}

fn push_decimal(text: &mut String, number: u32) {
    if number >= 10 {
        push_decimal(text, number / 10);
    }
    let digit = number as usize % 10;
    text.push_str(part("0123456789", digit, digit + 1));
}

/// From one place up to another, which stand between characters.
fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// A text with the parts where it has a `$`.
pub fn filled(template: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut text = String::new();
    let mut from = 0;
    for (at, byte) in template.bytes().enumerate() {
        if byte == b'$' {
            text.push_str(part(template, from, at));
            text.push_str(parts.next().copied().unwrap_or_default());
            from = at + 1;
        }
    }
    text.push_str(part(template, from, template.len()));
    text
}

/// At most the first 120 characters, for error messages.
pub fn excerpt(text: &str) -> String {
    // A byte that begins a character is no continuation, which is 10xxxxxx.
    let begins = |(_, byte): &(usize, u8)| byte & 0xc0 != 0x80;
    match text.bytes().enumerate().filter(begins).nth(120) {
        None => text.to_owned(),
        Some((end, _)) => concat(&[part(text, 0, end), "…"]),
    }
}

/// A URL without what may be secret in it: user, password, query and fragment.
pub fn without_secrets(url: &str) -> String {
    let mut slashes = 0;
    // Where user and password begin, where the host does, and where the path ends.
    let mut secret = 0;
    let mut host = 0;
    let mut end = url.len();
    for (at, byte) in url.bytes().enumerate() {
        match byte {
            b'?' | b'#' => {
                end = at;
                break;
            }
            b'/' => {
                slashes += 1;
                if slashes == 2 {
                    secret = at + 1;
                    host = secret;
                }
            }
            b'@' if slashes == 2 => host = at + 1,
            _ => {}
        }
    }
    concat(&[part(url, 0, secret), part(url, host, end)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_decimal() {
        for number in [0, 7, 10, 99, 100, 4_294_967_295] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

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
    fn what_may_be_secret_in_a_url_goes() {
        for (url, expected) in [
            ("ws://host:1/path?token=s#s", "ws://host:1/path"),
            ("wss://user:p@ss@host/a@b?c", "wss://host/a@b"),
            ("ws://user:secret@host", "ws://host"),
            ("ws://host?a=/b@c", "ws://host"),
            ("ws://ü@h/ü#x", "ws://h/ü"),
            ("no url?secret", "no url"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(url), expected);
        }
    }
}

//! A statement's text with parameters where its constants were, for statistics (the scanner's side
//! of pg_stat_statements).
//!
//! Only the text is looked at: white space and comments stay, so two texts that differ in them are
//! two. Numbers go on after the highest parameter of the text.

use std::fmt::Write;

/// Replaces strings and numbers by `$n`. A text that ends within a string stays as it is from there.
pub fn normalize(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut next = highest_parameter(sql) + 1;
    let bytes = sql.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = token_end(bytes, at);
        if is_constant(bytes, at) {
            let _ = write!(out, "${next}");
            next += 1;
        } else {
            out.push_str(&sql[at..end]);
        }
        at = end;
    }
    out
}

fn highest_parameter(sql: &str) -> u32 {
    let bytes = sql.as_bytes();
    let (mut at, mut highest) = (0, 0);
    while at < bytes.len() {
        let end = token_end(bytes, at);
        if bytes[at] == b'$' {
            highest = highest.max(sql[at + 1..end].parse().unwrap_or(0));
        }
        at = end;
    }
    highest
}

/// Whether a constant begins here, where a token begins.
fn is_constant(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'\'' | b'0'..=b'9' => true,
        b'.' => bytes.get(at + 1).is_some_and(u8::is_ascii_digit),
        b'$' => {
            !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && dollar_tag(bytes, at).is_some()
        }
        _ => string_prefix(bytes, at).is_some(),
    }
}

/// The length of `E`, `B`, `X`, `N` or `U&` before a quote.
fn string_prefix(bytes: &[u8], at: usize) -> Option<usize> {
    let quote_at = |len: usize| (bytes.get(at + len) == Some(&b'\'')).then_some(len);
    match bytes[at].to_ascii_lowercase() {
        b'e' | b'b' | b'x' | b'n' => quote_at(1),
        b'u' if bytes.get(at + 1) == Some(&b'&') => quote_at(2),
        _ => None,
    }
}

/// The length of a dollar quote's opening, `$tag$`.
fn dollar_tag(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at + 1..];
    let len = rest.iter().position(|b| !is_word(*b))?;
    (rest[len] == b'$' && !rest[..len].first().is_some_and(u8::is_ascii_digit)).then_some(len + 2)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the token that begins at `at` ends; always after `at` and between characters.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let find = |from: usize, what: &[u8]| {
        let rest = bytes.get(from..).unwrap_or_default();
        let found = rest.windows(what.len()).position(|window| window == what);
        found.map_or(bytes.len(), |place| from + place + what.len())
    };
    match bytes[at] {
        b'\'' => quoted_end(bytes, at, b'\'', false),
        b'"' => quoted_end(bytes, at, b'"', false),
        b'-' if bytes.get(at + 1) == Some(&b'-') => find(at, b"\n"),
        b'/' if bytes.get(at + 1) == Some(&b'*') => find(at + 2, b"*/"),
        b'$' => match dollar_tag(bytes, at) {
            Some(len) => find(at + len, &bytes[at..at + len]),
            None => at + 1 + run(&bytes[at + 1..], |b| b.is_ascii_digit()),
        },
        b'0'..=b'9' => number_end(bytes, at),
        b'.' if is_constant(bytes, at) => number_end(bytes, at),
        byte if is_word(byte) => match string_prefix(bytes, at) {
            Some(len) => quoted_end(bytes, at + len, b'\'', byte.eq_ignore_ascii_case(&b'e')),
            // A dollar sign may stand within a name.
            None => at + run(&bytes[at..], |b| is_word(b) || b == b'$'),
        },
        _ => at + 1,
    }
}

fn run(bytes: &[u8], test: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !test(*b)).unwrap_or(bytes.len())
}

fn quoted_end(bytes: &[u8], open: usize, quote: u8, has_escapes: bool) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if has_escapes => at += 1,
            // Doubled, it stands for itself: two strings side by side read the same.
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn number_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < bytes.len() {
        let is_sign = matches!(bytes[end], b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E');
        let is_part = is_word(bytes[end]) || bytes[end] == b'.';
        if !(is_part || (end > at && is_sign)) {
            break;
        }
        // `1..10` is two numbers.
        if bytes[end] == b'.' && bytes.get(end + 1) == Some(&b'.') {
            break;
        }
        end += 1;
    }
    end.max(at + 1)
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn constants_become_parameters_and_nothing_else_does() {
        for (sql, expected) in [
            ("SELECT 1", "SELECT $1"),
            ("SELECT a1, $1, 2.5e-3 FROM t2", "SELECT a1, $1, $2 FROM t2"),
            ("SELECT 'it''s', E'\\'x', \"a'1\"", "SELECT $1, $2, \"a'1\""),
            ("SELECT $$a 1$$, $x$ '1 $x$ , x'ff'", "SELECT $1, $2 , $3"),
            (
                "SELECT 1 -- 2\n + /* 3 */ .5",
                "SELECT $1 -- 2\n + /* 3 */ $2",
            ),
            ("SELECT a[1], -2, 3::int4", "SELECT a[$1], -$2, $3::int4"),
            ("SELECT 'é', ü1", "SELECT $1, ü1"),
            ("SELECT 'open", "SELECT $1"),
            ("", ""),
        ] {
            assert_eq!(normalize(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_text_that_was_normalized_stays() {
        let once = normalize("INSERT INTO t VALUES (1, 'x'), (-2, NULL) RETURNING a + 1");
        assert_eq!(normalize(&once), once);
    }
}

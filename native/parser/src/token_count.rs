//! An upper bound on the memory of a parse, found without parsing.

/// Whether a text has more than `limit` tokens, roughly: words and numbers count once, every other
/// character by itself, strings once, comments and white space not at all.
pub(crate) fn exceeds_tokens(text: &[u8], limit: usize) -> bool {
    let mut tokens = 0;
    let mut at = 0;
    while at < text.len() && tokens <= limit {
        let byte = text[at];
        tokens += 1;
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => {
                tokens -= 1;
                at + 1
            }
            b'\'' => {
                let escapes = at > 0 && matches!(text[at - 1], b'e' | b'E');
                after_quoted(text, at + 1, b'\'', escapes)
            }
            b'"' => after_quoted(text, at + 1, b'"', false),
            b'-' if text.get(at + 1) == Some(&b'-') => {
                tokens -= 1;
                memchr::memchr2(b'\n', b'\r', &text[at..]).map_or(text.len(), |n| at + n)
            }
            b'/' if text.get(at + 1) == Some(&b'*') => {
                tokens -= 1;
                after_comment(text, at + 2)
            }
            b'$' => after_dollar(text, at),
            _ if is_word(byte) => after_word(text, at),
            _ => at + 1,
        };
    }
    tokens > limit
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn after_word(text: &[u8], at: usize) -> usize {
    let rest = text[at..].iter().position(|&b| !is_word(b) && b != b'$');
    rest.map_or(text.len(), |n| at + n.max(1))
}

/// A doubled quote ends one string and starts the next, which changes the count but not where
/// strings are.
fn after_quoted(text: &[u8], mut at: usize, quote: u8, escapes: bool) -> usize {
    while let Some(found) = memchr::memchr2(quote, b'\\', &text[at..]) {
        at += found;
        if text[at] == quote {
            return at + 1;
        }
        at = if escapes {
            (at + 2).min(text.len())
        } else {
            at + 1
        };
    }
    text.len()
}

/// Comments nest.
fn after_comment(text: &[u8], mut at: usize) -> usize {
    let mut depth = 1;
    while let Some(found) = memchr::memchr2(b'*', b'/', &text[at..]) {
        at += found;
        let pair = text.get(at..at + 2);
        at += 1;
        if pair == Some(b"*/") {
            at += 1;
            depth -= 1;
            if depth == 0 {
                return at;
            }
        } else if pair == Some(b"/*") {
            at += 1;
            depth += 1;
        }
    }
    text.len()
}

/// `$tag$ .. $tag$`, else only the dollar sign.
fn after_dollar(text: &[u8], at: usize) -> usize {
    let tag_len = text[at + 1..].iter().position(|&b| !is_word(b));
    let Some(tag_len) = tag_len.filter(|&n| text[at + 1 + n] == b'$') else {
        return at + 1;
    };
    let end = at + tag_len + 2;
    let tag = &text[at..end];
    if tag.get(1).is_some_and(u8::is_ascii_digit) {
        return at + 1;
    }
    memchr::memmem::find(&text[end..], tag).map_or(text.len(), |n| end + n + tag.len())
}

#[cfg(test)]
mod tests {
    use super::exceeds_tokens;

    #[track_caller]
    fn count(text: &str, tokens: usize) {
        assert!(
            !exceeds_tokens(text.as_bytes(), tokens),
            "more than {tokens}: {text}"
        );
        assert!(
            tokens == 0 || exceeds_tokens(text.as_bytes(), tokens - 1),
            "fewer: {text}"
        );
    }

    #[test]
    fn counts() {
        count("", 0);
        count("SELECT a, b FROM t", 6);
        count("'a;;;;b' \"c d\"", 2);
        count("E'a\\';;;;'", 2);
        count("1 -- a b c\n 2", 2);
        count("1 /* a /* b */ c */ 2", 2);
        count("$x$ a b c $x$ 1", 2);
        count("$1 + $2", 5);
        count("'unterminated ,,,,", 1);
        count("/* unterminated ,,,,", 0);
        count("$a$ unterminated ,,,,", 1);
        count("1$", 1);
        count("$", 1);
    }
}

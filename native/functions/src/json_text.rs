//! Members of json, which is stored as the text it was given: parts are slices of that text.

/// Where the value that starts at `at` (blanks before it allowed) begins and ends. The text was
/// checked when it came in.
fn span(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let start = skip_blanks(bytes, at);
    let mut at = start;
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    break;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth == 0 {
                    break;
                }
                depth -= 1;
                if depth == 0 {
                    at += 1;
                    break;
                }
            }
            b',' | b':' if depth == 0 => break,
            c if depth == 0 && c.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    (start, at)
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The byte after the closing quote of the string that starts at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// What a json text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    pub fn of(text: &str) -> Self {
        match text.as_bytes().get(skip_blanks(text.as_bytes(), 0)) {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }
}

/// The elements of an array, as they are written; nothing for what is none.
pub fn elements(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    if Kind::of(text) != Kind::Array {
        return out;
    }
    let mut at = skip_blanks(bytes, 0) + 1;
    loop {
        let (start, end) = span(text, at);
        if start == end {
            return out;
        }
        out.push(&text[start..end]);
        at = skip_blanks(bytes, end);
        if bytes.get(at) != Some(&b',') {
            return out;
        }
        at += 1;
    }
}

/// The members of an object in their order: key without quotes and escapes, value as it is written.
pub fn members(text: &str) -> Vec<(String, &str)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    if Kind::of(text) != Kind::Object {
        return out;
    }
    let mut at = skip_blanks(bytes, 0) + 1;
    loop {
        let (start, end) = span(text, at);
        if start == end {
            return out;
        }
        let key = unquote(&text[start..end]);
        at = skip_blanks(bytes, end) + 1;
        let (start, end) = span(text, at);
        out.push((key, &text[start..end]));
        at = skip_blanks(bytes, end);
        if bytes.get(at) != Some(&b',') {
            return out;
        }
        at += 1;
    }
}

/// The value of a member; the last of several of one key.
pub fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    members(text)
        .into_iter()
        .rev()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}

/// An element by number, negative ones from the end.
pub fn element(text: &str, at: i32) -> Option<&str> {
    let all = elements(text);
    let at = if at < 0 {
        all.len() as i64 + i64::from(at)
    } else {
        at.into()
    };
    usize::try_from(at).ok().and_then(|at| all.get(at).copied())
}

pub(crate) fn unquote(text: &str) -> String {
    match types::json::parse_json(text) {
        Ok(types::json::JsonValue::String(text)) => text,
        _ => text.trim_matches('"').to_string(),
    }
}

/// The value as text: a string without its quotes, NULL for null, others as written.
pub fn as_text(text: &str) -> Option<String> {
    match Kind::of(text) {
        Kind::String => Some(unquote(text)),
        Kind::Null => None,
        _ => Some(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_slices_of_the_text() {
        let text = r#" { "a" : [1, {"b" : "x]y"} , 2.50] , "c":null, "a\n":"q\"r" } "#;
        assert_eq!(member(text, "a"), Some(r#"[1, {"b" : "x]y"} , 2.50]"#));
        assert_eq!(member(text, "c"), Some("null"));
        assert_eq!(
            member(text, "a\n").and_then(as_text).as_deref(),
            Some("q\"r")
        );
        assert_eq!(element("[1, 2 ,3]", -2), Some("2"));
        assert!(elements("[]").is_empty() && members("{ }").is_empty());
    }
}

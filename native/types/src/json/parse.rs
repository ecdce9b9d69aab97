//! The JSON parser, with PostgreSQL's errors.

use common::{Error, Result, SqlState, sqlstate};

use super::value::JsonValue;
use crate::numeric::Numeric;

/// Nesting that is accepted: what a thread's stack holds many times over.
const DEPTH_MAX: usize = 2000;

/// Reads a document into a tree. Numbers keep their digits; `\u0000` is refused, as for jsonb.
pub fn parse_json(text: &str) -> Result<JsonValue> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        build: true,
    };
    parser.document()
}

/// Checks a document and builds nothing, as for json.
pub fn validate_json(text: &str) -> Result<()> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        build: false,
    };
    parser.document().map(drop)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    build: bool,
}

/// What stood where a value, key or separator was expected.
enum Expected {
    Json,
    End,
    ArrayElement,
    ArrayNext,
    ObjectKeyOrEnd,
    ObjectKey,
    ObjectColon,
    ObjectNext,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<JsonValue> {
        let value = self.value(Expected::Json)?;
        self.skip_blanks();
        if self.at < self.text.len() {
            return Err(self.unexpected(Expected::End));
        }
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, expected: Expected) -> Result<JsonValue> {
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(JsonValue::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(c) if is_word_byte(c) => {
                let start = self.at;
                while self.peek().is_some_and(is_word_byte) {
                    self.at += 1;
                }
                match &self.text[start..self.at] {
                    "true" => Ok(JsonValue::Bool(true)),
                    "false" => Ok(JsonValue::Bool(false)),
                    "null" => Ok(JsonValue::Null),
                    _ => Err(self.invalid_token(start)),
                }
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<JsonValue>) -> Result<JsonValue> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::new(
                sqlstate::STATEMENT_TOO_COMPLEX,
                "stack depth limit exceeded",
            ));
        }
        self.at += 1;
        let value = parse(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<JsonValue> {
        let mut values = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(JsonValue::Array(values));
        }
        loop {
            let value = self.value(Expected::ArrayElement)?;
            if self.build {
                values.push(value);
            }
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(JsonValue::Array(values));
                }
                _ => return Err(self.unexpected(Expected::ArrayNext)),
            }
        }
    }

    fn object(&mut self) -> Result<JsonValue> {
        let mut pairs = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(JsonValue::Object(pairs));
        }
        let mut expected = Expected::ObjectKeyOrEnd;
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected(expected));
            }
            let key = self.string()?;
            self.skip_blanks();
            if self.peek() != Some(b':') {
                return Err(self.unexpected(Expected::ObjectColon));
            }
            self.at += 1;
            let value = self.value(Expected::Json)?;
            if self.build {
                pairs.push((key, value));
            }
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(JsonValue::Object(pairs));
                }
                _ => return Err(self.unexpected(Expected::ObjectNext)),
            }
            expected = Expected::ObjectKey;
        }
    }

    fn number(&mut self) -> Result<JsonValue> {
        let start = self.at;
        let digits = |parser: &mut Self| {
            let from = parser.at;
            while matches!(parser.peek(), Some(b'0'..=b'9')) {
                parser.at += 1;
            }
            parser.at > from
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let mut valid = match self.peek() {
            Some(b'0') => {
                self.at += 1;
                true
            }
            _ => digits(self),
        };
        if valid && self.peek() == Some(b'.') {
            self.at += 1;
            valid = digits(self);
        }
        if valid && matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            valid = digits(self);
        }
        // Letters or digits that touch a number are part of a bad token.
        if !valid || self.peek().is_some_and(is_word_byte) {
            while self.peek().is_some_and(is_word_byte) {
                self.at += 1;
            }
            return Err(self.invalid_token(start));
        }
        if !self.build {
            return Ok(JsonValue::Null);
        }
        Numeric::parse(&self.text[start..self.at]).map(JsonValue::Number)
    }

    fn string(&mut self) -> Result<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut run = self.at;
        loop {
            match self.peek() {
                None => return Err(self.invalid_token(start)),
                Some(b'"') => {
                    if self.build {
                        out.push_str(&self.text[run..self.at]);
                    }
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    if self.build {
                        out.push_str(&self.text[run..self.at]);
                    }
                    self.escape(start, &mut out)?;
                    run = self.at;
                }
                Some(c) if c < 0x20 => {
                    let detail = format!("Character with value 0x{c:02x} must be escaped.");
                    return Err(self.error(&detail, self.at + 1));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, start: usize, out: &mut String) -> Result<()> {
        self.at += 1;
        let Some(c) = self.peek() else {
            return Err(self.invalid_token(start));
        };
        self.at += 1;
        out.push(match c {
            b'"' | b'\\' | b'/' => c.into(),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(start, out),
            _ => {
                self.at -= 1;
                let c = self.text[self.at..].chars().next().unwrap_or('\\');
                let detail = format!("Escape sequence \"\\{c}\" is invalid.");
                return Err(self.error(&detail, self.at + c.len_utf8()));
            }
        });
        Ok(())
    }

    fn unicode_escape(&mut self, start: usize, out: &mut String) -> Result<()> {
        let unit = self.hex4(start)?;
        // Only text that is taken apart must be sound.
        if !self.build {
            return Ok(());
        }
        let code = match unit {
            0 => {
                let detail = "\\u0000 cannot be converted to text.";
                return Err(self.error_with(
                    sqlstate::UNTRANSLATABLE_CHARACTER,
                    "unsupported Unicode escape sequence",
                    detail,
                    self.at,
                ));
            }
            0xD800..=0xDBFF => {
                let low = match self.text.as_bytes().get(self.at..self.at + 2) {
                    Some(b"\\u") => {
                        self.at += 2;
                        self.hex4(start)?
                    }
                    _ => 0,
                };
                if !(0xDC00..=0xDFFF).contains(&low) {
                    let detail = "Unicode low surrogate must follow a high surrogate.";
                    return Err(self.error(detail, self.at));
                }
                0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
            }
            0xDC00..=0xDFFF => {
                let detail = "Unicode low surrogate must follow a high surrogate.";
                return Err(self.error(detail, self.at));
            }
            unit => unit,
        };
        out.extend(char::from_u32(code));
        Ok(())
    }

    fn hex4(&mut self, start: usize) -> Result<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            match self.peek() {
                None => return Err(self.invalid_token(start)),
                Some(c) if c.is_ascii_hexdigit() => {
                    unit = unit * 16 + (c as char).to_digit(16).unwrap_or(0);
                    self.at += 1;
                }
                Some(_) => {
                    let next = self.text[self.at..]
                        .chars()
                        .next()
                        .map_or(0, char::len_utf8);
                    let detail = "\"\\u\" must be followed by four hexadecimal digits.";
                    return Err(self.error(detail, self.at + next));
                }
            }
        }
        Ok(unit)
    }

    fn invalid_token(&self, start: usize) -> Error {
        let token = &self.text[start..self.at];
        self.error(&format!("Token \"{token}\" is invalid."), self.at)
    }

    fn unexpected(&self, expected: Expected) -> Error {
        let Some(next) = self.text[self.at..].chars().next() else {
            return self.error("The input string ended unexpectedly.", self.text.len());
        };
        // A token is a structural character, a string, a word, or one odd character.
        let mut end = self.at + next.len_utf8();
        let structural = matches!(next, '{' | '}' | '[' | ']' | ':' | ',' | '"');
        if next == '"' {
            let mut rest = Parser {
                text: self.text,
                at: self.at,
                depth: 0,
                build: false,
            };
            if let Err(error) = rest.string() {
                return error;
            }
            end = rest.at;
        } else if !structural {
            if is_word_char(next) || next == '-' {
                let length = self.text[self.at..]
                    .char_indices()
                    .find(|&(at, c)| !is_word_char(c) && (at != 0 || c != '-'))
                    .map_or(self.text.len() - self.at, |(at, _)| at);
                end = self.at + length;
                let word = &self.text[self.at..end];
                let known = matches!(word, "true" | "false" | "null")
                    || word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                if !known {
                    return self.error(&format!("Token \"{word}\" is invalid."), end);
                }
            } else {
                return self.error(&format!("Token \"{next}\" is invalid."), end);
            }
        }
        let token = &self.text[self.at..end];
        let detail = match expected {
            Expected::Json => format!("Expected JSON value, but found \"{token}\"."),
            Expected::End => format!("Expected end of input, but found \"{token}\"."),
            Expected::ArrayElement => format!("Expected JSON value, but found \"{token}\"."),
            Expected::ArrayNext => format!("Expected \",\" or \"]\", but found \"{token}\"."),
            Expected::ObjectKeyOrEnd => {
                format!("Expected string or \"}}\", but found \"{token}\".")
            }
            Expected::ObjectKey => format!("Expected string, but found \"{token}\"."),
            Expected::ObjectColon => format!("Expected \":\", but found \"{token}\"."),
            Expected::ObjectNext => format!("Expected \",\" or \"}}\", but found \"{token}\"."),
        };
        self.error(&detail, end)
    }

    fn error(&self, detail: &str, end: usize) -> Error {
        self.error_with(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type json",
            detail,
            end,
        )
    }

    /// `end` is where the offending token ends: the context shows the line up to there.
    fn error_with(&self, state: SqlState, message: &str, detail: &str, end: usize) -> Error {
        const SHOWN_MAX: usize = 50;
        let end = end.min(self.text.len());
        let before = &self.text[..end];
        let line_number = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let mut start = line_start;
        while end - start >= SHOWN_MAX {
            start += self.text[start..].chars().next().map_or(1, char::len_utf8);
        }
        // A few bytes more at the front say no less than dots would.
        if start - line_start <= 3 {
            start = line_start;
        }
        let prefix = if start > line_start { "..." } else { "" };
        let more = end < self.text.len() && !self.text[end..].starts_with(['\n', '\r']);
        let shown = &self.text[start..end];
        let suffix = if more { "..." } else { "" };
        Error::new(state, message)
            .with_detail(detail)
            .with_context(format!(
                "JSON data, line {line_number}: {prefix}{shown}{suffix}"
            ))
    }
}

fn is_word_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80
}

fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

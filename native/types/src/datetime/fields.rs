//! Cuts the text of a date or time into fields, as PostgreSQL's `ParseDateTime`.

use super::decoded::is_keyword;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Number,
    /// Digits or letters with `-`, `/` or `.` between; also zone names with such.
    Date,
    Time,
    /// A sign and digits.
    Zone,
    Word,
    /// A sign and letters.
    SignedWord,
}

/// A field, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub kind: FieldKind,
    pub text: String,
}

/// More fields than any date has.
const FIELDS_MAX: usize = 25;

struct Cutter<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cutter<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn take_while(&mut self, test: impl Fn(u8) -> bool) -> &str {
        let start = self.at;
        while self.at < self.bytes.len() && test(self.bytes[self.at]) {
            self.at += 1;
        }
        std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or("")
    }

    fn number(&mut self) -> Field {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let delimiter = self.peek();
        let kind = match delimiter {
            b':' => {
                self.take_while(|c| c.is_ascii_digit() || c == b':' || c == b'.');
                FieldKind::Time
            }
            b'-' | b'/' | b'.' => self.delimited(delimiter),
            _ => FieldKind::Number,
        };
        self.field(kind, start)
    }

    fn delimited(&mut self, delimiter: u8) -> FieldKind {
        self.at += 1;
        if !self.peek().is_ascii_digit() {
            self.take_while(|c| c.is_ascii_alphanumeric() || c == delimiter);
            return FieldKind::Date;
        }
        self.take_while(|c| c.is_ascii_digit());
        if self.peek() == delimiter {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit() || c == delimiter);
            return FieldKind::Date;
        }
        if delimiter == b'.' {
            FieldKind::Number
        } else {
            FieldKind::Date
        }
    }

    fn word(&mut self) -> Field {
        let start = self.at;
        self.take_while(|c| c.is_ascii_alphabetic());
        let next = self.peek();
        let mut named = matches!(next, b'-' | b'/' | b'.');
        if next == b'+' || next.is_ascii_digit() {
            let word = String::from_utf8_lossy(&self.bytes[start..self.at]).to_ascii_lowercase();
            named = !is_keyword(&word);
        }
        if !named {
            return self.field(FieldKind::Word, start);
        }
        self.take_while(|c| {
            c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
        });
        self.field(FieldKind::Date, start)
    }

    fn signed(&mut self) -> Option<Field> {
        let sign = self.peek() as char;
        self.at += 1;
        self.take_while(|c| c.is_ascii_whitespace());
        let start = self.at;
        let kind = if self.peek().is_ascii_digit() {
            self.take_while(|c| c.is_ascii_digit() || matches!(c, b':' | b'.' | b'-'));
            FieldKind::Zone
        } else if self.peek().is_ascii_alphabetic() {
            self.take_while(|c| c.is_ascii_alphabetic());
            FieldKind::SignedWord
        } else {
            return None;
        };
        let mut field = self.field(kind, start);
        field.text.insert(0, sign);
        Some(field)
    }

    fn field(&self, kind: FieldKind, start: usize) -> Field {
        let text = String::from_utf8_lossy(&self.bytes[start..self.at]).to_ascii_lowercase();
        Field { kind, text }
    }
}

/// The fields of a text; `None` when it cannot be one.
pub(super) fn split_fields(text: &str) -> Option<Vec<Field>> {
    let mut cutter = Cutter {
        bytes: text.as_bytes(),
        at: 0,
    };
    let mut fields = Vec::new();
    loop {
        cutter.take_while(|c| c.is_ascii_whitespace());
        let c = cutter.peek();
        if cutter.at >= text.len() {
            return Some(fields);
        }
        if fields.len() >= FIELDS_MAX {
            return None;
        }
        match c {
            b'0'..=b'9' => fields.push(cutter.number()),
            b'.' => {
                let start = cutter.at;
                cutter.at += 1;
                cutter.take_while(|c| c.is_ascii_digit());
                fields.push(cutter.field(FieldKind::Number, start));
            }
            c if c.is_ascii_alphabetic() => fields.push(cutter.word()),
            b'+' | b'-' => fields.push(cutter.signed()?),
            c if c.is_ascii_punctuation() => cutter.at += 1,
            _ => return None,
        }
    }
}

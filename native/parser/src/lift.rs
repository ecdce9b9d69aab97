//! Lifts literals out of a text, so that texts that differ only in them share a plan.
//!
//! A literal is lifted only where a parameter in its place means the same: as an operand of an
//! operator or of BETWEEN, or as a whole value of `INSERT .. VALUES`. Where a number is no value (a
//! position in ORDER BY, a type's length, LIMIT) it stays in the text. What the scanner is not sure
//! of it leaves alone: [`lift`] then says no, and the text goes the ordinary way.

use std::fmt::Write;
use std::ops::Range;

/// The most literals that are lifted from one text.
const LITERALS_MAX: usize = 64;

/// A literal that was lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiftedLiteral {
    /// An integer that fits `int4`.
    Int4(i32),
    /// One that only fits `int8`.
    Int8(i64),
    /// A plain string: its place between the quotes, and whether quotes are doubled in it.
    Text { place: Range<usize>, doubled: bool },
}

/// A text without its literals.
#[derive(Debug, Default)]
pub struct Lifted {
    /// The text with `$1`, `$2`, .. where literals were.
    pub text: String,
    pub literals: Vec<LiftedLiteral>,
}

/// What the token before was, as far as it decides whether a literal may be lifted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An operator, BETWEEN or AND: an operand follows.
    Operator,
    /// A minus sign, which the grammar takes into the number.
    Minus,
    /// `(` or `,`.
    Opening,
    /// A string: two in a row may be one.
    Text,
    Other,
}

struct Scanner<'a> {
    sql: &'a str,
    at: usize,
    /// Up to here the text is in `out`.
    copied: usize,
    before: Before,
    parentheses: u32,
    brackets: u32,
    is_insert: bool,
    /// In the rows of `INSERT .. VALUES`.
    in_values: bool,
}

/// Lifts what may be lifted of `sql` into `out`; false where the text must go the ordinary way.
pub fn lift(sql: &str, out: &mut Lifted) -> bool {
    out.text.clear();
    out.literals.clear();
    let mut scanner = Scanner {
        sql,
        at: 0,
        copied: 0,
        before: Before::Other,
        parentheses: 0,
        brackets: 0,
        is_insert: false,
        in_values: false,
    };
    if scanner.scan(out).is_none() {
        return false;
    }
    out.text.push_str(&sql[scanner.copied..]);
    true
}

impl Scanner<'_> {
    /// None where the ordinary way is due.
    fn scan(&mut self, out: &mut Lifted) -> Option<()> {
        let bytes = self.sql.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'0'..=b'9' => self.number(bytes, out)?,
                b'\'' => self.string(bytes, out)?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(bytes)?,
                b'"' => {
                    let len = memchr::memchr(b'"', &bytes[self.at + 1..])?;
                    self.take(len + 2, Before::Other);
                }
                b'-' if bytes.get(self.at + 1) == Some(&b'-') => return None,
                b'/' if bytes.get(self.at + 1) == Some(&b'*') => return None,
                b'-' => self.take(1, Before::Minus),
                b'=' | b'<' | b'>' | b'!' | b'+' | b'*' | b'/' | b'%' | b'|' => {
                    self.take(1, Before::Operator);
                }
                b'(' => {
                    self.parentheses += 1;
                    self.take(1, Before::Opening);
                }
                b')' => {
                    self.parentheses = self.parentheses.checked_sub(1)?;
                    self.take(1, Before::Other);
                }
                b'[' => {
                    self.brackets += 1;
                    self.take(1, Before::Other);
                }
                b']' => {
                    self.brackets = self.brackets.checked_sub(1)?;
                    self.take(1, Before::Other);
                }
                b',' => self.take(1, Before::Opening),
                b'.' | b':' => self.take(1, Before::Other),
                // Only the end may follow.
                b';' => {
                    let rest = &bytes[self.at + 1..];
                    return rest.iter().all(u8::is_ascii_whitespace).then_some(());
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn take(&mut self, len: usize, before: Before) {
        self.at += len;
        self.before = before;
    }

    /// Whether a literal here is a value.
    fn is_value(&self) -> bool {
        match self.before {
            Before::Operator | Before::Minus => true,
            Before::Opening => self.in_values && self.parentheses == 1 && self.brackets == 0,
            Before::Text | Before::Other => false,
        }
    }

    fn number(&mut self, bytes: &[u8], out: &mut Lifted) -> Option<()> {
        let start = self.at;
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | 0x80..);
        let len = bytes[start..].iter().take_while(|byte| word(byte)).count();
        let text = &self.sql[start..start + len];
        let is_value = self.is_value();
        let is_negated = self.before == Before::Minus;
        self.take(len, Before::Other);
        if !is_value || len > 19 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(());
        }
        // Beyond 19 digits and what int8 holds it is a numeric, which stays.
        let Ok(value) = text.parse::<i64>() else {
            return Some(());
        };
        match i32::try_from(value) {
            Ok(value) => self.lift(start, LiftedLiteral::Int4(value), out),
            // With its sign it may fit a smaller type than without.
            Err(_) if is_negated => Some(()),
            Err(_) => self.lift(start, LiftedLiteral::Int8(value), out),
        }
    }

    fn string(&mut self, bytes: &[u8], out: &mut Lifted) -> Option<()> {
        let start = self.at;
        // `E'..'` and its like, and pieces that the grammar joins.
        let prefixed = start > 0 && (bytes[start - 1].is_ascii_alphanumeric());
        if prefixed
            || self.before == Before::Text
            || matches!(bytes.get(start.wrapping_sub(1)), Some(b'&' | b'_' | b'"'))
        {
            return None;
        }
        let mut at = start + 1;
        let mut doubled = false;
        loop {
            at += memchr::memchr2(b'\'', b'\\', &bytes[at..])?;
            if bytes[at] == b'\\' {
                return None;
            }
            if bytes.get(at + 1) != Some(&b'\'') {
                break;
            }
            doubled = true;
            at += 2;
        }
        let is_value = self.is_value();
        self.at = at + 1;
        self.before = Before::Text;
        if !is_value {
            return Some(());
        }
        let place = start + 1..at;
        self.lift(start, LiftedLiteral::Text { place, doubled }, out)
    }

    /// A word, which may begin the statement or its rows.
    fn word(&mut self, bytes: &[u8]) -> Option<()> {
        let start = self.at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        let len = bytes[start..].iter().take_while(|byte| part(byte)).count();
        let word = &self.sql[start..start + len];
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        let before = match word.len() {
            3 if is("and") => Before::Operator,
            7 if is("between") => Before::Operator,
            _ => Before::Other,
        };
        if start == 0 || self.sql[..start].trim_ascii_start().is_empty() {
            self.is_insert = is("insert");
        } else if self.is_insert && self.parentheses == 0 {
            // `DEFAULT VALUES` has no rows; ON CONFLICT and RETURNING end them.
            self.in_values = is("values");
        }
        self.take(len, before);
        Some(())
    }

    fn lift(&mut self, start: usize, literal: LiftedLiteral, out: &mut Lifted) -> Option<()> {
        if out.literals.len() >= LITERALS_MAX {
            return None;
        }
        out.text.push_str(&self.sql[self.copied..start]);
        out.literals.push(literal);
        write!(out.text, "${}", out.literals.len()).ok()?;
        self.copied = self.at;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lifts(sql: &str, text: &str, literals: &[&str]) {
        let mut out = Lifted::default();
        assert!(lift(sql, &mut out), "not lifted: {sql}");
        assert_eq!(out.text, text);
        let shown = out.literals.iter().map(|literal| match literal {
            LiftedLiteral::Int4(value) => format!("int4 {value}"),
            LiftedLiteral::Int8(value) => format!("int8 {value}"),
            LiftedLiteral::Text { place, doubled } => format!("{doubled} {}", &sql[place.clone()]),
        });
        assert_eq!(shown.collect::<Vec<_>>(), literals);
    }

    #[track_caller]
    fn refuses(sql: &str) {
        assert!(!lift(sql, &mut Lifted::default()), "lifted: {sql}");
    }

    #[test]
    fn operands_are_lifted() {
        lifts(
            "SELECT abalance FROM pgbench_accounts WHERE aid = 4711;",
            "SELECT abalance FROM pgbench_accounts WHERE aid = $1;",
            &["int4 4711"],
        );
        lifts(
            "update t set a = a + -5, b='it''s' where k between 1 and 3000000000",
            "update t set a = a + -$1, b=$2 where k between $3 and $4",
            &["int4 5", "true it''s", "int4 1", "int8 3000000000"],
        );
    }

    #[test]
    fn values_of_an_insert_are_lifted() {
        lifts(
            "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON CONFLICT (a) DO NOTHING",
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT (a) DO NOTHING",
            &["int4 1", "false x", "int4 2", "false y"],
        );
        lifts(
            "INSERT INTO t VALUES (f(1), ARRAY[2, 3], 4)",
            "INSERT INTO t VALUES (f(1), ARRAY[2, 3], $1)",
            &["int4 4"],
        );
    }

    #[test]
    fn what_is_no_value_stays() {
        for sql in [
            "SELECT a FROM t ORDER BY 1 LIMIT 2",
            "SELECT 1, 'a', 1.5, 1e5 FROM t GROUP BY 1, 2",
            "SELECT date '2020-01-01', interval '1' day",
            "SELECT a::varchar(10) FROM t1 WHERE b = 1.5",
            "SELECT -2147483648, a - 9223372036854775808 FROM t",
            "SELECT a FROM t WHERE a - 2147483648 = b",
            "SELECT a[1], t.a FROM \"T 1\" t",
        ] {
            lifts(sql, sql, &[]);
        }
    }

    #[test]
    fn what_is_unsure_goes_the_ordinary_way() {
        for sql in [
            "SELECT a FROM t WHERE a = 1; SELECT 2",
            "SELECT a -- 1\n FROM t WHERE a = 1",
            "SELECT a /* 1 */ FROM t",
            "SELECT a FROM t WHERE a = E'x'",
            "SELECT a FROM t WHERE a = U&'x'",
            "SELECT a FROM t WHERE a = 'x'\n'y'",
            "SELECT a FROM t WHERE a = 'x\\'",
            "SELECT a FROM t WHERE a = $1",
            "SELECT a FROM t WHERE a = $$x$$",
            "SELECT a FROM t WHERE a = 'x",
            "SELECT a) FROM t",
            "SELECT a @> 1",
        ] {
            refuses(sql);
        }
    }
}

//! Regular expressions: PostgreSQL's (advanced) syntax and flags over the crate `regex`.
//!
//! A pattern is rewritten where the two syntaxes differ; what has no equal there (back references,
//! look-around) is refused by name. Each thread keeps its last patterns compiled.

use std::cell::RefCell;
use std::rc::Rc;

use common::{Error, Result, bail, err, sqlstate};
use regex::{Regex, RegexBuilder};
use types::{Datum, DatumRef, TypeOid};

use crate::{EvalContext, FunctionDef, def, row};

/// Compiled patterns a thread keeps; the oldest goes.
const CACHE_MAX: usize = 32;
/// Bytes a compiled pattern may take.
const COMPILED_SIZE_MAX: usize = 8 << 20;

/// Options as PostgreSQL's flag letters set them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub global: bool,
    ignore_case: bool,
    /// `.` and brackets do not match a new line.
    newline_stops: bool,
    /// `^` and `$` match at new lines.
    newline_anchors: bool,
    extended: bool,
    literal: bool,
}

impl Flags {
    pub const IGNORE_CASE: Self = Self {
        global: false,
        ignore_case: true,
        newline_stops: false,
        newline_anchors: false,
        extended: false,
        literal: false,
    };

    pub fn parse(text: &str) -> Result<Self> {
        let mut flags = Self::default();
        for c in text.chars() {
            match c {
                'g' => flags.global = true,
                'i' => flags.ignore_case = true,
                'c' => flags.ignore_case = false,
                'n' | 'm' => (flags.newline_stops, flags.newline_anchors) = (true, true),
                'p' => (flags.newline_stops, flags.newline_anchors) = (true, false),
                'w' => (flags.newline_stops, flags.newline_anchors) = (false, true),
                's' => (flags.newline_stops, flags.newline_anchors) = (false, false),
                'x' => flags.extended = true,
                't' => flags.extended = false,
                'q' => flags.literal = true,
                'e' | 'b' => {}
                other => bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "invalid regular expression option: \"{other}\""
                ),
            }
        }
        Ok(flags)
    }
}

type Cache = Vec<(String, Flags, Rc<Regex>)>;

thread_local! {
    static COMPILED: RefCell<Cache> = const { RefCell::new(Vec::new()) };
}

/// The compiled form of a pattern.
pub fn compile(pattern: &str, flags: Flags) -> Result<Rc<Regex>> {
    let key = Flags {
        global: false,
        ..flags
    };
    COMPILED.with_borrow_mut(|cache| {
        let found = cache
            .iter()
            .position(|(known, own, _)| known == pattern && *own == key);
        if let Some(at) = found {
            // Recently used ones stand last.
            let entry = cache.remove(at);
            let regex = Rc::clone(&entry.2);
            cache.push(entry);
            return Ok(regex);
        }
        let regex = Rc::new(build(pattern, key)?);
        if cache.len() == CACHE_MAX {
            cache.remove(0);
        }
        cache.push((pattern.to_string(), key, Rc::clone(&regex)));
        Ok(regex)
    })
}

fn invalid(reason: impl std::fmt::Display) -> Error {
    err!(
        sqlstate::INVALID_REGULAR_EXPRESSION,
        "invalid regular expression: {reason}"
    )
}

fn build(pattern: &str, flags: Flags) -> Result<Regex> {
    let mut flags = flags;
    let mut body = pattern;
    if let Some(rest) = body.strip_prefix("***=") {
        flags.literal = true;
        body = rest;
    } else if let Some(rest) = body.strip_prefix("***:") {
        body = rest;
    }
    // Options may stand in front: (?i)..
    if let Some((letters, rest)) = body
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'))
        && !letters.is_empty()
        && letters.bytes().all(|c| c.is_ascii_lowercase())
    {
        let own = Flags::parse(letters)?;
        flags = Flags {
            ignore_case: own.ignore_case || (flags.ignore_case && !letters.contains('c')),
            ..own
        };
        body = rest;
    }
    let translated = match flags.literal {
        true => regex::escape(body),
        false => Translator {
            rest: body.chars().peekable(),
            out: String::new(),
            flags,
        }
        .run()?,
    };
    RegexBuilder::new(&translated)
        .case_insensitive(flags.ignore_case)
        .dot_matches_new_line(!flags.newline_stops)
        .multi_line(flags.newline_anchors)
        .ignore_whitespace(flags.extended)
        .size_limit(COMPILED_SIZE_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => invalid("regular expression is too complex"),
            regex::Error::Syntax(text) => invalid(reason_of(&text)),
            other => invalid(other),
        })
}

/// PostgreSQL's words for the mistakes that are made most.
fn reason_of(text: &str) -> &'static str {
    if text.contains("unclosed group") || text.contains("unopened group") {
        "parentheses () not balanced"
    } else if text.contains("unclosed character class") {
        "brackets [] not balanced"
    } else if text.contains("repetition operator missing") {
        "quantifier operand invalid"
    } else if text.contains("invalid repetition count range") || text.contains("decimal") {
        "invalid repetition count(s)"
    } else if text.contains("invalid character class range") {
        "invalid character range"
    } else if text.contains("escape") || text.contains("incomplete") {
        "invalid escape \\ sequence"
    } else if text.contains("repetition quantifier") {
        "braces {} not balanced"
    } else {
        "syntax error"
    }
}

struct Translator<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    out: String,
    flags: Flags,
}

impl Translator<'_> {
    fn run(mut self) -> Result<String> {
        let mut quantifiers = 0;
        while let Some(c) = self.rest.next() {
            // A quantifier may have one question mark behind it and nothing more.
            quantifiers = match (c, quantifiers) {
                ('?', 1) => 2,
                ('*' | '+' | '?', 1..) => return Err(invalid("quantifier operand invalid")),
                ('*' | '+' | '?', 0) => 1,
                _ => 0,
            };
            match c {
                '\\' => self.escape(false)?,
                '[' => self.bracket()?,
                '(' => self.group()?,
                // A brace that opens no bound is itself.
                '{' if !self.rest.peek().is_some_and(char::is_ascii_digit) => {
                    self.out.push_str("\\{");
                }
                '}' if !self.in_bound() => self.out.push_str("\\}"),
                c => self.out.push(c),
            }
        }
        Ok(self.out)
    }

    /// Whether what was written ends in an open bound.
    fn in_bound(&self) -> bool {
        let open = self.out.rfind('{');
        open.is_some_and(|at| {
            !self.out[..at].ends_with('\\')
                && self.out[at + 1..]
                    .bytes()
                    .all(|c| c.is_ascii_digit() || c == b',')
        })
    }

    fn group(&mut self) -> Result<()> {
        self.out.push('(');
        if self.rest.peek() != Some(&'?') {
            return Ok(());
        }
        self.rest.next();
        match self.rest.next() {
            Some(':') => self.out.push_str("?:"),
            Some('=' | '!') => {
                return Err(Error::not_implemented("look-ahead in regular expressions"));
            }
            Some('<') => return Err(Error::not_implemented("look-behind in regular expressions")),
            _ => return Err(invalid("invalid regexp (reg version 0.8)")),
        }
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_bracket: bool) -> Result<()> {
        let c = self
            .rest
            .next()
            .ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        match c {
            'd' | 'w' | 's' | 'D' | 'W' | 'S' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'm' if !in_bracket => self.out.push_str("\\b{start}"),
            'M' if !in_bracket => self.out.push_str("\\b{end}"),
            'y' if !in_bracket => self.out.push_str("\\b"),
            'Y' if !in_bracket => self.out.push_str("\\B"),
            'A' if !in_bracket => self.out.push_str("\\A"),
            'Z' if !in_bracket => self.out.push_str("\\z"),
            'a' => self.out.push_str("\\x07"),
            'b' => self.out.push_str("\\x08"),
            'B' => self.out.push_str("\\\\"),
            'e' => self.out.push_str("\\x1B"),
            'f' | 'n' | 'r' | 't' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            '0' => self.out.push_str("\\x00"),
            'x' | 'u' | 'U' => self.coded(c)?,
            'c' => {
                let next = self
                    .rest
                    .next()
                    .ok_or_else(|| invalid("invalid escape \\ sequence"))?;
                self.out
                    .push_str(&format!("\\x{{{:X}}}", u32::from(next) & 31));
            }
            '1'..='9' => {
                return Err(Error::not_implemented(
                    "a back reference in a regular expression",
                ));
            }
            c if c.is_ascii_alphanumeric() => return Err(invalid("invalid escape \\ sequence")),
            c => self
                .out
                .push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        Ok(())
    }

    fn coded(&mut self, kind: char) -> Result<()> {
        let digits_max = match kind {
            'u' => 4,
            'U' => 8,
            _ => 255,
        };
        let mut code = 0u32;
        let mut count = 0;
        while count < digits_max
            && let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(16))
        {
            code = code.wrapping_mul(16).wrapping_add(digit);
            self.rest.next();
            count += 1;
        }
        let complete = count > 0 && (kind == 'x' || count == digits_max);
        if !complete || char::from_u32(code).is_none() {
            return Err(invalid("invalid escape \\ sequence"));
        }
        self.out.push_str(&format!("\\x{{{code:X}}}"));
        Ok(())
    }

    fn bracket(&mut self) -> Result<()> {
        let unbalanced = || invalid("brackets [] not balanced");
        let start = self.out.len();
        self.out.push('[');
        let mut negated = false;
        if self.rest.peek() == Some(&'^') {
            self.rest.next();
            self.out.push('^');
            negated = true;
            if self.flags.newline_stops {
                self.out.push_str("\\n");
            }
        }
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or_else(unbalanced)?;
            match c {
                ']' if !first => break,
                '[' => match self.rest.peek() {
                    Some(':') => {
                        if self.class(start, negated)? {
                            return Ok(());
                        }
                    }
                    Some('.' | '=') => {
                        return Err(Error::not_implemented(
                            "a collating element in a regular expression",
                        ));
                    }
                    _ => self.out.push_str("\\["),
                },
                '\\' => self.escape(true)?,
                '-' if first || self.rest.peek() == Some(&']') => self.out.push_str("\\-"),
                // Characters that mean something in the other syntax's brackets.
                '&' | '~' | ']' | '^' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c => self.out.push(c),
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// `[:alpha:]` within brackets. `[[:<:]]` and `[[:>:]]` stand for the whole bracket.
    fn class(&mut self, start: usize, negated: bool) -> Result<bool> {
        self.rest.next();
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some(':') if self.rest.peek() == Some(&']') => {
                    self.rest.next();
                    break;
                }
                Some(c) => name.push(c),
                None => return Err(invalid("brackets [] not balanced")),
            }
        }
        match name.as_str() {
            "<" | ">" if self.out.len() == start + 1 && !negated => {
                if self.rest.next() != Some(']') {
                    return Err(invalid("invalid character class"));
                }
                self.out.truncate(start);
                self.out.push_str(if name == "<" {
                    "\\b{start}"
                } else {
                    "\\b{end}"
                });
                return Ok(true);
            }
            "alpha" => self.out.push_str("\\p{Alphabetic}"),
            "digit" => self.out.push_str("\\d"),
            "alnum" => self.out.push_str("\\p{Alphabetic}\\d"),
            "upper" => self.out.push_str("\\p{Uppercase}"),
            "lower" => self.out.push_str("\\p{Lowercase}"),
            "space" => self.out.push_str("\\s"),
            "blank" | "cntrl" | "graph" | "print" | "punct" | "xdigit" | "word" | "ascii" => {
                self.out.push_str(&format!("[:{name}:]"));
            }
            _ => return Err(invalid("invalid character class")),
        }
        Ok(false)
    }
}

pub fn is_match(text: &str, pattern: &str, flags: Flags) -> Result<bool> {
    Ok(compile(pattern, flags)?.is_match(text))
}

/// SQL's `SIMILAR TO` pattern as a regular expression (similar_escape_internal).
pub fn similar_to_regex(pattern: &str, escape: Option<&str>) -> Result<String> {
    let mark = match escape {
        None => Some('\\'),
        Some(text) => {
            let mut chars = text.chars();
            let mark = chars.next();
            if chars.next().is_some() {
                return Err(
                    err!(sqlstate::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                        .with_hint("Escape string must be empty or one character."),
                );
            }
            mark
        }
    };
    let mut out = String::from("^(?:");
    let mut after_escape = false;
    let mut in_class = false;
    let mut quotes = 0;
    for c in pattern.chars() {
        if after_escape {
            if c == '"' && !in_class {
                match quotes {
                    0 => out.push_str("){1,1}?("),
                    1 => out.push_str("){1,1}(?:"),
                    _ => bail!(
                        sqlstate::INVALID_REGULAR_EXPRESSION,
                        "SQL regular expression may not contain more than two escape-double-quote \
                         separators"
                    ),
                }
                quotes += 1;
            } else {
                out.push('\\');
                out.push(c);
            }
            after_escape = false;
        } else if Some(c) == mark {
            after_escape = true;
        } else if in_class {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
            in_class = c != ']';
        } else {
            match c {
                '[' => {
                    out.push(c);
                    in_class = true;
                }
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                '(' => out.push_str("(?:"),
                '\\' | '.' | '^' | '$' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out.push_str(")$");
    Ok(out)
}

/// The first group if there is one, else the whole match.
fn substring<'a>(text: &'a str, pattern: &str) -> Result<Option<&'a str>> {
    let regex = compile(pattern, Flags::default())?;
    let Some(found) = regex.captures(text) else {
        return Ok(None);
    };
    let group = if regex.captures_len() > 1 {
        found.get(1)
    } else {
        found.get(0)
    };
    Ok(group.map(|group| group.as_str()))
}

fn replacement(found: &regex::Captures<'_>, template: &str, out: &mut String) {
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push_str(&found[0]),
            Some(d @ '1'..='9') => {
                let group = found.get(d as usize - '0' as usize);
                out.push_str(group.map_or("", |group| group.as_str()));
            }
            Some('\\') => out.push('\\'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
}

/// Replaces match `n` (from 1), or all with 0, from character `start` on.
fn replace(
    text: &str,
    pattern: &str,
    template: &str,
    flags: Flags,
    start: i32,
    n: i32,
) -> Result<String> {
    let regex = compile(pattern, flags)?;
    let begin = byte_of(text, start);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, found) in regex.captures_iter(&text[begin..]).enumerate() {
        if n != 0 && at + 1 != n as usize {
            continue;
        }
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        out.push_str(&text[copied..begin + whole.start]);
        replacement(&found, template, &mut out);
        copied = begin + whole.end;
        if n != 0 {
            break;
        }
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// The byte of a 1-based character.
fn byte_of(text: &str, start: i32) -> usize {
    let at = usize::try_from(start - 1).unwrap_or(0);
    text.char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte)
}

fn without_flags(text: &str, pattern: &str, template: &str, flags: &str) -> Result<String> {
    // A digit in the flags' place is a start position that was meant as a number.
    if flags.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid regular expression option: \"{}\"",
            &flags[..1]
        )
        .with_hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth argument \
             to integer explicitly.",
        ));
    }
    let flags = Flags::parse(flags)?;
    replace(text, pattern, template, flags, 1, i32::from(!flags.global))
}

fn checked_start(start: i32) -> Result<()> {
    if start <= 0 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"start\": {start}"
        );
    }
    Ok(())
}

fn replace_from(row: &[DatumRef<'_>]) -> Result<String> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let number = |at: usize, default: i32| {
        row.get(at)
            .and_then(|v| v.as_i64())
            .map_or(default, |n| n as i32)
    };
    let (start, n) = (number(3, 1), number(4, 1));
    checked_start(start)?;
    if n < 0 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "invalid value for parameter \"n\": {n}"
        );
    }
    let flags = Flags::parse(text(5))?;
    // With n given the g flag has no say.
    let n = if row.len() < 5 && flags.global { 0 } else { n };
    replace(text(0), text(1), text(2), flags, start, n)
}

fn replace_row(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    Ok(Datum::text(&replace_from(row)?))
}

/// The groups of a match, or the whole of a pattern without groups.
fn groups<'a>(regex: &Regex, found: &regex::Captures<'a>) -> Vec<Option<&'a str>> {
    let from = usize::from(regex.captures_len() > 1);
    (from..regex.captures_len())
        .map(|at| found.get(at).map(|group| group.as_str()))
        .collect()
}

fn text_array(parts: &[Option<&str>]) -> Datum {
    let values = parts.iter().map(|part| match part {
        Some(part) => DatumRef::Bytes(part.as_bytes()),
        None => DatumRef::Null,
    });
    types::build_array(TypeOid::TEXT, values)
}

/// The arrays that `regexp_matches` gives, one a match; all of them with the flag g.
pub(crate) fn matches(text: &str, pattern: &str, flags: &str) -> Result<Vec<Datum>> {
    let flags = Flags::parse(flags)?;
    let regex = compile(pattern, flags)?;
    let limit = if flags.global { usize::MAX } else { 1 };
    Ok(regex
        .captures_iter(text)
        .take(limit)
        .map(|found| text_array(&groups(&regex, &found)))
        .collect())
}

fn refuse_global(flags: Flags, name: &str) -> Result<()> {
    if flags.global {
        let error = err!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{name}() does not support the \"global\" option"
        );
        return Err(match name {
            "regexp_match" => error.with_hint("Use the regexp_matches function instead."),
            _ => error,
        });
    }
    Ok(())
}

fn first_match(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    refuse_global(Flags::parse(text(2))?, "regexp_match")?;
    Ok(matches(text(0), text(1), text(2))?
        .pop()
        .unwrap_or(Datum::Null))
}

/// The parts between matches; an empty match splits between characters.
pub(crate) fn split<'a>(text: &'a str, pattern: &str, flags: &str) -> Result<Vec<&'a str>> {
    let flags = Flags::parse(flags)?;
    refuse_global(flags, "regexp_split_to_array")?;
    let regex = compile(pattern, flags)?;
    let mut parts = Vec::new();
    let mut start = 0;
    for found in regex.find_iter(text) {
        // An empty match at either end of a part splits nothing.
        if found.is_empty() && (found.end() == text.len() || found.start() == start) {
            continue;
        }
        parts.push(&text[start..found.start()]);
        start = found.end();
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn split_array(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let parts: Vec<Option<&str>> = split(text(0), text(1), text(2))?
        .into_iter()
        .map(Some)
        .collect();
    Ok(text_array(&parts))
}

fn count(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let start = row.get(2).and_then(|v| v.as_i64()).unwrap_or(1) as i32;
    checked_start(start)?;
    let flags = Flags::parse(text(3))?;
    refuse_global(flags, "regexp_count")?;
    let from = byte_of(text(0), start);
    let n = compile(text(1), flags)?.find_iter(&text(0)[from..]).count();
    Ok(Datum::I32(n as i32))
}

fn like(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let flags = Flags::parse(text(2))?;
    refuse_global(flags, "regexp_like")?;
    Ok(Datum::Bool(is_match(text(0), text(1), flags)?))
}

fn substr(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let text = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or("");
    let number = |at: usize, default: i64| row.get(at).and_then(|v| v.as_i64()).unwrap_or(default);
    let (start, n, group) = (number(2, 1) as i32, number(3, 1), number(5, 0));
    checked_start(start)?;
    for (name, value, least) in [("n", n, 1), ("subexpr", group, 0)] {
        if value < least {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "invalid value for parameter \"{name}\": {value}"
            );
        }
    }
    let flags = Flags::parse(text(4))?;
    refuse_global(flags, "regexp_substr")?;
    let regex = compile(text(1), flags)?;
    let found = regex
        .captures_iter(&text(0)[byte_of(text(0), start)..])
        .nth(n as usize - 1);
    let part = found.and_then(|found| found.get(group as usize).map(|part| part.as_str()));
    Ok(part.map_or(Datum::Null, Datum::text))
}

fn similar_escape(_: &EvalContext<'_>, row: &[DatumRef<'_>]) -> Result<Datum> {
    let Some(pattern) = row[0].as_str() else {
        return Ok(Datum::Null);
    };
    Ok(Datum::text(&similar_to_regex(pattern, row[1].as_str())?))
}

fn similar_substring<'a>(text: &'a str, pattern: &str, mark: &str) -> Result<Option<&'a str>> {
    substring(text, &similar_to_regex(pattern, Some(mark))?)
}

const I: Flags = Flags::IGNORE_CASE;

fn plain(text: &str, pattern: &str) -> Result<bool> {
    is_match(text, pattern, Flags::default())
}

fn any_case(text: &str, pattern: &str) -> Result<bool> {
    is_match(text, pattern, I)
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1254, "textregexeq", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1256, "textregexne", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1238, "texticregexeq", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1239, "texticregexne", [TEXT, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(79, "nameregexeq", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1252, "nameregexne", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1240, "nameicregexeq", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1241, "nameicregexne", [NAME, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(1658, "bpcharregexeq", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b) => bool),
    def!(1659, "bpcharregexne", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| plain(a, b).map(|m| !m) => bool),
    def!(1656, "bpcharicregexeq", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b) => bool),
    def!(1657, "bpcharicregexne", [BPCHAR, TEXT] -> BOOL, Immutable, |a: &str, b: &str| any_case(a, b).map(|m| !m) => bool),
    def!(2073, "substring", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str| substring(a, b) => &str),
    def!(2074, "substring", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| similar_substring(a, b, c) => &str),
    def!(1987, "similar_to_escape", [TEXT] -> TEXT, Immutable, |a: &str| similar_to_regex(a, None) => String),
    def!(1986, "similar_to_escape", [TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str| similar_to_regex(a, Some(b)) => String),
    row!(1623, "similar_escape", [TEXT, TEXT] -> TEXT, Immutable, lax similar_escape),
    def!(2284, "regexp_replace", [TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str| replace(a, b, c, Flags::default(), 1, 1) => String),
    def!(2285, "regexp_replace", [TEXT, TEXT, TEXT, TEXT] -> TEXT, Immutable, |a: &str, b: &str, c: &str, d: &str| without_flags(a, b, c, d) => String),
    row!(6253, "regexp_replace", [TEXT, TEXT, TEXT, INT4] -> TEXT, Immutable, strict replace_row),
    row!(6252, "regexp_replace", [TEXT, TEXT, TEXT, INT4, INT4] -> TEXT, Immutable, strict replace_row),
    row!(6251, "regexp_replace", [TEXT, TEXT, TEXT, INT4, INT4, TEXT] -> TEXT, Immutable, strict replace_row),
    row!(3396, "regexp_match", [TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict first_match),
    row!(3397, "regexp_match", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict first_match),
    row!(2767, "regexp_split_to_array", [TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict split_array),
    row!(2768, "regexp_split_to_array", [TEXT, TEXT, TEXT] -> TEXT_ARRAY, Immutable, strict split_array),
    row!(6254, "regexp_count", [TEXT, TEXT] -> INT4, Immutable, strict count),
    row!(6255, "regexp_count", [TEXT, TEXT, INT4] -> INT4, Immutable, strict count),
    row!(6256, "regexp_count", [TEXT, TEXT, INT4, TEXT] -> INT4, Immutable, strict count),
    row!(6263, "regexp_like", [TEXT, TEXT] -> BOOL, Immutable, strict like),
    row!(6264, "regexp_like", [TEXT, TEXT, TEXT] -> BOOL, Immutable, strict like),
    row!(6265, "regexp_substr", [TEXT, TEXT] -> TEXT, Immutable, strict substr),
    row!(6266, "regexp_substr", [TEXT, TEXT, INT4] -> TEXT, Immutable, strict substr),
    row!(6267, "regexp_substr", [TEXT, TEXT, INT4, INT4] -> TEXT, Immutable, strict substr),
    row!(6268, "regexp_substr", [TEXT, TEXT, INT4, INT4, TEXT] -> TEXT, Immutable, strict substr),
    row!(6269, "regexp_substr", [TEXT, TEXT, INT4, INT4, TEXT, INT4] -> TEXT, Immutable, strict substr),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_rewritten() {
        for (text, pattern, expected) in [
            ("foobar", "o+", true),
            ("a\nb", "a.b", true),
            ("foo bar", "\\mbar\\M", true),
            ("a[b", "[[]", true),
            ("a]b", "[]]", true),
            ("x{y", "x{y", true),
            ("aaa", "^a{2,3}$", true),
            ("A1", "^[[:alpha:]][[:digit:]]$", true),
            ("cat", "[[:<:]]cat[[:>:]]", true),
            ("a.b", "***=.", true),
            ("ABC", "(?i)abc", true),
        ] {
            assert_eq!(plain(text, pattern).unwrap(), expected, "{pattern}");
        }
        assert!(plain("x", "(x").is_err());
        assert_eq!(
            replace("abcabc", "b(.)", "[\\1\\&]", Flags::default(), 1, 0).unwrap(),
            "a[cbc]a[cbc]"
        );
        assert_eq!(split("hello", "", "").unwrap(), ["h", "e", "l", "l", "o"]);
    }
}

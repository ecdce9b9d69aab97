//! Regular expressions: PostgreSQL's (advanced) syntax and flags over the crate `regex`.
//!
//! A pattern is rewritten where the two syntaxes differ; what has no equal there (back references,
//! look-around) is refused by name. Each thread keeps its last patterns compiled.

use std::cell::RefCell;
use std::rc::Rc;

use crate::regex_syntax::{invalid, translate};
use common::{Result, bail, sqlstate};
use regex::{Regex, RegexBuilder};

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
        false => translate(body, flags.newline_stops)?,
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

pub fn is_match(text: &str, pattern: &str, flags: Flags) -> Result<bool> {
    Ok(compile(pattern, flags)?.is_match(text))
}

//! PostgreSQL's regular expressions and SIMILAR TO patterns in the syntax of the crate `regex`.

use common::{Error, Result, bail, err, sqlstate};

pub fn invalid(reason: impl std::fmt::Display) -> Error {
    err!(
        sqlstate::INVALID_REGULAR_EXPRESSION,
        "invalid regular expression: {reason}"
    )
}

/// Rewrites an advanced regular expression. `newline_stops`: negated brackets leave out new lines.
pub fn translate(pattern: &str, newline_stops: bool) -> Result<String> {
    Translator {
        rest: pattern.chars().peekable(),
        out: String::new(),
        newline_stops,
    }
    .run()
}

struct Translator<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    out: String,
    newline_stops: bool,
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
            if self.newline_stops {
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

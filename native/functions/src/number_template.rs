//! Templates of to_char and to_number for numbers (formatting.c, NUMDesc).

use common::{Error, Result, sqlstate};

/// What one character or pair of a template stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// 9 (false) or 0 (true).
    Digit(bool),
    Point,
    /// The group separator; only shown once digits are.
    Group,
    /// S, MI, PL, SG, PR do not stand for a digit.
    Sign,
    Minus,
    Plus,
    PlusMinus,
    Currency,
    Ordinal(bool),
    /// A letter or blank that is copied.
    Text(char),
}

/// A template of a number.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub nodes: Vec<Node>,
    /// Digits before and after the point.
    pub whole: usize,
    pub fraction: usize,
    /// First position with a forced zero, counted over the digits before the point.
    pub zero_from: Option<usize>,
    pub zero_fraction_end: usize,
    pub has_point: bool,
    pub sign: bool,
    pub bracket: bool,
    pub minus: bool,
    pub fill: bool,
    pub roman: Option<bool>,
    pub scientific: bool,
    pub multiply: u32,
    pub trailing_sign: bool,
}

fn syntax(message: &str) -> Error {
    Error::new(sqlstate::SYNTAX_ERROR, message)
}

/// Reads a template; 42601 for one that contradicts itself.
pub fn parse(template: &str) -> Result<Template> {
    let mut out = Template {
        fill: true,
        ..Template::default()
    };
    let mut rest = template;
    let mut after_v = false;
    while let Some(c) = rest.chars().next() {
        let upper: String = rest
            .chars()
            .take(4)
            .collect::<String>()
            .to_ascii_uppercase();
        let mut size = c.len_utf8();
        match upper.as_str() {
            "EEEE" => {
                out.scientific = true;
                size = 4;
            }
            s if s.starts_with("FM") => (out.fill, size) = (false, 2),
            // Taken, and nothing is done about it.
            s if s.starts_with('B') => {}
            s if s.starts_with("MI") => {
                out.minus = true;
                out.nodes.push(Node::Minus);
                size = 2;
            }
            s if s.starts_with("PL") => {
                out.nodes.push(Node::Plus);
                size = 2;
            }
            s if s.starts_with("SG") => {
                out.nodes.push(Node::PlusMinus);
                size = 2;
            }
            s if s.starts_with("PR") => {
                out.bracket = true;
                size = 2;
            }
            s if s.starts_with("RN") => {
                out.roman = Some(c == 'R');
                size = 2;
            }
            s if s.starts_with("TH") => {
                out.nodes.push(Node::Ordinal(c == 'T'));
                size = 2;
            }
            s if s.starts_with('V') => {
                if out.has_point {
                    return Err(syntax("cannot use \"V\" and decimal point together"));
                }
                after_v = true;
            }
            s if s.starts_with('S') => {
                if out.sign {
                    return Err(syntax("cannot use \"S\" twice"));
                }
                out.sign = true;
                out.trailing_sign = out.whole + out.fraction > 0;
                out.nodes.push(Node::Sign);
            }
            s if s.starts_with('9') || s.starts_with('0') => {
                let zero = c == '0';
                if after_v {
                    out.multiply += 1;
                }
                if out.has_point {
                    out.fraction += 1;
                    if zero {
                        out.zero_fraction_end = out.fraction;
                    }
                } else {
                    if zero && out.zero_from.is_none() {
                        out.zero_from = Some(out.whole);
                    }
                    out.whole += 1;
                }
                out.nodes.push(Node::Digit(zero));
            }
            s if s.starts_with('.') || s.starts_with('D') => {
                if out.has_point {
                    return Err(syntax("multiple decimal points"));
                }
                out.has_point = true;
                out.nodes.push(Node::Point);
            }
            s if s.starts_with(',') || s.starts_with('G') => out.nodes.push(Node::Group),
            s if s.starts_with('L') => out.nodes.push(Node::Currency),
            s if s.starts_with('"') => {
                let mut chars = rest[1..].chars();
                size = 1;
                while let Some(inner) = chars.next() {
                    size += inner.len_utf8();
                    match inner {
                        '"' => break,
                        '\\' => {
                            let escaped = chars.next();
                            size += escaped.map_or(0, char::len_utf8);
                            out.nodes.extend(escaped.map(Node::Text));
                        }
                        inner => out.nodes.push(Node::Text(inner)),
                    }
                }
            }
            _ => out.nodes.push(Node::Text(c)),
        }
        rest = &rest[size..];
    }
    Ok(out)
}

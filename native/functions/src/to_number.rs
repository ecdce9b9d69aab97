//! to_char of numbers and to_number (formatting.c, NUM_processor).

use common::{Result, bail, sqlstate};
use types::Numeric;

use crate::number_template::{Node, Template, parse};
use crate::{FunctionDef, def};

fn roman(n: i64, upper: bool, fill: bool) -> String {
    const NUMERALS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut out = String::new();
    if (1..4000).contains(&n) {
        let mut rest = n;
        for (value, numeral) in NUMERALS {
            while rest >= value {
                out.push_str(numeral);
                rest -= value;
            }
        }
    } else {
        out.push_str("###############");
    }
    if !upper {
        out = out.to_lowercase();
    }
    if fill { format!("{out:>15}") } else { out }
}

fn ordinal(digits: &str, upper: bool) -> &'static str {
    let bytes = digits.as_bytes();
    let teen = bytes.len() > 1 && bytes[bytes.len() - 2] == b'1';
    let index = match bytes.last() {
        Some(b'1') if !teen => 0,
        Some(b'2') if !teen => 1,
        Some(b'3') if !teen => 2,
        _ => 3,
    };
    if upper {
        ["ST", "ND", "RD", "TH"][index]
    } else {
        ["st", "nd", "rd", "th"][index]
    }
}

/// `to_char(numeric, text)`.
fn show(number: &Numeric, template: &str) -> Result<String> {
    let template = parse(template)?;
    if let Some(upper) = template.roman {
        let n = match number.is_finite() {
            true => number.to_i64("integer").unwrap_or(0),
            false => number.to_i64("integer")?,
        };
        return Ok(roman(n, upper, template.fill));
    }
    if template.scientific {
        return Ok(scientific(number, &template));
    }
    let mut scaled = number.clone();
    if template.multiply > 0 {
        let power = Numeric::from(10).power(&Numeric::from(i64::from(template.multiply)))?;
        scaled = scaled.mul(&power)?;
    }
    let rounded = scaled.round(template.fraction as i32);
    let negative = rounded.signum() < 0;
    let text = rounded.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let overflow = whole.len() > template.whole;
    let special = !scaled.is_finite() && !overflow;
    // A zero before the point is not shown when digits follow it, unless FM leaves only it.
    let lone = !template.fill && rounded.is_zero();
    let whole = if whole == "0" && template.has_point && !lone {
        ""
    } else {
        whole
    };
    let (whole, fraction) = match overflow {
        true => ("#".repeat(template.whole), "#".repeat(template.fraction)),
        false => (
            whole.to_string(),
            format!("{fraction:0<width$}", width = template.fraction),
        ),
    };
    let mut writer = Writer {
        template: &template,
        negative,
        special,
        overflow,
        whole: whole.into_bytes(),
        fraction: fraction.into_bytes(),
        out: String::new(),
        sign_done: false,
        digits: 0,
    };
    writer.run();
    Ok(writer.out)
}

fn scientific(number: &Numeric, template: &Template) -> String {
    if !number.is_finite() {
        return format!(
            " {}{}####",
            "#".repeat(template.whole.max(1)),
            if template.fraction > 0 {
                ".".to_string() + &"#".repeat(template.fraction)
            } else {
                String::new()
            }
        );
    }
    let text = number.scientific(template.fraction as u16);
    if text.starts_with('-') {
        text
    } else {
        format!(" {text}")
    }
}

struct Writer<'a> {
    template: &'a Template,
    negative: bool,
    /// NaN or an infinity, whose letters stand in the digits' places.
    special: bool,
    /// Shown as `#`.
    overflow: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
    out: String,
    sign_done: bool,
    /// Digit positions passed before the point.
    digits: usize,
}

impl Writer<'_> {
    /// Where the first digit or forced zero stands.
    fn first_shown(&self) -> usize {
        let digits_from = self.template.whole - self.whole.len();
        self.template
            .zero_from
            .map_or(digits_from, |zero| zero.min(digits_from))
    }

    /// The sign that stands right before the first digit, where the template has none of its own.
    fn put_sign(&mut self) {
        if std::mem::replace(&mut self.sign_done, true) {
            return;
        }
        let template = self.template;
        if template.sign {
            if !template.trailing_sign {
                self.out.push(if self.negative { '-' } else { '+' });
            }
        } else if template.bracket {
            match (self.negative, template.fill) {
                (true, _) => self.out.push('<'),
                (false, true) => self.out.push(' '),
                _ => {}
            }
        } else if !self
            .template
            .nodes
            .iter()
            .any(|node| matches!(node, Node::Minus | Node::PlusMinus))
        {
            match (self.negative, template.fill) {
                (true, _) => self.out.push('-'),
                (false, true) => self.out.push(' '),
                _ => {}
            }
        }
    }

    fn run(&mut self) {
        let mut in_fraction = false;
        let mut fraction_at = 0;
        // With FM the zeroes at the end of the fraction go, but those a 0 asks for.
        let fraction_shown = match self.template.fill {
            true => self.fraction.len(),
            false => {
                let kept = self
                    .fraction
                    .iter()
                    .rposition(|&d| d != b'0')
                    .map_or(0, |at| at + 1);
                kept.max(self.template.zero_fraction_end)
            }
        };
        for node in &self.template.nodes {
            // Behind the letters of a special value nothing follows.
            let done = self.special && self.digits == self.template.whole;
            if done
                && matches!(
                    node,
                    Node::Digit(_) | Node::Point | Node::Sign | Node::Minus
                )
            {
                continue;
            }
            match node {
                Node::Digit(_) if in_fraction => {
                    if fraction_at < fraction_shown {
                        self.out.push(self.fraction[fraction_at].into());
                    }
                    fraction_at += 1;
                }
                Node::Digit(_) => self.whole_digit(),
                Node::Point => {
                    self.put_sign();
                    in_fraction = true;
                    if self.template.fill || fraction_shown > 0 || self.template.fraction > 0 {
                        self.out.push('.');
                    }
                }
                Node::Group => {
                    if self.digits > self.first_shown() && !self.special {
                        self.out.push(',');
                    } else if self.template.fill {
                        self.out.push(' ');
                    }
                }
                Node::Sign => {
                    if self.template.trailing_sign {
                        self.out.push(if self.negative { '-' } else { '+' });
                    }
                }
                Node::Minus => match (self.negative, self.template.fill) {
                    (true, _) => self.out.push('-'),
                    (false, true) => self.out.push(' '),
                    _ => {}
                },
                Node::Plus => match (self.negative, self.template.fill) {
                    (false, _) => self.out.push('+'),
                    (true, true) => self.out.push(' '),
                    _ => {}
                },
                Node::PlusMinus => self.out.push(if self.negative { '-' } else { '+' }),
                Node::Currency => self.out.push(if self.template.fill { ' ' } else { '$' }),
                Node::Ordinal(upper) => {
                    if !self.negative && !self.template.has_point && !self.overflow {
                        let digits = String::from_utf8_lossy(&self.whole).into_owned();
                        self.out.push_str(ordinal(&digits, *upper));
                    }
                }
                Node::Text(c) => self.out.push(*c),
            }
        }
        if self.template.bracket {
            match (self.negative, self.template.fill) {
                (true, _) => self.out.push('>'),
                (false, true) => self.out.push(' '),
                _ => {}
            }
        }
    }

    fn whole_digit(&mut self) {
        let at = self.digits;
        self.digits += 1;
        let first = self.first_shown();
        // A lone zero of 0.5 under 9.9 leaves its place empty.
        if at < first {
            if self.template.fill {
                self.out.push(' ');
            }
            return;
        }
        self.put_sign();
        let digits_from = self.template.whole - self.whole.len();
        match at.checked_sub(digits_from) {
            Some(digit) => self.out.push(self.whole[digit].into()),
            None => self.out.push('0'),
        }
    }
}

fn show_i64(n: i64, template: &str) -> Result<String> {
    show(&Numeric::from(n), template)
}

fn show_f64(n: f64, template: &str) -> Result<String> {
    show(&Numeric::from_f64(n), template)
}

/// `to_number(text, text)`: digits in their places; other characters are passed over.
fn to_number(text: &str, template: &str) -> Result<Option<Numeric>> {
    let parsed = parse(template)?;
    if template.is_empty() {
        return Ok(None);
    }
    if parsed.roman.is_some() {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "\"RN\" not supported for input"
        );
    }
    if parsed.scientific {
        bail!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "\"EEEE\" not supported for input"
        );
    }
    let mut digits = String::new();
    let mut negative = false;
    let mut rest = text.trim_start().chars().peekable();
    let mut in_fraction = false;
    for node in &parsed.nodes {
        // A sign may stand wherever a digit may.
        while let Some(&c) = rest.peek() {
            match c {
                '-' | '<' => negative = true,
                '+' => {}
                _ => break,
            }
            rest.next();
        }
        match node {
            Node::Digit(_) => match rest.peek() {
                Some(c) if c.is_ascii_digit() => digits.extend(rest.next()),
                Some(' ') => {
                    rest.next();
                }
                _ => {}
            },
            Node::Point if rest.peek() == Some(&'.') => {
                rest.next();
                digits.push('.');
                in_fraction = true;
            }
            Node::Group if rest.peek() == Some(&',') => {
                rest.next();
            }
            Node::Text(_) | Node::Currency if rest.peek().is_some_and(|c| !c.is_ascii_digit()) => {
                rest.next();
            }
            _ => {}
        }
        if !in_fraction && rest.peek() == Some(&'.') && parsed.has_point {
            digits.push('.');
            rest.next();
            in_fraction = true;
        }
    }
    negative |= rest.any(|c| c == '-');
    if digits.is_empty() || digits == "." {
        return Numeric::parse(if digits.is_empty() { " " } else { &digits }).map(Some);
    }
    let mut number = Numeric::parse(&digits)?.round(parsed.fraction as i32);
    if parsed.multiply > 0 {
        let power = Numeric::from(10).power(&Numeric::from(i64::from(parsed.multiply)))?;
        number = number.div(&power)?;
    }
    Ok(Some(if negative { number.neg() } else { number }))
}

#[rustfmt::skip]
pub static FUNCTIONS: &[FunctionDef] = &[
    def!(1772, "to_char", [NUMERIC, TEXT] -> TEXT, Stable, |a: Numeric, f: &str| show(&a, f) => String),
    def!(1773, "to_char", [INT4, TEXT] -> TEXT, Stable, |a: i32, f: &str| show_i64(a.into(), f) => String),
    def!(1774, "to_char", [INT8, TEXT] -> TEXT, Stable, |a: i64, f: &str| show_i64(a, f) => String),
    def!(1775, "to_char", [FLOAT4, TEXT] -> TEXT, Stable, |a: f32, f: &str| show(&Numeric::from_f32(a), f) => String),
    def!(1776, "to_char", [FLOAT8, TEXT] -> TEXT, Stable, |a: f64, f: &str| show_f64(a, f) => String),
    def!(1777, "to_number", [TEXT, TEXT] -> NUMERIC, Stable, |a: &str, f: &str| to_number(a, f) => Numeric),
];

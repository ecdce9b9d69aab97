//! Arrays as text: `{1,NULL,"a b"}`, `[0:1]={..}`.

use common::{Error, Result, sqlstate};

use super::text::format_text;
use super::text_input::parse_text;
use crate::array::{ARRAY_DIMS_MAX, ArrayBuilder, ArrayRef, Dim, too_many_dims};
use crate::datum::DatumRef;
use crate::sql_type::SqlType;
use crate::text_context::TextContext;

pub(super) fn write_array(stored: &[u8], context: &TextContext, out: &mut Vec<u8>) -> Result<()> {
    let array = ArrayRef::new(stored)?;
    let dims = array.dims();
    if array.is_empty() {
        out.extend_from_slice(b"{}");
        return Ok(());
    }
    if dims.iter().any(|dim| dim.lower != 1) {
        for dim in &dims {
            let upper = i64::from(dim.lower) + i64::from(dim.len) - 1;
            out.extend_from_slice(format!("[{}:{upper}]", dim.lower).as_bytes());
        }
        out.push(b'=');
    }
    let mut position = 0;
    write_dimension(&array, &dims, &mut position, context, out)
}

fn write_dimension(
    array: &ArrayRef<'_>,
    dims: &[Dim],
    position: &mut usize,
    context: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    let Some((dim, inner)) = dims.split_first() else {
        write_element(array, *position, context, out)?;
        *position += 1;
        return Ok(());
    };
    out.push(b'{');
    for at in 0..dim.len {
        if at > 0 {
            out.push(b',');
        }
        write_dimension(array, inner, position, context, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_element(
    array: &ArrayRef<'_>,
    at: usize,
    context: &TextContext,
    out: &mut Vec<u8>,
) -> Result<()> {
    if array.is_null(at) {
        out.extend_from_slice(b"NULL");
        return Ok(());
    }
    let start = out.len();
    format_text(array.elem().into(), array.get(at), context, out)?;
    let text = &out[start..];
    let quoted = text.is_empty()
        || text.eq_ignore_ascii_case(b"null")
        || text.iter().any(|c| {
            matches!(
                c,
                b'{' | b'}' | b',' | b'"' | b'\\' | b' ' | b'\t' | b'\n' | b'\r' | 11 | 12
            )
        });
    if quoted {
        let text = text.to_vec();
        out.truncate(start);
        out.push(b'"');
        for c in text {
            if matches!(c, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(c);
        }
        out.push(b'"');
    }
    Ok(())
}

fn malformed(text: &str, detail: &str) -> Error {
    Error::new(
        sqlstate::INVALID_TEXT_REPRESENTATION,
        format!("malformed array literal: \"{text}\""),
    )
    .with_detail(detail)
}

/// Reads an array of elements of type `elem`.
pub(super) fn parse_array(elem: SqlType, text: &str, context: &TextContext) -> Result<Vec<u8>> {
    let blank = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let body = text.trim_matches(blank);
    let (declared, body) = parse_bounds(text, body)?;
    if !body.starts_with('{') {
        let detail = match declared.is_empty() {
            true => "Array value must start with \"{\" or dimension information.",
            false => "Array contents must start with \"{\".",
        };
        return Err(malformed(text, detail));
    }
    let mut parser = ArrayParser {
        text,
        rest: body,
        lens: Vec::new(),
        leaf_depth: None,
        builder: ArrayBuilder::new(elem.oid),
        elem,
        context,
    };
    parser.braces(0)?;
    if !parser.rest.trim_matches(blank).is_empty() {
        return Err(malformed(text, "Junk after closing right brace."));
    }
    let lens: Vec<u32> = parser.lens.iter().map(|len| len.unwrap_or(0)).collect();
    if parser.builder.is_empty() {
        return Ok(parser.builder.finish());
    }
    let dims: Vec<Dim> = match declared.is_empty() {
        true => lens.iter().map(|&len| Dim { len, lower: 1 }).collect(),
        false => declared,
    };
    if dims.iter().map(|dim| dim.len).ne(lens) {
        let detail = "Specified array dimensions do not match array contents.";
        return Err(malformed(text, detail));
    }
    parser.builder.finish_dims(&dims)
}

/// `[2:3][1:4]=` in front, if it stands there.
fn parse_bounds<'a>(text: &str, body: &'a str) -> Result<(Vec<Dim>, &'a str)> {
    let mut dims = Vec::new();
    let mut rest = body;
    while let Some(after) = rest.strip_prefix('[') {
        let missing = || malformed(text, "Missing array dimension value.");
        let (inside, after) = after
            .split_once(']')
            .ok_or_else(|| malformed(text, "Missing \"]\" after array dimensions."))?;
        let (lower, upper) = inside.split_once(':').unwrap_or(("1", inside));
        let lower: i32 = lower.trim().parse().map_err(|_| missing())?;
        let upper: i32 = upper.trim().parse().map_err(|_| missing())?;
        if upper < lower {
            return Err(Error::new(
                sqlstate::ARRAY_SUBSCRIPT_ERROR,
                "upper bound cannot be less than lower bound",
            ));
        }
        if dims.len() == ARRAY_DIMS_MAX {
            return Err(too_many_dims(dims.len() + 1));
        }
        dims.push(Dim {
            len: (i64::from(upper) - i64::from(lower) + 1) as u32,
            lower,
        });
        rest = after.trim_start();
    }
    if dims.is_empty() {
        return Ok((dims, rest));
    }
    match rest.strip_prefix('=') {
        Some(rest) => Ok((dims, rest.trim_start())),
        None => Err(malformed(text, "Missing \"=\" after array dimensions.")),
    }
}

struct ArrayParser<'a> {
    text: &'a str,
    rest: &'a str,
    /// Length of each dimension, once known.
    lens: Vec<Option<u32>>,
    /// Depth at which elements stand.
    leaf_depth: Option<usize>,
    builder: ArrayBuilder,
    elem: SqlType,
    context: &'a TextContext,
}

impl ArrayParser<'_> {
    fn error(&self, detail: &str) -> Error {
        malformed(self.text, detail)
    }

    fn unexpected(&self) -> Error {
        match self.rest.chars().next() {
            Some(c) => self.error(&format!("Unexpected \"{c}\" character.")),
            None => self.error("Unexpected end of input."),
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    }

    /// One `{..}`, whose brace is next.
    fn braces(&mut self, depth: usize) -> Result<()> {
        if depth >= ARRAY_DIMS_MAX {
            return Err(too_many_dims(depth + 1));
        }
        if self.leaf_depth.is_some_and(|leaf| depth > leaf) {
            return Err(self.unmatched());
        }
        if self.lens.len() == depth {
            self.lens.push(None);
        }
        self.rest = &self.rest[1..];
        let mut count = 0u32;
        self.skip_blanks();
        if let Some(rest) = self.rest.strip_prefix('}') {
            if depth > 0 {
                return Err(self.error("Unexpected \"}\" character."));
            }
            self.rest = rest;
            return self.close(depth, 0);
        }
        loop {
            self.skip_blanks();
            if self.rest.starts_with('{') {
                if self.leaf_depth == Some(depth) {
                    return Err(self.unmatched());
                }
                self.braces(depth + 1)?;
            } else {
                if *self.leaf_depth.get_or_insert(depth) != depth {
                    return Err(self.error("Unexpected array element."));
                }
                self.element()?;
            }
            count += 1;
            self.skip_blanks();
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return self.close(depth, count);
            } else if matches!(self.rest.chars().next(), None | Some('{' | '}')) {
                return Err(self.unexpected());
            } else {
                return Err(self.error("Unexpected array element."));
            }
        }
    }

    fn unmatched(&self) -> Error {
        let detail = "Multidimensional arrays must have sub-arrays with matching dimensions.";
        self.error(detail)
    }

    fn close(&mut self, depth: usize, count: u32) -> Result<()> {
        match self.lens[depth] {
            Some(known) if known != count => Err(self.unmatched()),
            _ => {
                self.lens[depth] = Some(count);
                Ok(())
            }
        }
    }

    fn element(&mut self) -> Result<()> {
        let mut value = String::new();
        let mut quoted = false;
        if let Some(rest) = self.rest.strip_prefix('"') {
            quoted = true;
            self.rest = rest;
            loop {
                let mut chars = self.rest.chars();
                match chars.next() {
                    None => return Err(self.error("Unexpected end of input.")),
                    Some('"') => break self.rest = chars.as_str(),
                    Some('\\') => value.extend(chars.next()),
                    Some(c) => value.push(c),
                }
                self.rest = chars.as_str();
            }
        } else {
            // Where the last character that counts ends: blanks behind it do not.
            let mut kept = 0;
            loop {
                let mut chars = self.rest.chars();
                match chars.next() {
                    None | Some(',' | '}') => break,
                    Some('{' | '"') => return Err(self.unexpected()),
                    Some('\\') => {
                        value.extend(chars.next());
                        quoted = true;
                        kept = value.len();
                    }
                    Some(c) => {
                        value.push(c);
                        if !c.is_ascii_whitespace() {
                            kept = value.len();
                        }
                    }
                }
                self.rest = chars.as_str();
            }
            value.truncate(kept);
            if value.is_empty() && !quoted {
                return Err(self.unexpected());
            }
        }
        if !quoted && value.eq_ignore_ascii_case("null") {
            self.builder.push(DatumRef::Null);
        } else {
            let element = parse_text(self.elem, &value, self.context)?;
            self.builder.push(element.as_ref());
        }
        Ok(())
    }
}

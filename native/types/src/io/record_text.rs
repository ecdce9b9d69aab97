//! Records as text: `(1,,"a b")`.

use common::Result;

use super::text::format_text;
use crate::record::decode_record;
use crate::text_context::TextContext;

pub(super) fn write_record(stored: &[u8], context: &TextContext, out: &mut Vec<u8>) -> Result<()> {
    out.push(b'(');
    for (at, field) in decode_record(stored)?.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if field.value.is_null() {
            continue;
        }
        let start = out.len();
        format_text(field.ty.into(), field.value, context, out)?;
        let text = &out[start..];
        let quoted = text.is_empty()
            || text.iter().any(|&c| {
                matches!(c, b'"' | b'\\' | b'(' | b')' | b',') || c.is_ascii_whitespace() || c == 11
            });
        if quoted {
            let text = text.to_vec();
            out.truncate(start);
            out.push(b'"');
            for c in text {
                if matches!(c, b'"' | b'\\') {
                    out.push(c);
                }
                out.push(c);
            }
            out.push(b'"');
        }
    }
    out.push(b')');
    Ok(())
}

//! Parameters of a statement, from the text of a JSON array.

use common::{Result, bail, sqlstate};
use functions::json_text::{self, Kind};
use types::{Datum, SqlType, TextContext, TypeOid};

/// Appends to `values`, which is empty, one for each of `types`, as `functions::json_input` reads it.
/// An empty text stands for no parameters.
///
/// Errors: 22023 for what is no JSON array, 08P01 where there are more or fewer than needed, and
/// what the input of a type refuses.
pub fn decode(
    json: &str,
    types: &[SqlType],
    text: &TextContext,
    values: &mut Vec<Datum>,
) -> Result<()> {
    if integers(json, types, values).is_some() {
        return Ok(());
    }
    values.clear();
    let parts = parts(json)?;
    if parts.len() != types.len() {
        bail!(
            sqlstate::PROTOCOL_VIOLATION,
            "the request supplies {} parameters, but the statement requires {}",
            parts.len(),
            types.len()
        );
    }
    for (ty, part) in types.iter().zip(parts) {
        values.push(functions::json_input(*ty, part, text)?);
    }
    Ok(())
}

fn parts(json: &str) -> Result<Vec<&str>> {
    if json.is_empty() {
        return Ok(Vec::new());
    }
    if types::json::validate_json(json).is_err() || Kind::of(json) != Kind::Array {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "the parameters of a statement are an array of JSON values"
        );
    }
    Ok(json_text::elements(json))
}

/// Appends the elements of an array of nothing but whole numbers for integer types, which keys mostly
/// are: known to be valid by one look. None, and some may have been appended, for whatever is not
/// quite that.
fn integers(json: &str, types: &[SqlType], values: &mut Vec<Datum>) -> Option<()> {
    let mut rest = json.strip_prefix('[')?.as_bytes();
    for (at, ty) in types.iter().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b",")?;
        }
        let (number, behind) = integer(rest)?;
        rest = behind;
        values.push(match ty.oid {
            TypeOid::INT2 => Datum::I16(number.try_into().ok()?),
            TypeOid::INT4 => Datum::I32(number.try_into().ok()?),
            TypeOid::INT8 => Datum::I64(number),
            _ => return None,
        });
    }
    (!types.is_empty() && rest == b"]").then_some(())
}

/// The whole number of at most 18 digits that `text` begins with, as JSON has it, and what is behind
/// it.
fn integer(text: &[u8]) -> Option<(i64, &[u8])> {
    const DIGITS_MAX: usize = 18;
    let (is_negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let mut len = 0;
    let mut number = 0;
    while let Some(digit @ b'0'..=b'9') = digits.get(len) {
        if len == DIGITS_MAX || (len == 1 && digits[0] == b'0') {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
        len += 1;
    }
    let number = if is_negative { -number } else { number };
    (len > 0).then_some((number, &digits[len..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(json: &str, types: &[TypeOid]) -> Result<Vec<Datum>> {
        let types: Vec<SqlType> = types.iter().map(|oid| SqlType::new(*oid)).collect();
        let mut values = Vec::new();
        decode(json, &types, &TextContext::default(), &mut values).map(|()| values)
    }

    fn shown(json: &str, ty: TypeOid) -> String {
        let value = decoded(json, &[ty]).expect("it is a value").remove(0);
        let mut out = Vec::new();
        types::format_text(ty.into(), value.as_ref(), &TextContext::default(), &mut out)
            .expect("it can be shown");
        String::from_utf8(out).expect("text is UTF-8")
    }

    #[test]
    fn values_are_read_as_their_types_read_text() {
        assert_eq!(
            shown("[9007199254740993]", TypeOid::INT8),
            "9007199254740993"
        );
        assert_eq!(shown("[\" 12 \"]", TypeOid::INT4), "12");
        assert_eq!(shown("[-7]", TypeOid::INT4), "-7");
        assert_eq!(shown("[0]", TypeOid::INT2), "0");
        assert_eq!(
            shown("[-9223372036854775808]", TypeOid::INT8),
            "-9223372036854775808"
        );
        assert_eq!(shown("[ 7 ]", TypeOid::INT4), "7");
        assert_eq!(shown("[1.50]", TypeOid::NUMERIC), "1.50");
        assert_eq!(shown("[true]", TypeOid::BOOL), "t");
        assert_eq!(shown(r#"["a\"b\u00e4"]"#, TypeOid::TEXT), "a\"bä");
        assert_eq!(shown(r#"[{"a":[1]}]"#, TypeOid::JSON), r#"{"a":[1]}"#);
        assert_eq!(shown("[[1,2]]", TypeOid::JSONB), "[1, 2]");
        assert!(matches!(
            decoded("[null]", &[TypeOid::INT4]).as_deref(),
            Ok([Datum::Null])
        ));
    }

    #[test]
    fn arrays_are_arrays_of_their_elements() {
        let numbers = types::type_info(TypeOid::INT4).map_or(0, |info| info.array_oid.0);
        assert_eq!(shown("[[1,null,3]]", TypeOid(numbers)), "{1,NULL,3}");
        let texts = types::type_info(TypeOid::TEXT).map_or(0, |info| info.array_oid.0);
        assert_eq!(
            shown(r#"[["a,b","null","q\"\\"]]"#, TypeOid(texts)),
            r#"{"a,b","null","q\"\\"}"#
        );
        assert_eq!(shown("[[[1,2],[3,4]]]", TypeOid(numbers)), "{{1,2},{3,4}}");
    }

    #[test]
    fn what_is_no_array_or_has_another_length_is_refused() {
        let state = |json: &str| decoded(json, &[TypeOid::INT4]).map_err(|error| error.state());
        assert_eq!(state("{}"), Err(sqlstate::INVALID_PARAMETER_VALUE));
        assert_eq!(state("[1"), Err(sqlstate::INVALID_PARAMETER_VALUE));
        assert_eq!(state("[]"), Err(sqlstate::PROTOCOL_VIOLATION));
        assert_eq!(state("[1,2]"), Err(sqlstate::PROTOCOL_VIOLATION));
        for wrong in ["[01]", "[-]", "[1,]", "[,1]", "[+1]", "[1 2]"] {
            assert_eq!(
                state(wrong),
                Err(sqlstate::INVALID_PARAMETER_VALUE),
                "{wrong}"
            );
        }
        for great in ["[99999999999]", "[2147483648]", "[99999999999999999999]"] {
            assert_eq!(state(great), Err(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE));
        }
        assert_eq!(state("[\"x\"]"), Err(sqlstate::INVALID_TEXT_REPRESENTATION));
    }
}

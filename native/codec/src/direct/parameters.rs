//! Parameters of a statement, from the text of a JSON array or from numbers.

use common::{Error, Result, bail, sqlstate};
use functions::json_text::{self, Kind};
use types::{Datum, SqlType, TextContext, TypeOid};

/// What a request has for parameters.
#[derive(Clone, Debug)]
pub enum Parameters {
    /// The text of a JSON array, or nothing.
    Json(String),
    Integers(Integers),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Json(String::new())
    }
}

/// A few whole numbers, as good as a JSON array of them.
#[derive(Clone, Copy, Debug)]
pub struct Integers {
    list: [i64; Self::MAX],
    len: usize,
}

impl Integers {
    pub const MAX: usize = 4;

    /// XX000 for more than [`Integers::MAX`].
    pub fn new(numbers: impl Iterator<Item = i64>) -> Result<Self> {
        let (mut list, mut len) = ([0; Self::MAX], 0);
        for number in numbers {
            let place = list.get_mut(len);
            *place.ok_or_else(|| Error::internal("too many numbers"))? = number;
            len += 1;
        }
        Ok(Self { list, len })
    }

    fn as_slice(&self) -> &[i64] {
        &self.list[..self.len]
    }

    fn to_json(self) -> String {
        let numbers: Vec<String> = self.as_slice().iter().map(i64::to_string).collect();
        format!("[{}]", numbers.join(","))
    }
}

impl Parameters {
    /// See [`decode`].
    pub fn decode(
        &self,
        types: &[SqlType],
        text: &TextContext,
        values: &mut Vec<Datum>,
    ) -> Result<()> {
        let integers = match self {
            Self::Json(json) => return decode(json, types, text, values),
            Self::Integers(integers) => integers,
        };
        if integers.len == types.len() {
            let numbers = integers.as_slice().iter().zip(types);
            values.extend(numbers.map_while(|(number, ty)| integer_of(*ty, *number)));
            if values.len() == types.len() {
                return Ok(());
            }
            values.clear();
        }
        decode(&integers.to_json(), types, text, values)
    }
}

/// The number as a value of an integer type that has it.
fn integer_of(ty: SqlType, number: i64) -> Option<Datum> {
    Some(match ty.oid {
        TypeOid::INT2 => Datum::I16(number.try_into().ok()?),
        TypeOid::INT4 => Datum::I32(number.try_into().ok()?),
        TypeOid::INT8 => Datum::I64(number),
        _ => return None,
    })
}

/// Appends to `values`, which is empty, one for each of `types`, as `functions::json_input` reads it.
/// An empty text stands for no parameters.
///
/// Errors: 22023 for what is no JSON array, 08P01 where there are more or fewer than needed, and
/// what the input of a type refuses.
fn decode(
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
        values.push(integer_of(*ty, number)?);
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
    fn numbers_are_as_a_json_array_of_them() {
        let of = |numbers: &[i64]| Integers::new(numbers.iter().copied());
        let decoded_of = |numbers: &[i64], types: &[TypeOid]| {
            let types: Vec<SqlType> = types.iter().map(|oid| SqlType::new(*oid)).collect();
            let parameters = Parameters::Integers(of(numbers).expect("they are few"));
            let mut values = Vec::new();
            parameters
                .decode(&types, &TextContext::default(), &mut values)
                .map(|()| values)
                .map_err(|error| error.state())
        };
        let integers = [TypeOid::INT2, TypeOid::INT4, TypeOid::INT8];
        let numbers = [-7, 8, 1 << 40];
        assert_eq!(
            decoded_of(&numbers, &integers),
            Ok(vec![Datum::I16(-7), Datum::I32(8), Datum::I64(1 << 40)])
        );
        let mixed = [TypeOid::INT4, TypeOid::TEXT];
        assert_eq!(
            decoded_of(&[1, -2], &mixed),
            Ok(vec![Datum::I32(1), Datum::text("-2")])
        );
        let great = decoded_of(&[1 << 40], &[TypeOid::INT4]);
        assert_eq!(great, Err(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE));
        let few = decoded_of(&[1], &integers);
        assert_eq!(few, Err(sqlstate::PROTOCOL_VIOLATION));
        assert!(of(&[0; Integers::MAX + 1]).is_err());
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

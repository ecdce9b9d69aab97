//! Short decimals, read and stored straight: what columns of amounts mostly hold.

use super::decimal::Numeric;
use crate::sql_type::SqlType;

/// The most digits that are read here: their number fits an i64 whatever they are.
const DIGITS_MAX: usize = 18;

const POW10: [i64; DIGITS_MAX + 1] = {
    let mut table = [1; DIGITS_MAX + 1];
    let mut at = 1;
    while at < table.len() {
        table[at] = table[at - 1] * 10;
        at += 1;
    }
    table
};

impl Numeric {
    /// Reads a sign, digits and a point, fitted to the modifier of `ty`, as coefficient and scale.
    /// None for what has another form, is longer than 18 digits, must be rounded or does not fit:
    /// left to [`Numeric::parse`] and [`Numeric::apply_typmod`].
    #[inline]
    pub fn parse_plain(text: &[u8], ty: SqlType) -> Option<(i64, u16)> {
        let (is_negative, unsigned) = match text {
            [b'-', unsigned @ ..] => (true, unsigned),
            unsigned => (false, unsigned),
        };
        if unsigned.len() > DIGITS_MAX + 1 {
            return None;
        }
        let mut coef = 0i64;
        let mut point = None;
        for (at, byte) in unsigned.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                // 19 digits wrap; they are refused below.
                coef = coef.wrapping_mul(10).wrapping_add(i64::from(digit));
            } else if *byte == b'.' && point.is_none() {
                point = Some(at);
            } else {
                return None;
            }
        }
        let digits = unsigned.len() - usize::from(point.is_some());
        let fraction = point.map_or(0, |at| unsigned.len() - at - 1);
        if digits == 0 || digits > DIGITS_MAX {
            return None;
        }
        let mut scale = fraction;
        if let Some((precision, wanted)) = ty.numeric_precision_scale() {
            scale = usize::try_from(wanted).ok()?;
            let more = scale.checked_sub(fraction)?;
            if digits + more > DIGITS_MAX {
                return None;
            }
            coef *= POW10[more];
            let limit = POW10.get(usize::try_from(precision).ok()?);
            if limit.is_some_and(|limit| coef >= *limit) {
                return None;
            }
        }
        Some((if is_negative { -coef } else { coef }, scale as u16))
    }

    /// Appends the stored form of `coef / 10^scale`: the bytes of [`Numeric::encode`].
    #[inline]
    pub fn encode_word(coef: i64, scale: u16, out: &mut Vec<u8>) {
        // Bytes at the top that only repeat the sign are left out: one sign bit must stay.
        let spare_bits = (coef ^ (coef >> 63)).leading_zeros();
        let kept = match coef {
            0 => 0,
            _ => 8 - (spare_bits as usize - 1) / 8,
        };
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&scale.to_le_bytes());
        bytes[2..].copy_from_slice(&coef.to_le_bytes());
        out.extend_from_slice(&bytes);
        out.truncate(out.len() - 8 + kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_stored_as_other_small_values_are() {
        let edges = [0, 1, -1, 127, 128, -128, -129, 255, i64::MAX, i64::MIN];
        let shifted = (0..63).flat_map(|bit| [1i64 << bit, -(1i64 << bit), (1 << bit) - 1]);
        for coef in edges.into_iter().chain(shifted) {
            let mut out = b"before".to_vec();
            Numeric::encode_word(coef, 5, &mut out);
            let want = Numeric::from_i128(coef.into(), 5).to_bytes();
            assert_eq!(out[6..], want, "{coef}");
        }
    }
}

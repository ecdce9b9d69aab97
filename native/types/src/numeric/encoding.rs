//! The stored form.

use common::{Error, Result};
use num_bigint::BigInt;

use super::decimal::Numeric;

const NAN: u16 = 0xC000;
const POS_INF: u16 = 0xC001;
const NEG_INF: u16 = 0xC002;

/// The bytes of one small numeric, on the stack.
#[derive(Clone, Copy)]
pub struct NumericBytes {
    bytes: [u8; 18],
    len: u8,
}

impl NumericBytes {
    #[inline]
    fn new(coef: i128, scale: u16) -> Self {
        let mut bytes = [0; 18];
        bytes[..2].copy_from_slice(&scale.to_le_bytes());
        bytes[2..].copy_from_slice(&coef.to_le_bytes());
        // Sign-extension bytes at the top are left out: one sign bit must stay.
        let spare_bits = if coef < 0 {
            (!coef).leading_zeros()
        } else {
            coef.leading_zeros()
        };
        let kept = if coef == 0 {
            0
        } else {
            16 - ((spare_bits - 1) / 8) as u8
        };
        Self {
            bytes,
            len: 2 + kept,
        }
    }

    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }
}

impl Numeric {
    /// The stored form of a small value.
    #[inline]
    pub fn small_bytes(coef: i128, scale: u16) -> NumericBytes {
        NumericBytes::new(coef, scale)
    }

    /// Appends the stored form.
    #[inline]
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Small { coef, scale } => {
                out.extend_from_slice(NumericBytes::new(*coef, *scale).as_slice());
            }
            Self::Big { coef, scale } => {
                out.extend_from_slice(&scale.to_le_bytes());
                out.extend_from_slice(&coef.to_signed_bytes_le());
            }
            Self::NaN => out.extend_from_slice(&NAN.to_le_bytes()),
            Self::PosInf => out.extend_from_slice(&POS_INF.to_le_bytes()),
            Self::NegInf => out.extend_from_slice(&NEG_INF.to_le_bytes()),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }

    /// Reads a stored form.
    #[inline]
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        match Self::decode_small(bytes) {
            Some((coef, scale)) => Ok(Self::Small { coef, scale }),
            None => Self::decode_rest(bytes),
        }
    }

    /// Reads the stored form of a finite value whose coefficient fits an i128.
    #[inline]
    pub fn decode_small(bytes: &[u8]) -> Option<(i128, u16)> {
        let (&[low, high], coef) = bytes.split_first_chunk::<2>()?;
        let scale = u16::from_le_bytes([low, high]);
        if coef.len() > 16 || scale > Self::SCALE_MAX {
            return None;
        }
        // The coefficient goes to the top of a word and is shifted down with its sign.
        let mut word = [0u8; 16];
        word[16 - coef.len()..].copy_from_slice(coef);
        let shift = 128 - 8 * coef.len() as u32;
        Some((
            i128::from_le_bytes(word).checked_shr(shift).unwrap_or(0),
            scale,
        ))
    }

    /// As [`Numeric::decode_small`], where the coefficient fits an i64.
    #[inline]
    pub fn decode_word(bytes: &[u8]) -> Option<(i64, u16)> {
        let (&[low, high], coef) = bytes.split_first_chunk::<2>()?;
        let scale = u16::from_le_bytes([low, high]);
        if coef.len() > 8 || scale > Self::SCALE_MAX {
            return None;
        }
        // The coefficient goes to the top of a word and is shifted down with its sign.
        let mut word = [0u8; 8];
        word[8 - coef.len()..].copy_from_slice(coef);
        let shift = 64 - 8 * coef.len() as u32;
        let coef = i64::from_le_bytes(word).checked_shr(shift).unwrap_or(0);
        Some((coef, scale))
    }

    #[cold]
    fn decode_rest(bytes: &[u8]) -> Result<Self> {
        let Some((&header, coef)) = bytes.split_first_chunk::<2>() else {
            return Err(Error::corrupted("a numeric without a header"));
        };
        match u16::from_le_bytes(header) {
            NAN => Ok(Self::NaN),
            POS_INF => Ok(Self::PosInf),
            NEG_INF => Ok(Self::NegInf),
            scale if scale <= Self::SCALE_MAX => {
                Ok(Self::from_big(BigInt::from_signed_bytes_le(coef), scale))
            }
            header => Err(Error::corrupted(format!(
                "a numeric with header {header:#x}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_coefficients_take_few_bytes() {
        for (coef, len) in [
            (0, 2),
            (1, 3),
            (127, 3),
            (128, 4),
            (-128, 3),
            (-129, 4),
            (i128::MAX, 18),
            (i128::MIN, 18),
        ] {
            let bytes = Numeric::from_i128(coef, 5).to_bytes();
            assert_eq!(bytes.len(), len, "{coef}");
            assert_eq!(Numeric::decode_small(&bytes), Some((coef, 5)));
            let word = i64::try_from(coef).ok().map(|coef| (coef, 5));
            assert_eq!(Numeric::decode_word(&bytes), word);
        }
    }
}

//! Keys of one or two short integers, each as one word.

use common::Result;
use types::{Batch, SqlType, TypeOid, VectorData};

use super::context::Context;
use super::eval::eval;
use super::key_table;
use super::keys::{KeyMaker, Keys};
use super::packed_table::hash_word;
use crate::planner::physical::Scalar;

/// Makes the keys of batches, as words where they fit.
pub struct KeySide {
    maker: KeyMaker,
    packed: Option<Vec<Scalar>>,
}

/// The keys of one batch's rows.
pub enum BatchKeys {
    Bytes(Keys),
    Packed {
        words: Vec<u64>,
        /// Rows with a null; none without.
        nulls: Option<Vec<bool>>,
    },
}

/// How many bits of a word a key of this type takes; None if it is no plain integer.
fn bits_of(ty: &SqlType) -> Option<u32> {
    Some(match ty.oid {
        TypeOid::INT2 => 16,
        TypeOid::INT4 | TypeOid::DATE => 32,
        TypeOid::INT8 | TypeOid::TIMESTAMP => 64,
        _ => return None,
    })
}

/// True if keys of these types fit a word.
pub fn is_packable(types: &[SqlType]) -> bool {
    let bits: Option<u32> = types.iter().map(bits_of).sum();
    !types.is_empty() && bits.is_some_and(|bits| bits <= 64)
}

impl KeySide {
    pub fn new(keys: &[Scalar], types: &[SqlType]) -> Self {
        Self {
            maker: KeyMaker::group(keys, types),
            packed: is_packable(types).then(|| keys.to_vec()),
        }
    }

    /// Of a grouping, where nulls are values: only one key fits a word.
    pub fn grouping(keys: &[Scalar], types: &[SqlType]) -> Self {
        Self {
            maker: KeyMaker::group(keys, types),
            packed: (types.len() == 1 && is_packable(types)).then(|| keys.to_vec()),
        }
    }

    pub fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    pub fn keys(&self, cx: &mut Context<'_>, batch: &Batch) -> Result<BatchKeys> {
        match &self.packed {
            Some(scalars) => pack(scalars, cx, batch),
            None => Ok(BatchKeys::Bytes(self.maker.keys(cx, batch)?)),
        }
    }
}

fn pack(scalars: &[Scalar], cx: &mut Context<'_>, batch: &Batch) -> Result<BatchKeys> {
    let mut words = vec![0u64; batch.len];
    let mut nulls: Option<Vec<bool>> = None;
    for scalar in scalars {
        let column = eval(scalar, cx, batch)?;
        let mask = column.index_mask();
        macro_rules! put {
            ($values:expr, $unsigned:ty) => {
                for (row, word) in words.iter_mut().enumerate() {
                    // A shift by a whole word is what a second key never does.
                    *word = word.unbounded_shl(<$unsigned>::BITS)
                        | u64::from($values[row & mask] as $unsigned);
                }
            };
        }
        match column.data() {
            VectorData::I16(values) => put!(values, u16),
            VectorData::I32(values) => put!(values, u32),
            VectorData::I64(values) => put!(values, u64),
            other => {
                return Err(common::Error::internal(format!(
                    "a join key of class {:?} as a word",
                    other.physical()
                )));
            }
        }
        if column.has_nulls() {
            let nulls = nulls.get_or_insert_with(|| vec![false; batch.len]);
            for (row, null) in nulls.iter_mut().enumerate() {
                *null |= column.is_null(row);
            }
        }
    }
    Ok(BatchKeys::Packed { words, nulls })
}

impl BatchKeys {
    /// A hash of each row's key.
    pub fn hashes(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        match self {
            Self::Bytes(keys) => {
                Box::new((0..keys.len()).map(|row| key_table::hash(keys.get(row))))
            }
            Self::Packed { words, .. } => Box::new(words.iter().map(|word| hash_word(*word))),
        }
    }
}

//! Arithmetic over decimals of one scale as machine integers.
//!
//! Columns of `numeric(p, s)` have one scale in all their rows, and sums and products of them too:
//! then a batch is a vector of coefficients and an operation a loop over words. What does not fit
//! (nulls, mixed scales, NaN, more than 64 bits) is `None`, and goes the general way.

use functions::FunctionDef;
use types::{Batch, Datum, Numeric, TypeOid, Vector, VectorData};

use crate::planner::physical::Scalar;

/// Numbers `coefs[i] / 10^scale`.
pub struct Decimals {
    coefs: Coefs,
    scale: u16,
}

enum Coefs {
    One(i64),
    Many(Vec<i64>),
}

impl Decimals {
    pub fn scale(&self) -> u16 {
        self.scale
    }

    /// The coefficients of `len` rows.
    pub fn coefs(&self, len: usize) -> std::borrow::Cow<'_, [i64]> {
        match &self.coefs {
            Coefs::One(coef) => vec![*coef; len].into(),
            Coefs::Many(coefs) => coefs.as_slice().into(),
        }
    }

    fn into_vector(self, len: usize) -> Vector {
        let mut values = types::ByteVector::with_capacity(len, len * 8);
        for coef in self.coefs(len).iter() {
            values.push(Numeric::small_bytes(i128::from(*coef), self.scale).as_slice());
        }
        Vector::from(values)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Add,
    Sub,
    Mul,
}

#[derive(Clone, PartialEq, Debug)]
enum Step {
    /// A numeric column.
    Column(usize),
    /// An integer column.
    Integer(usize),
    Const(i64, u16),
    Binary(Op, usize, usize),
}

/// Expressions over the columns of a batch, each of their parts computed once.
#[derive(Default)]
pub struct DecimalProgram {
    /// A step comes after those that it reads.
    steps: Vec<Step>,
}

fn op_of(function: &FunctionDef) -> Option<Op> {
    match function.oid {
        1724 => Some(Op::Add),
        1725 => Some(Op::Sub),
        1726 => Some(Op::Mul),
        _ => None,
    }
}

impl DecimalProgram {
    /// Takes an expression in; the number of its result, None if it is not of this kind.
    pub fn add(&mut self, scalar: &Scalar) -> Option<usize> {
        let kept = self.steps.len();
        let found = self.step_of(scalar);
        if found.is_none() {
            self.steps.truncate(kept);
        }
        found
    }

    fn step_of(&mut self, scalar: &Scalar) -> Option<usize> {
        let step = match scalar {
            Scalar::Column { position, ty } if ty.oid == TypeOid::NUMERIC => {
                Step::Column(*position)
            }
            Scalar::Cast { arg, to, .. } if to.oid == TypeOid::NUMERIC && to.typmod < 0 => {
                match arg.as_ref() {
                    Scalar::Column { position, ty } if is_integer(ty.oid) => {
                        Step::Integer(*position)
                    }
                    _ => return None,
                }
            }
            Scalar::Const { value, ty } if ty.oid == TypeOid::NUMERIC => {
                let Datum::Bytes(bytes) = value else {
                    return None;
                };
                let (coef, scale) = Numeric::decode_small(bytes)?;
                Step::Const(i64::try_from(coef).ok()?, scale)
            }
            Scalar::Call { function, args, .. } => self.binary(function, args)?,
            _ => return None,
        };
        Some(self.number_of(step))
    }

    fn binary(&mut self, function: &FunctionDef, args: &[Scalar]) -> Option<Step> {
        let op = op_of(function)?;
        let [left, right] = args else {
            return None;
        };
        Some(Step::Binary(op, self.step_of(left)?, self.step_of(right)?))
    }

    /// The number of a step, which is added where it is not there.
    fn number_of(&mut self, step: Step) -> usize {
        let known = self.steps.iter().position(|other| *other == step);
        known.unwrap_or_else(|| {
            self.steps.push(step);
            self.steps.len() - 1
        })
    }

    /// The results over a batch, by their numbers.
    pub fn run(&self, batch: &Batch) -> Vec<Option<Decimals>> {
        let mut results: Vec<Option<Decimals>> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let result = match step {
                Step::Column(position) => batch.columns.get(*position).and_then(numerics),
                Step::Integer(position) => batch.columns.get(*position).and_then(integers),
                Step::Const(coef, scale) => Some(Decimals {
                    coefs: Coefs::One(*coef),
                    scale: *scale,
                }),
                Step::Binary(op, left, right) => match (&results[*left], &results[*right]) {
                    (Some(left), Some(right)) => binary(*op, left, right),
                    _ => None,
                },
            };
            results.push(result);
        }
        results
    }
}

fn is_integer(oid: TypeOid) -> bool {
    matches!(oid, TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8)
}

/// A call of numeric arithmetic as a whole, its arguments included.
pub fn call(function: &FunctionDef, args: &[Scalar], batch: &Batch) -> Option<Vector> {
    let mut program = DecimalProgram::default();
    let step = program.binary(function, args)?;
    let at = program.number_of(step);
    let result = program.run(batch).swap_remove(at)?;
    Some(result.into_vector(batch.len))
}

fn numerics(column: &Vector) -> Option<Decimals> {
    if column.has_nulls() || column.is_empty() {
        return None;
    }
    let VectorData::Bytes(values) = column.data() else {
        return None;
    };
    let (first, scale) = Numeric::decode_word(values.get(0))?;
    if column.is_constant() {
        return Some(Decimals {
            coefs: Coefs::One(first),
            scale,
        });
    }
    let mut coefs = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        let (coef, own) = Numeric::decode_word(values.get(at))?;
        if own != scale {
            return None;
        }
        coefs.push(coef);
    }
    Some(Decimals {
        coefs: Coefs::Many(coefs),
        scale,
    })
}

fn integers(column: &Vector) -> Option<Decimals> {
    if column.has_nulls() || column.is_constant() {
        return None;
    }
    let coefs = match column.data() {
        VectorData::I16(values) => values.iter().map(|value| i64::from(*value)).collect(),
        VectorData::I32(values) => values.iter().map(|value| i64::from(*value)).collect(),
        VectorData::I64(values) => values.clone(),
        _ => return None,
    };
    Some(Decimals {
        coefs: Coefs::Many(coefs),
        scale: 0,
    })
}

fn binary(op: Op, left: &Decimals, right: &Decimals) -> Option<Decimals> {
    let (up_left, up_right, scale) = match op {
        Op::Mul => (1, 1, left.scale.checked_add(right.scale)?),
        Op::Add | Op::Sub => {
            let scale = left.scale.max(right.scale);
            (up(scale - left.scale)?, up(scale - right.scale)?, scale)
        }
    };
    if scale > Numeric::SCALE_MAX {
        return None;
    }
    // One test for overflow at the end keeps the loop free of branches.
    let apply = |a: i64, b: i64| -> (i64, bool) {
        let (a, lost_a) = a.overflowing_mul(up_left);
        let (b, lost_b) = b.overflowing_mul(up_right);
        let (result, lost) = match op {
            Op::Add => a.overflowing_add(b),
            Op::Sub => a.overflowing_sub(b),
            Op::Mul => a.overflowing_mul(b),
        };
        (result, lost | lost_a | lost_b)
    };
    let mut lost = false;
    let mut each = |a: i64, b: i64| {
        let (result, own) = apply(a, b);
        lost |= own;
        result
    };
    let coefs = match (&left.coefs, &right.coefs) {
        (Coefs::One(a), Coefs::One(b)) => Coefs::One(each(*a, *b)),
        (Coefs::One(a), Coefs::Many(b)) => Coefs::Many(b.iter().map(|b| each(*a, *b)).collect()),
        (Coefs::Many(a), Coefs::One(b)) => Coefs::Many(a.iter().map(|a| each(*a, *b)).collect()),
        (Coefs::Many(a), Coefs::Many(b)) => {
            Coefs::Many(a.iter().zip(b).map(|(a, b)| each(*a, *b)).collect())
        }
    };
    (!lost).then_some(Decimals { coefs, scale })
}

fn up(digits: u16) -> Option<i64> {
    10_i64.checked_pow(u32::from(digits))
}

#[cfg(test)]
mod tests {
    use types::{Physical, SqlType};

    use super::*;

    const NUMERIC: SqlType = SqlType::new(TypeOid::NUMERIC);

    fn numbers(texts: &[&str]) -> Vector {
        let mut vector = Vector::new(Physical::Bytes);
        for text in texts {
            let value = Numeric::parse(text).expect("a number").to_bytes();
            vector.push(types::DatumRef::Bytes(&value));
        }
        vector
    }

    fn column(position: usize) -> Scalar {
        let ty = NUMERIC;
        Scalar::Column { position, ty }
    }

    fn call_of(name: &str, left: Scalar, right: Scalar) -> Scalar {
        let oid = match name {
            "+" => 1724,
            "-" => 1725,
            _ => 1726,
        };
        let mut found = functions::functions().filter(|function| function.oid == oid);
        Scalar::Call {
            function: found.next().expect("it is there"),
            args: vec![left, right],
            ty: NUMERIC,
            collation: crate::ir::Collation::C,
        }
    }

    fn texts(scalar: &Scalar, batch: &Batch) -> Option<Vec<String>> {
        let mut program = DecimalProgram::default();
        let at = program.add(scalar)?;
        let result = program.run(batch).swap_remove(at)?.into_vector(batch.len);
        let text = |row| {
            let value = result.get(row).to_owned();
            types::output_text(&value, NUMERIC).expect("not null")
        };
        Some((0..batch.len).map(text).collect())
    }

    #[test]
    fn scales_are_those_of_numeric() {
        let columns = vec![numbers(&["1.50", "-2.25"]), numbers(&["0.5", "4.0"])];
        let batch = Batch::new(columns, 2);
        let of = |op| texts(&call_of(op, column(0), column(1)), &batch).expect("it fits");
        assert_eq!(of("+"), ["2.00", "1.75"]);
        assert_eq!(of("-"), ["1.00", "-6.25"]);
        assert_eq!(of("*"), ["0.750", "-9.000"]);
    }

    #[test]
    fn what_does_not_fit_goes_the_general_way() {
        let mixed = Batch::new(vec![numbers(&["1.5", "2"])], 2);
        assert!(texts(&column(0), &mixed).is_none());
        let special = Batch::new(vec![numbers(&["NaN"])], 1);
        assert!(texts(&column(0), &special).is_none());
        let large = Batch::new(vec![numbers(&["9000000000000000000"])], 1);
        assert!(texts(&call_of("*", column(0), column(0)), &large).is_none());
        let mut null = numbers(&["1"]);
        null.push_null();
        assert!(texts(&column(0), &Batch::new(vec![null], 2)).is_none());
    }

    #[test]
    fn parts_are_computed_once() {
        let mut program = DecimalProgram::default();
        let price = call_of("*", column(0), column(1));
        let first = program.add(&price);
        let taxed = program.add(&call_of("*", price.clone(), column(2)));
        assert_eq!((first, taxed), (Some(2), Some(4)));
        assert_eq!(program.add(&price), first);
        assert_eq!(program.steps.len(), 5);
    }
}

//! Expressions as PostgreSQL writes them in plans.

use functions::{FunctionDef, OperatorBody};
use types::{Datum, SqlType, TypeOid, format_type};

use crate::ir::{BooleanTest, ColumnId, Quantifier};
use crate::planner::physical::{PhysicalPlan, Scalar, ScalarSubscript, SubplanUse};

/// Names of the columns that an expression reads.
pub struct Names<'p> {
    plan: &'p PhysicalPlan,
    columns: Vec<ColumnId>,
    /// With relation names; without, if there is one relation only.
    qualified: bool,
}

impl<'p> Names<'p> {
    pub fn new(plan: &'p PhysicalPlan, columns: Vec<ColumnId>, verbose: bool) -> Self {
        Self {
            plan,
            columns,
            qualified: verbose || plan.scan_count > 1,
        }
    }

    /// `t.a`, or `a`.
    pub fn column(&self, id: ColumnId) -> String {
        let info = self.plan.columns.get(id);
        let name = quote_name(&info.name);
        if self.qualified && !info.relation.is_empty() {
            format!("{}.{name}", quote_name(&info.relation))
        } else {
            name
        }
    }

    fn list(&self, scalars: &[Scalar]) -> String {
        scalars
            .iter()
            .map(|scalar| self.scalar(scalar))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn joined(&self, parts: &[Scalar], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.scalar(part)).collect();
        format!("({})", parts.join(word))
    }

    /// The expression's text.
    pub fn scalar(&self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::Const { value, ty } => constant(value, *ty),
            Scalar::Column { position, .. } => match self.columns.get(*position) {
                Some(id) => self.column(*id),
                None => "(operand)".into(),
            },
            Scalar::Param { index, .. } => format!("${}", index + 1),
            Scalar::Slot { slot, .. } => self.column(self.plan.slots[*slot]),
            Scalar::Call { function, args, .. } => self.call(function, args),
            Scalar::Session { function, args, .. } => match args.is_empty() {
                true if function.name.starts_with("current_") => function.name.to_uppercase(),
                _ => format!("{}({})", function.name, self.list(args)),
            },
            Scalar::Cast { arg, to, .. } => format!("({})::{to}", self.scalar(arg)),
            Scalar::Compare {
                op, left, right, ..
            } => {
                format!(
                    "({} {} {})",
                    self.scalar(left),
                    op.symbol(),
                    self.scalar(right)
                )
            }
            Scalar::RowCompare {
                op, left, right, ..
            } => {
                format!(
                    "(ROW({}) {} ROW({}))",
                    self.list(left),
                    op.symbol(),
                    self.list(right)
                )
            }
            Scalar::And(parts) => self.joined(parts, " AND "),
            Scalar::Or(parts) => self.joined(parts, " OR "),
            Scalar::Not(arg) => format!("(NOT {})", self.scalar(arg)),
            Scalar::IsNull { arg, negated } => {
                let not = if *negated { "NOT " } else { "" };
                format!("({} IS {not}NULL)", self.scalar(arg))
            }
            Scalar::BooleanTest { arg, test } => {
                format!("({} IS {})", self.scalar(arg), test_name(*test))
            }
            Scalar::IsDistinct {
                left,
                right,
                negated,
                ..
            } => {
                let not = if *negated { "NOT " } else { "" };
                let (left, right) = (self.scalar(left), self.scalar(right));
                format!("({left} IS {not}DISTINCT FROM {right})")
            }
            Scalar::Coalesce { args, .. } => format!("COALESCE({})", self.list(args)),
            Scalar::MinMax { greatest, args, .. } => {
                let name = if *greatest { "GREATEST" } else { "LEAST" };
                format!("{name}({})", self.list(args))
            }
            Scalar::NullIf { left, right, .. } => {
                format!("NULLIF({}, {})", self.scalar(left), self.scalar(right))
            }
            other => self.rare(other),
        }
    }

    fn rare(&self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::InList {
                arg, list, negated, ..
            } => {
                let ty = arg.ty();
                let values: Vec<String> = list.iter().map(|value| element(value, ty)).collect();
                let (op, word) = if *negated {
                    ("<>", "ALL")
                } else {
                    ("=", "ANY")
                };
                let array = format!("'{{{}}}'::{}[]", values.join(","), plain_type(ty));
                format!("({} {op} {word} ({array}))", self.scalar(arg))
            }
            Scalar::CompareArray {
                op,
                quantifier,
                arg,
                array,
                ..
            } => self.quantified(arg, op.symbol(), *quantifier, array),
            Scalar::CallArray {
                function,
                quantifier,
                arg,
                array,
                ..
            } => {
                let name = operator_of(function).unwrap_or(function.name);
                self.quantified(arg, name, *quantifier, array)
            }
            Scalar::Case(case) => {
                let mut text = String::from("CASE");
                if let Some(operand) = &case.operand {
                    text.push_str(&format!(" {}", self.scalar(operand)));
                }
                for (when, then) in &case.branches {
                    let (when, then) = (self.scalar(when), self.scalar(then));
                    text.push_str(&format!(" WHEN {when} THEN {then}"));
                }
                let otherwise = match &case.otherwise {
                    Some(otherwise) => self.scalar(otherwise),
                    None => constant(&Datum::Null, case.ty),
                };
                text.push_str(&format!(" ELSE {otherwise} END"));
                text
            }
            Scalar::Array { elements, .. } => format!("ARRAY[{}]", self.list(elements)),
            Scalar::Row { fields, .. } => format!("ROW({})", self.list(fields)),
            Scalar::Field { arg, index, .. } => {
                format!("({}).f{}", self.scalar(arg), index + 1)
            }
            Scalar::Subscript { arg, items, .. } => {
                let mut text = self.scalar(arg);
                for item in items {
                    let end = |end: &Option<Scalar>| {
                        end.as_ref().map(|end| self.scalar(end)).unwrap_or_default()
                    };
                    match item {
                        ScalarSubscript::Index(index) => {
                            text.push_str(&format!("[{}]", self.scalar(index)));
                        }
                        ScalarSubscript::Slice(lower, upper) => {
                            text.push_str(&format!("[{}:{}]", end(lower), end(upper)));
                        }
                    }
                }
                text
            }
            Scalar::Subplan { index, usage, .. } => self.subplan(*index, usage),
            _ => String::new(),
        }
    }

    fn subplan(&self, index: usize, usage: &SubplanUse) -> String {
        let number = index + 1;
        let def = &self.plan.subplans[index];
        match usage {
            SubplanUse::Compare { .. } if def.slots.is_empty() => {
                format!("(hashed SubPlan {number})")
            }
            SubplanUse::Compare { .. } | SubplanUse::Call { .. } => format!("(SubPlan {number})"),
            _ if def.slots.is_empty() => format!("${index}"),
            _ => format!("(SubPlan {number})"),
        }
    }

    fn quantified(&self, arg: &Scalar, op: &str, quantifier: Quantifier, array: &Scalar) -> String {
        let word = if quantifier == Quantifier::Any {
            "ANY"
        } else {
            "ALL"
        };
        format!(
            "({} {op} {word} ({}))",
            self.scalar(arg),
            self.scalar(array)
        )
    }

    fn call(&self, function: &FunctionDef, args: &[Scalar]) -> String {
        match (operator_of(function), args) {
            (Some(name), [left, right]) => {
                format!("({} {name} {})", self.scalar(left), self.scalar(right))
            }
            (Some(name), [right]) => format!("({name} {})", self.scalar(right)),
            _ => format!("{}({})", function.name, self.list(args)),
        }
    }
}

/// The operator that is the function under another name.
fn operator_of(function: &FunctionDef) -> Option<&'static str> {
    let is = |body: &OperatorBody| match body {
        OperatorBody::Function(known) => std::ptr::eq(*known, function),
        OperatorBody::Compare(_) => false,
    };
    functions::operators()
        .find(|def| is(&def.body))
        .map(|def| def.name)
}

fn test_name(test: BooleanTest) -> &'static str {
    match test {
        BooleanTest::IsTrue => "TRUE",
        BooleanTest::IsNotTrue => "NOT TRUE",
        BooleanTest::IsFalse => "FALSE",
        BooleanTest::IsNotFalse => "NOT FALSE",
        BooleanTest::IsUnknown => "UNKNOWN",
        BooleanTest::IsNotUnknown => "NOT UNKNOWN",
    }
}

fn plain_type(ty: SqlType) -> String {
    format_type(ty.oid, -1)
}

/// A constant: small integers and booleans bare, the rest quoted with its type.
fn constant(value: &Datum, ty: SqlType) -> String {
    let Some(text) = types::output_text(value, ty) else {
        return format!("NULL::{ty}");
    };
    match ty.oid {
        TypeOid::INT4 if !text.starts_with('-') => text,
        TypeOid::BOOL => {
            if text == "t" {
                "true".into()
            } else {
                "false".into()
            }
        }
        TypeOid::NUMERIC if text.contains('.') && !text.starts_with('-') => text,
        _ => format!("'{}'::{ty}", text.replace('\'', "''")),
    }
}

/// An element within the text of an array.
fn element(value: &Datum, ty: SqlType) -> String {
    let Some(text) = types::output_text(value, ty) else {
        return "NULL".into();
    };
    let special = |c: char| matches!(c, '{' | '}' | ',' | '"' | '\\') || c.is_whitespace();
    if text.is_empty() || text.contains(special) || text.eq_ignore_ascii_case("null") {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

/// Quotes a name that is not a plain lower-case one.
fn quote_name(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if first && rest {
        name.into()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

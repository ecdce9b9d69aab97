//! Type names: from what was written to a type and its modifier (`parse_type.c`).

use super::binder::Binder;
use super::context::{Notice, Severity};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid, all_types};

const LENGTH_MAX: i32 = 10 * 1024 * 1024;
const NUMERIC_PRECISION_MAX: i32 = 1000;
const SECOND_DIGITS_MAX: i32 = 6;

impl Binder<'_> {
    /// The type that a name stands for. 42704 where there is none.
    pub fn resolve_type(&mut self, name: &ast::TypeName) -> Result<SqlType> {
        if name.pct_type {
            return Err(Error::not_implemented("%TYPE"));
        }
        if name.setof {
            return Err(Error::not_implemented("SETOF in this context"));
        }
        let Some(oid) = self.find_type(name.schema(), name.name()) else {
            let written = display_name(name);
            let error = err!(
                sqlstate::UNDEFINED_OBJECT,
                "type \"{written}\" does not exist"
            );
            return Err(self.error_at(name.location, error));
        };
        let typmod = self.type_modifier(oid, name)?;
        if name.array_bounds.is_empty() {
            return Ok(SqlType::with_typmod(oid, typmod));
        }
        let array = match self.types().element_type(oid) {
            // An array of arrays is an array.
            Some(_) => oid,
            None => self.array_over(oid, name.location)?,
        };
        Ok(SqlType::with_typmod(array, typmod))
    }

    /// The oid of a type by its names; built-in ones by `typname` only.
    pub(super) fn find_type(&self, schema: Option<&str>, name: &str) -> Option<TypeOid> {
        let built_in = || {
            all_types()
                .iter()
                .find(|info| info.name == name)
                .map(|info| info.oid)
        };
        let catalog = self.cx.catalog;
        let of_schema = |schema: ObjectId| {
            if schema == catalog::oid::PG_CATALOG {
                return built_in();
            }
            let user = catalog.type_by_name(schema, name).map(|t| TypeOid(t.oid.0));
            let row = || match catalog.relation_by_name(schema, name)? {
                catalog::Relation::Table(t) if t.row_type.0 != 0 => Some(TypeOid(t.row_type.0)),
                _ => None,
            };
            let array = || {
                let element = self.find_type_in(schema, name.strip_prefix('_')?)?;
                self.types().array_type(element)
            };
            user.or_else(row).or_else(array)
        };
        match schema {
            Some("pg_catalog") => built_in(),
            Some("information_schema") => information_schema_domain(name),
            Some(schema) => of_schema(self.cx.schema_named(catalog, schema)?),
            None => self.path.iter().find_map(|schema| of_schema(*schema)),
        }
    }

    fn find_type_in(&self, schema: ObjectId, name: &str) -> Option<TypeOid> {
        let user = self
            .cx
            .catalog
            .type_by_name(schema, name)
            .map(|t| TypeOid(t.oid.0));
        user.or_else(|| match self.cx.catalog.relation_by_name(schema, name)? {
            catalog::Relation::Table(t) if t.row_type.0 != 0 => Some(TypeOid(t.row_type.0)),
            _ => None,
        })
    }

    /// The modifier from what stands in parentheses (`typenameTypeMod` and the types' own rules).
    fn type_modifier(&mut self, oid: TypeOid, name: &ast::TypeName) -> Result<i32> {
        if name.typmods.is_empty() {
            return Ok(-1);
        }
        let mut values = Vec::with_capacity(name.typmods.len());
        for expr in &name.typmods {
            let ast::ExprKind::Const(ast::Literal::Int(value)) = &expr.kind else {
                let message = "type modifiers must be simple constants or identifiers";
                let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                return Err(self.error_at(name.location, error));
            };
            values.push(*value);
        }
        self.check_modifier(oid, name.name(), &values)
            .map_err(|error| self.error_at(name.location, error))
    }

    fn check_modifier(&mut self, oid: TypeOid, written: &str, values: &[i32]) -> Result<i32> {
        let invalid = |message: String| Error::new(sqlstate::INVALID_PARAMETER_VALUE, message);
        match (oid, values) {
            (TypeOid::VARCHAR | TypeOid::BPCHAR, [length]) => {
                let name = if oid == TypeOid::VARCHAR {
                    "varchar"
                } else {
                    "char"
                };
                match *length {
                    ..1 => Err(invalid(format!(
                        "length for type {name} must be at least 1"
                    ))),
                    n if n > LENGTH_MAX => Err(invalid(format!(
                        "length for type {name} cannot exceed {LENGTH_MAX}"
                    ))),
                    n => Ok(n + 4),
                }
            }
            (TypeOid::NUMERIC, [precision, rest @ ..]) if rest.len() <= 1 => {
                let scale = rest.first().copied().unwrap_or(0);
                if !(1..=NUMERIC_PRECISION_MAX).contains(precision) {
                    return Err(invalid(format!(
                        "NUMERIC precision {precision} must be between 1 and \
                         {NUMERIC_PRECISION_MAX}"
                    )));
                }
                if !(-1000..=1000).contains(&scale) {
                    return Err(invalid(format!(
                        "NUMERIC scale {scale} must be between -1000 and 1000"
                    )));
                }
                Ok(SqlType::numeric(*precision, scale).typmod)
            }
            (TypeOid::NUMERIC, _) => Err(invalid("invalid NUMERIC type modifier".into())),
            (TypeOid::TIME | TypeOid::TIMETZ | TypeOid::TIMESTAMP | TypeOid::TIMESTAMPTZ, [n]) => {
                self.second_digits(oid, *n)
            }
            (TypeOid::INTERVAL, [fields]) => Ok((fields << 16) | 0xFFFF),
            (TypeOid::INTERVAL, [fields, digits]) => {
                let digits = self.second_digits(oid, *digits)?;
                Ok((fields << 16) | digits)
            }
            (TypeOid::VARCHAR | TypeOid::BPCHAR, _) => Err(invalid("invalid type modifier".into())),
            _ => Err(err!(
                sqlstate::SYNTAX_ERROR,
                "type modifier is not allowed for type \"{written}\""
            )),
        }
    }

    fn second_digits(&mut self, oid: TypeOid, digits: i32) -> Result<i32> {
        let (name, zone) = match oid {
            TypeOid::TIME => ("TIME", ""),
            TypeOid::TIMETZ => ("TIME", " WITH TIME ZONE"),
            TypeOid::TIMESTAMP => ("TIMESTAMP", ""),
            TypeOid::TIMESTAMPTZ => ("TIMESTAMP", " WITH TIME ZONE"),
            _ => ("INTERVAL", ""),
        };
        if digits < 0 {
            return Err(err!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "{name}({digits}){zone} precision must not be negative"
            ));
        }
        if digits > SECOND_DIGITS_MAX {
            self.notices.push(Notice {
                severity: Severity::Warning,
                ..Notice::new(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    format!(
                        "{name}({digits}){zone} precision reduced to maximum allowed, \
                         {SECOND_DIGITS_MAX}"
                    ),
                )
            });
        }
        Ok(digits.min(SECOND_DIGITS_MAX))
    }
}

/// The domains of `information_schema`, by the types beneath them.
fn information_schema_domain(name: &str) -> Option<TypeOid> {
    Some(match name {
        "cardinal_number" => TypeOid::INT4,
        "character_data" | "yes_or_no" => TypeOid::VARCHAR,
        "sql_identifier" => TypeOid::NAME,
        "time_stamp" => TypeOid::TIMESTAMPTZ,
        _ => return None,
    })
}

/// A type name as an error repeats it.
fn display_name(name: &ast::TypeName) -> String {
    let mut text = name.names.join(".");
    for _ in &name.array_bounds {
        text.push_str("[]");
    }
    text
}

//! Sequences: CREATE, ALTER, and the options that identity columns share (`init_params`).

use super::builder::{Builder, DdlContext, display, relation_name};
use super::plan::{Action, DdlPlan, FileKind};
use crate::binder::Notice;
use catalog::{Relation, Sequence, TypeRef};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::TypeOid;

pub fn create_sequence(cx: &DdlContext<'_>, statement: &ast::CreateSequence) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "CREATE SEQUENCE");
    let (schema, persistence) = builder.creation_place(&statement.name, statement.persistence)?;
    let exists = builder.refuse_existing(schema, &statement.name, statement.if_not_exists)?;
    if exists.is_some() {
        return Ok(builder.plan);
    }
    let oid = builder.oid();
    let mut sequence = Sequence {
        oid,
        name: statement.name.name.clone(),
        schema,
        owner: cx.bind.user,
        persistence,
        ty: TypeRef::plain(TypeOid::INT8.0),
        ..Sequence::default()
    };
    builder.sequence_options(&mut sequence, &statement.options, true)?;
    sequence.file = builder.file(oid, FileKind::Sequence);
    let value = sequence.start;
    builder.act(Action::SetSequence {
        sequence: oid,
        value,
    });
    builder.put(sequence);
    Ok(builder.plan)
}

pub fn alter_sequence(cx: &DdlContext<'_>, statement: &ast::AlterSequence) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "ALTER SEQUENCE");
    let sequence = match builder.find(&statement.name)? {
        Some(Relation::Sequence(sequence)) => sequence,
        Some(_) => {
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "\"{}\" is not a sequence",
                statement.name.name
            ));
        }
        None if statement.if_exists => {
            let name = display(&statement.name);
            let message = format!("relation \"{name}\" does not exist, skipping");
            builder.notice(Notice::skipping(message));
            return Ok(builder.plan);
        }
        None => return Err(builder.missing(&statement.name)),
    };
    let mut changed = (*sequence).clone();
    builder.sequence_options(&mut changed, &statement.options, false)?;
    builder.restart(&changed, &statement.options)?;
    builder.put(changed);
    Ok(builder.plan)
}

fn range_of(ty: TypeRef) -> (i64, i64) {
    match TypeOid(ty.oid.0) {
        TypeOid::INT2 => (i16::MIN.into(), i16::MAX.into()),
        TypeOid::INT4 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

/// A number option; text that is no `bigint` is 22003.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| {
        err!(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "value \"{text}\" is out of range for type bigint"
        )
    })
}

impl Builder<'_> {
    /// Applies options; of a new sequence those not given get their defaults.
    pub fn sequence_options(
        &mut self,
        sequence: &mut Sequence,
        options: &[ast::SequenceOption],
        is_new: bool,
    ) -> Result<()> {
        use ast::SequenceOptionKind as K;
        for (at, option) in options.iter().enumerate() {
            let same = |o: &ast::SequenceOption| {
                std::mem::discriminant(&o.kind) == std::mem::discriminant(&option.kind)
            };
            if options[..at].iter().any(same) {
                let message = "conflicting or redundant options";
                let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                return Err(self.error_at(option.location, error));
            }
        }
        let find = |wanted: fn(&K) -> bool| options.iter().map(|o| &o.kind).find(|k| wanted(k));
        let old_range = range_of(sequence.ty);
        if let Some(K::As(name)) = find(|k| matches!(k, K::As(_))) {
            let ty = self.column_type(name, "as")?;
            if !matches!(ty.oid, TypeOid::INT2 | TypeOid::INT4 | TypeOid::INT8) {
                let message = match sequence.internal {
                    true => "identity column type must be smallint, integer, or bigint",
                    false => "sequence type must be smallint, integer, or bigint",
                };
                return Err(Error::new(sqlstate::INVALID_PARAMETER_VALUE, message));
            }
            sequence.ty = TypeRef::plain(ty.oid.0);
        }
        match find(|k| matches!(k, K::Increment(_))) {
            Some(K::Increment(text)) => sequence.increment = number(text)?,
            _ if is_new => sequence.increment = 1,
            _ => {}
        }
        if sequence.increment == 0 {
            return Err(invalid("INCREMENT must not be zero"));
        }
        match find(|k| matches!(k, K::Cycle(_))) {
            Some(K::Cycle(cycle)) => sequence.cycle = *cycle,
            _ if is_new => sequence.cycle = false,
            _ => {}
        }
        self.sequence_bounds(sequence, options, is_new, old_range)?;
        match find(|k| matches!(k, K::Start(_))) {
            Some(K::Start(text)) => sequence.start = number(text)?,
            _ if is_new => {
                sequence.start = if sequence.increment > 0 {
                    sequence.min
                } else {
                    sequence.max
                };
            }
            _ => {}
        }
        let (start, min, max) = (sequence.start, sequence.min, sequence.max);
        if start < min {
            return Err(invalid(format!(
                "START value ({start}) cannot be less than MINVALUE ({min})"
            )));
        }
        if start > max {
            return Err(invalid(format!(
                "START value ({start}) cannot be greater than MAXVALUE ({max})"
            )));
        }
        match find(|k| matches!(k, K::Cache(_))) {
            Some(K::Cache(text)) => sequence.cache = number(text)?,
            _ if is_new => sequence.cache = 1,
            _ => {}
        }
        if sequence.cache <= 0 {
            return Err(invalid(format!(
                "CACHE ({}) must be greater than zero",
                sequence.cache
            )));
        }
        if let Some(K::OwnedBy(owner)) = find(|k| matches!(k, K::OwnedBy(_))) {
            self.sequence_owner(sequence, owner.as_ref())?;
        }
        Ok(())
    }

    fn sequence_bounds(
        &mut self,
        sequence: &mut Sequence,
        options: &[ast::SequenceOption],
        is_new: bool,
        old_range: (i64, i64),
    ) -> Result<()> {
        use ast::SequenceOptionKind as K;
        let (low, high) = range_of(sequence.ty);
        let up = sequence.increment > 0;
        let given = |wanted: fn(&K) -> bool| options.iter().map(|o| &o.kind).find(|k| wanted(k));
        // A bound that was the old type's own follows the type.
        let reset_max = sequence.max == old_range.1 && up;
        let reset_min = sequence.min == old_range.0 && !up;
        match given(|k| matches!(k, K::MaxValue(_))) {
            Some(K::MaxValue(Some(text))) => sequence.max = number(text)?,
            Some(_) => sequence.max = if up { high } else { -1 },
            None if is_new || reset_max => sequence.max = if up { high } else { -1 },
            None => {}
        }
        match given(|k| matches!(k, K::MinValue(_))) {
            Some(K::MinValue(Some(text))) => sequence.min = number(text)?,
            Some(_) => sequence.min = if up { 1 } else { low },
            None if is_new || reset_min => sequence.min = if up { 1 } else { low },
            None => {}
        }
        let ty = types::format_type(TypeOid(sequence.ty.oid.0), -1);
        let (min, max) = (sequence.min, sequence.max);
        if !(low..=high).contains(&max) {
            return Err(invalid(format!(
                "MAXVALUE ({max}) is out of range for sequence data type {ty}"
            )));
        }
        if !(low..=high).contains(&min) {
            return Err(invalid(format!(
                "MINVALUE ({min}) is out of range for sequence data type {ty}"
            )));
        }
        if min >= max {
            return Err(invalid(format!(
                "MINVALUE ({min}) must be less than MAXVALUE ({max})"
            )));
        }
        Ok(())
    }

    fn sequence_owner(
        &mut self,
        sequence: &mut Sequence,
        owner: Option<&ast::QualifiedName>,
    ) -> Result<()> {
        if sequence.internal {
            return Err(Error::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot change ownership of identity sequence",
            ));
        }
        let Some(owner) = owner else {
            sequence.owned_by = None;
            return Ok(());
        };
        let Some((column, table)) = owner.parts.split_last().filter(|(_, t)| !t.is_empty()) else {
            return Err(
                Error::new(sqlstate::SYNTAX_ERROR, "invalid OWNED BY option")
                    .with_hint("Specify OWNED BY table.column or OWNED BY NONE."),
            );
        };
        let name = ast::QualifiedName {
            parts: table.to_vec(),
            location: owner.location,
        };
        let name = relation_name(&name);
        let Some(Relation::Table(table)) = self.find(&name)? else {
            return Err(self.missing(&name));
        };
        if table.schema != sequence.schema {
            return Err(Error::new(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "sequence must be in same schema as table it is linked to",
            ));
        }
        let Some(found) = table.column(column) else {
            return Err(err!(
                sqlstate::UNDEFINED_COLUMN,
                "column \"{column}\" of relation \"{}\" does not exist",
                table.name
            ));
        };
        sequence.owned_by = Some((table.oid, found.attnum));
        Ok(())
    }

    /// RESTART of ALTER SEQUENCE and ALTER COLUMN.
    pub fn restart(&mut self, sequence: &Sequence, options: &[ast::SequenceOption]) -> Result<()> {
        for option in options {
            let ast::SequenceOptionKind::Restart(value) = &option.kind else {
                continue;
            };
            let value = match value {
                Some(text) => number(text)?,
                None => sequence.start,
            };
            if value < sequence.min {
                return Err(invalid(format!(
                    "RESTART value ({value}) cannot be less than MINVALUE ({})",
                    sequence.min
                )));
            }
            if value > sequence.max {
                return Err(invalid(format!(
                    "RESTART value ({value}) cannot be greater than MAXVALUE ({})",
                    sequence.max
                )));
            }
            self.act(Action::SetSequence {
                sequence: sequence.oid,
                value,
            });
        }
        Ok(())
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(sqlstate::INVALID_PARAMETER_VALUE, message)
}

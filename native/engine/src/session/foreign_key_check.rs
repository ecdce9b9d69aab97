//! Whether the rows that a table already has keep a foreign key that is added or validated
//! (PostgreSQL's `RI_Initial_Check`): one statement that looks for a row without its key.
//!
//! It runs under the definition's locks: neither table changes meanwhile, so no key is locked.

use std::sync::Arc;

use catalog::{Catalog, Constraint, ForeignMatch, Table};
use common::{Error, ObjectId, Result, quote_identifier};
use sql::binder::ParamTypes;
use sql::executor::{Environment, Execution, missing_key, mixed_key};
use types::{Batch, Datum};

use super::analyze::Version;
use super::prepared::Source;
use super::session::Session;
use super::session_facts::SessionFacts;

impl Session {
    /// 23503 that names one of the rows whose key does not exist.
    pub(super) fn check_foreign_key(&mut self, constraint: ObjectId) -> Result<()> {
        let Version { catalog, rules, .. } = self.version();
        let key = ForeignKey::find(&catalog, constraint)?;
        let rules = rules.rules(&catalog, key.child.oid)?;
        let mut all = rules.foreign_keys.iter();
        let rule = all.find(|rule| rule.constraint.oid == constraint);
        let rule = rule.ok_or_else(|| Error::internal("a foreign key without its rule"))?;
        if key.constraint.match_type == ForeignMatch::Full
            && key.constraint.columns.len() > 1
            && self.first_row(&key.partly_null())?.is_some()
        {
            return Err(mixed_key(&rules, rule));
        }
        let Some((row, facts)) = self.first_row(&key.orphans())? else {
            return Ok(());
        };
        let values: Vec<Datum> = row.columns.iter().map(|c| c.get(0).to_owned()).collect();
        Err(missing_key(&rules, rule, &values, facts.text()))
    }

    /// The first row of a query that the engine itself asks.
    fn first_row(&mut self, sql: &str) -> Result<Option<(Batch, Arc<SessionFacts>)>> {
        let parsed = parser::parse(sql)?.pop();
        let parsed = parsed.ok_or_else(|| Error::internal("no statement"))?;
        let source = Source::new(parsed, &sql.into());
        let version = self.version();
        let bound = self.bind_source(&version, &source, ParamTypes::Fixed(&[]))?;
        let planned = self.plan_bound(&version, bound, Vec::new())?;
        let (store, facts) = self.maintenance_store("ALTER TABLE")?;
        let newest = sql::access::Store::newest(store.as_ref())?;
        let environment = Environment {
            store: newest.as_ref(),
            session: facts.as_ref(),
            text: facts.text(),
        };
        let mut execution = Execution::start(planned.plan, Vec::new())?;
        let mut rows = Batch::default();
        while execution.next(&environment, &mut rows)? {
            if rows.len > 0 {
                return Ok(Some((rows, facts)));
            }
        }
        Ok(None)
    }
}

/// A foreign key and the tables on its ends.
struct ForeignKey<'a> {
    constraint: &'a Constraint,
    child: &'a Table,
    parent: &'a Table,
    child_name: String,
    parent_name: String,
}

impl<'a> ForeignKey<'a> {
    fn find(catalog: &'a Catalog, constraint: ObjectId) -> Result<Self> {
        let missing = || Error::internal("a foreign key without its tables");
        let constraint = catalog.constraint(constraint).ok_or_else(missing)?;
        let child = catalog.table(constraint.table).ok_or_else(missing)?;
        let parent = catalog
            .table(constraint.foreign_table)
            .ok_or_else(missing)?;
        let name = |table: &Table| {
            let schema = catalog.schema(table.schema).ok_or_else(missing)?;
            let (schema, table) = (&schema.name, &table.name);
            Ok::<_, Error>(format!(
                "{}.{}",
                quote_identifier(schema),
                quote_identifier(table)
            ))
        };
        Ok(Self {
            constraint,
            child,
            parent,
            child_name: name(child)?,
            parent_name: name(parent)?,
        })
    }

    /// The referring columns, as the queries write them.
    fn child_columns(&self) -> Vec<String> {
        columns(self.child, &self.constraint.columns, "fk").collect()
    }

    /// Rows of the key's columns that have some value and some null.
    fn partly_null(&self) -> String {
        let columns = self.child_columns();
        format!(
            "SELECT {list} FROM ONLY {child} fk WHERE ({null}) AND ({set}) LIMIT 1",
            list = columns.join(", "),
            child = self.child_name,
            null = tests(&columns, "IS NULL").join(" OR "),
            set = tests(&columns, "IS NOT NULL").join(" OR "),
        )
    }

    /// Rows of the key's columns, none of them null, to which no row of the parent is equal.
    fn orphans(&self) -> String {
        let children = self.child_columns();
        let parents = columns(self.parent, &self.constraint.foreign_columns, "pk");
        let equal: Vec<String> = parents
            .zip(&children)
            .zip(self.collations())
            .map(|((parent, child), collation)| {
                format!("{parent}{collation} OPERATOR(pg_catalog.=) {child}")
            })
            .collect();
        format!(
            "SELECT {list} FROM ONLY {child} fk WHERE {set} \
             AND NOT EXISTS (SELECT FROM ONLY {parent} pk WHERE {equal}) LIMIT 1",
            list = children.join(", "),
            child = self.child_name,
            set = tests(&children, "IS NOT NULL").join(" AND "),
            parent = self.parent_name,
            equal = equal.join(" AND "),
        )
    }

    /// What makes the comparison of columns with unlike collations one that can be made; all of them
    /// find the same strings equal.
    fn collations(&self) -> impl Iterator<Item = &'static str> {
        let of = |table: &Table, attnum: i16| table.attribute(attnum).map(|c| c.collation);
        let (child, parent) = (self.child, self.parent);
        let (own, other) = (&self.constraint.columns, &self.constraint.foreign_columns);
        own.iter()
            .zip(other)
            .map(move |(a, b)| match of(child, *a) == of(parent, *b) {
                true => "",
                false => " COLLATE pg_catalog.\"C\"",
            })
    }
}

fn columns<'t>(
    table: &'t Table,
    attnums: &'t [i16],
    alias: &'static str,
) -> impl Iterator<Item = String> + 't {
    let known = attnums.iter().filter_map(|attnum| table.attribute(*attnum));
    known.map(move |column| format!("{alias}.{}", quote_identifier(&column.name)))
}

fn tests(columns: &[String], test: &str) -> Vec<String> {
    columns
        .iter()
        .map(|column| format!("{column} {test}"))
        .collect()
}

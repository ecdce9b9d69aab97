//! CREATE INDEX (`DefineIndex`).

use super::bind_text::{Definition, require_immutable};
use super::builder::{Builder, DdlContext, display};
use super::constraints::plain_key;
use super::plan::{Action, DdlLock, DdlPlan, FileKind};
use crate::binder::{Binder, DefinitionKind};
use catalog::{Index, IndexKey, IndexMethod, Reference, Relation, Table, TableKind, TypeRef};
use common::{Error, ObjectId, Result, err, limits, sqlstate};
use parser as ast;

pub fn create_index(cx: &DdlContext<'_>, statement: &ast::CreateIndex) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "CREATE INDEX");
    builder.create_index(statement)?;
    Ok(builder.plan)
}

pub(super) fn too_many_columns() -> Error {
    err!(
        sqlstate::TOO_MANY_COLUMNS,
        "cannot use more than {} columns in an index",
        limits::MAX_INDEX_COLUMNS
    )
}

impl Builder<'_> {
    fn create_index(&mut self, statement: &ast::CreateIndex) -> Result<()> {
        let table = self.indexed_table(&statement.table)?;
        let method = index_method(&statement.method)?;
        if method == IndexMethod::Hash && statement.unique {
            let message = "access method \"hash\" does not support unique indexes";
            return Err(Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        if method == IndexMethod::Hash && statement.elems.len() > 1 {
            let message = "access method \"hash\" does not support multicolumn indexes";
            return Err(Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        if statement.elems.len() + statement.include.len() > limits::MAX_INDEX_COLUMNS {
            return Err(too_many_columns());
        }
        self.check_tablespace(statement.tablespace.as_deref())?;
        let lock = match statement.concurrently {
            true => DdlLock::ShareUpdateExclusive,
            false => DdlLock::Share,
        };
        self.lock(table.oid, lock);
        let mut references: Vec<Reference> = Vec::new();
        let mut keys: Vec<IndexKey> = Vec::with_capacity(statement.elems.len());
        for elem in &statement.elems {
            let key = self.index_key(&table, elem, &keys, &mut references)?;
            keys.push(key);
        }
        let include = self.included(&table, &statement.include)?;
        let predicate = self.predicate(&table, statement.filter.as_ref(), &mut references)?;
        let name = match &statement.name {
            Some(name) => {
                let as_relation = ast::RelationName {
                    database: None,
                    schema: None,
                    name: name.clone(),
                    location: ast::Location::NONE,
                };
                let exists =
                    self.refuse_existing(table.schema, &as_relation, statement.if_not_exists)?;
                if exists.is_some() {
                    return Ok(());
                }
                name.clone()
            }
            None => {
                let names: Vec<&str> = keys.iter().map(|k| k.name.as_str()).collect();
                let joined = super::names::join_columns(&names);
                self.choose_relation_name(&table.name, Some(&joined), "idx", table.schema, false)
            }
        };
        let oid = self.oid();
        let index = Index {
            oid,
            name,
            schema: table.schema,
            table: table.oid,
            method,
            keys,
            include,
            unique: statement.unique,
            nulls_not_distinct: statement.nulls_not_distinct,
            predicate,
            references,
            file: self.file(oid, FileKind::Index),
            valid: true,
            ready: true,
            options: super::options::storage_options(&statement.options)?,
            ..Index::default()
        };
        self.put(index);
        let concurrently = statement.concurrently;
        self.act(Action::BuildIndex {
            index: oid,
            concurrently,
        });
        Ok(())
    }

    fn indexed_table(&self, name: &ast::RelationName) -> Result<Table> {
        match self.find(name)? {
            Some(Relation::Table(table)) => match table.kind {
                TableKind::Table | TableKind::MaterializedView => {
                    self.refuse_foreign_temporary(&table, "access")?;
                    Ok((*table).clone())
                }
                TableKind::Virtual => {
                    self.refuse_system(table.schema, &table.name)?;
                    Err(Error::internal(
                        "a virtual relation outside the system's schemas",
                    ))
                }
                TableKind::View => Err(err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "cannot create index on relation \"{}\"",
                    table.name
                )
                .with_detail("This operation is not supported for views.")),
            },
            Some(other) => Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "cannot create index on relation \"{}\"",
                other.name()
            )),
            None => {
                let error = err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{}\" does not exist",
                    display(name)
                );
                Err(error)
            }
        }
    }

    fn index_key(
        &mut self,
        table: &Table,
        elem: &ast::IndexElem,
        before: &[IndexKey],
        references: &mut Vec<Reference>,
    ) -> Result<IndexKey> {
        let mut key = match &elem.key {
            ast::IndexKey::Column(name) => {
                let column = table.column(name).ok_or_else(|| {
                    err!(
                        sqlstate::UNDEFINED_COLUMN,
                        "column \"{name}\" does not exist"
                    )
                })?;
                plain_key(table, column.attnum)
            }
            ast::IndexKey::Expr(expr) => {
                let kind = DefinitionKind::IndexExpression;
                let definition = self.define(expr, Some(table), kind)?;
                require_immutable(&definition, "index expression")?;
                add_references(table, &definition, references);
                let name = crate::binder::expression_name(expr);
                IndexKey {
                    attnum: 0,
                    ty: TypeRef::new(definition.ty.oid.0, definition.ty.typmod),
                    collation: definition.collation,
                    expression: Some(definition.text),
                    name: if name == "?column?" {
                        "expr".into()
                    } else {
                        name
                    },
                    ..IndexKey::default()
                }
            }
        };
        // The names of an index's columns are made different by numbers.
        let base = key.name.clone();
        let mut n = 1;
        while before.iter().any(|k| k.name == key.name) {
            key.name = format!("{base}{n}");
            n += 1;
        }
        if let Some(collation) = &elem.collation {
            let oid = types::TypeOid(key.ty.oid.0);
            let named = Some(collation);
            key.collation = self.bind_with(|cx| Binder::new(cx).column_collation(oid, named))?;
        }
        self.check_key_type(&key)?;
        key.opclass = elem.opclass.as_ref().map(|c| c.name().to_owned());
        key.descending = elem.direction == ast::SortDirection::Desc;
        key.nulls_first = match elem.nulls {
            ast::NullsOrder::Default => key.descending,
            ast::NullsOrder::First => true,
            ast::NullsOrder::Last => false,
        };
        Ok(key)
    }

    fn check_key_type(&self, key: &IndexKey) -> Result<()> {
        let oid = types::TypeOid(key.ty.oid.0);
        if self.bind_with(|cx| Binder::new(cx).can_order(oid)) {
            return Ok(());
        }
        Err(err!(
            sqlstate::UNDEFINED_OBJECT,
            "data type {} has no default operator class for access method \"btree\"",
            types::format_type(oid, -1)
        )
        .with_hint(
            "You must specify an operator class for the index or define a default operator class \
             for the data type.",
        ))
    }

    fn included(&self, table: &Table, elems: &[ast::IndexElem]) -> Result<Vec<i16>> {
        let mut out = Vec::with_capacity(elems.len());
        for elem in elems {
            let ast::IndexKey::Column(name) = &elem.key else {
                return Err(Error::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "expressions are not supported in included columns",
                ));
            };
            let column = table.column(name).ok_or_else(|| {
                err!(
                    sqlstate::UNDEFINED_COLUMN,
                    "column \"{name}\" does not exist"
                )
            })?;
            out.push(column.attnum);
        }
        Ok(out)
    }

    fn predicate(
        &self,
        table: &Table,
        filter: Option<&ast::Expr>,
        references: &mut Vec<Reference>,
    ) -> Result<Option<String>> {
        let Some(filter) = filter else {
            return Ok(None);
        };
        let definition = self.define(filter, Some(table), DefinitionKind::IndexPredicate)?;
        require_immutable(&definition, "index predicate")?;
        add_references(table, &definition, references);
        Ok(Some(definition.text))
    }

    /// The indexes of `source` that no constraint owns, and its keys, for LIKE.
    pub fn copy_indexes(
        &mut self,
        table: ObjectId,
        source: ObjectId,
        columns: &dyn Fn(&Self, &[i16]) -> Vec<i16>,
    ) -> Result<()> {
        let own = self.table_copy(table)?;
        let indexes: Vec<_> = self.catalog.indexes_of(source).cloned().collect();
        for index in indexes {
            let constraint = self.catalog.constraint_of_index(&index).cloned();
            let oid = self.oid();
            let mut copy = (*index).clone();
            copy.oid = oid;
            copy.table = table;
            copy.schema = own.schema;
            for key in &mut copy.keys {
                if key.attnum != 0 {
                    key.attnum = columns(self, &[key.attnum]).first().copied().unwrap_or(0);
                }
            }
            copy.include = columns(self, &index.include);
            for reference in &mut copy.references {
                if reference.object == source {
                    reference.object = table;
                    reference.sub = columns(self, &[reference.sub])
                        .first()
                        .copied()
                        .unwrap_or(0);
                }
            }
            let names: Vec<&str> = copy.keys.iter().map(|k| k.name.as_str()).collect();
            let joined = super::names::join_columns(&names);
            let (label, middle) = match (&constraint, copy.primary) {
                (Some(_), true) => ("pkey", None),
                (Some(_), false) => ("key", Some(joined.as_str())),
                (None, _) => ("idx", Some(joined.as_str())),
            };
            let named = constraint.is_some();
            copy.name = self.choose_relation_name(&own.name, middle, label, own.schema, named);
            copy.file = self.file(oid, FileKind::Index);
            let name = copy.name.clone();
            self.put(copy);
            if let Some(constraint) = constraint {
                let mut made = (*constraint).clone();
                made.oid = self.oid();
                made.name = name;
                made.table = table;
                made.schema = own.schema;
                made.columns = columns(self, &constraint.columns);
                made.index = oid;
                self.put(made);
            }
        }
        Ok(())
    }

    /// Identity columns of `source`, for LIKE.
    pub fn copy_identity(&mut self, table: ObjectId, source: ObjectId) -> Result<()> {
        let from = self.table_copy(source)?;
        for column in from
            .live_columns()
            .filter(|c| c.identity != catalog::Identity::None)
        {
            let mut own = self.table_copy(table)?;
            let Some(at) = own.column(&column.name).map(|c| c.attnum as usize - 1) else {
                continue;
            };
            let always = column.identity == catalog::Identity::Always;
            self.add_identity(&mut own, at, always, &[])?;
            self.put(own);
        }
        Ok(())
    }
}

fn add_references(table: &Table, definition: &Definition, references: &mut Vec<Reference>) {
    let own = definition.columns.iter().map(|sub| Reference {
        object: table.oid,
        sub: *sub,
    });
    for reference in definition.references.iter().cloned().chain(own) {
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
}

fn index_method(name: &str) -> Result<IndexMethod> {
    match name {
        "btree" => Ok(IndexMethod::Btree),
        "hash" => Ok(IndexMethod::Hash),
        "gist" | "gin" | "spgist" | "brin" => Err(Error::not_implemented(format_args!(
            "access method \"{name}\""
        ))),
        other => Err(err!(
            sqlstate::UNDEFINED_OBJECT,
            "access method \"{other}\" does not exist"
        )),
    }
}

//! Shorthands for tables and plans.

use std::sync::Arc;

use catalog::{Column, Constraint, Index, IndexKey, Table, TypeRef};
use common::{ObjectId, Result};
use sql::executor::{Environment, Execution};
use sql::ir::*;
use types::{Batch, Collation, Datum, SqlType, TextContext, TypeOid};

use crate::memory::Memory;

pub const INT: SqlType = SqlType::new(TypeOid::INT4);
pub const BIG: SqlType = SqlType::new(TypeOid::INT8);
pub const TEXT: SqlType = SqlType::new(TypeOid::TEXT);
pub const BOOL: SqlType = SqlType::new(TypeOid::BOOL);

/// A table: oid, name, columns.
pub struct TableOf {
    pub rules: TableRules,
}

impl TableOf {
    pub fn new(oid: u32, name: &str, columns: &[(&str, SqlType)]) -> Self {
        let column = |(at, (name, ty)): (usize, &(&str, SqlType))| Column {
            attnum: at as i16 + 1,
            name: (*name).into(),
            ty: TypeRef {
                oid: ObjectId(ty.oid.0),
                typmod: ty.typmod,
            },
            ..Column::default()
        };
        let table = Table {
            oid: ObjectId(oid),
            name: name.into(),
            columns: columns.iter().enumerate().map(column).collect(),
            ..Table::default()
        };
        let types: Vec<SqlType> = columns.iter().map(|(_, ty)| *ty).collect();
        Self {
            rules: TableRules {
                table: Arc::new(table),
                schema: "public".into(),
                defaults: vec![None; types.len()],
                types,
                generated: Vec::new(),
                checks: Vec::new(),
                foreign_keys: Vec::new(),
                referenced_by: Vec::new(),
                indexes: Vec::new(),
            },
        }
    }

    /// An index named by its number; `columns` from 0, with their directions.
    pub fn index(mut self, oid: u32, unique: bool, columns: &[(usize, bool)]) -> Self {
        let table = self.rules.table.clone();
        let key = |(at, descending): &(usize, bool)| IndexKey {
            attnum: *at as i16 + 1,
            descending: *descending,
            nulls_first: *descending,
            ty: table.columns[*at].ty,
            name: table.columns[*at].name.clone(),
            ..IndexKey::default()
        };
        let index = Index {
            oid: ObjectId(oid),
            name: format!("index{oid}"),
            table: table.oid,
            keys: columns.iter().map(key).collect(),
            unique,
            valid: true,
            ready: true,
            ..Index::default()
        };
        let keys = columns
            .iter()
            .map(|(at, _)| Expr::column(ColumnId(*at as u32), self.rules.types[*at]))
            .collect();
        self.rules.indexes.push(IndexRule {
            index: Arc::new(index),
            keys,
            predicate: None,
        });
        self
    }

    pub fn not_null(mut self, columns: &[usize]) -> Self {
        let mut table = self.rules.table.as_ref().clone();
        columns
            .iter()
            .for_each(|at| table.columns[*at].not_null = true);
        self.rules.table = Arc::new(table);
        self
    }

    pub fn check(mut self, name: &str, condition: Expr) -> Self {
        self.rules.checks.push(CheckRule {
            name: name.into(),
            condition,
        });
        self
    }

    pub fn done(self) -> Arc<TableRules> {
        Arc::new(self.rules)
    }
}

/// A foreign key of one column each.
pub fn foreign_key(
    child: (u32, &str, u16),
    parent: (u32, &str, u16),
    parent_index: u32,
    action: catalog::ForeignAction,
) -> ForeignKeyRule {
    let constraint = Constraint {
        oid: ObjectId(child.0 * 100),
        name: format!("{}_fkey", child.1),
        table: ObjectId(child.0),
        on_delete: action,
        on_update: action,
        ..Constraint::default()
    };
    ForeignKeyRule {
        constraint: Arc::new(constraint),
        child: ObjectId(child.0),
        child_name: child.1.into(),
        child_columns: vec![child.2],
        child_index: None,
        parent: ObjectId(parent.0),
        parent_name: parent.1.into(),
        parent_columns: vec![parent.2],
        parent_types: vec![INT],
        child_types: vec![INT],
        parent_index: ObjectId(parent_index),
    }
}

/// A query under construction.
#[derive(Default)]
pub struct Builder {
    pub columns: ColumnTable,
}

/// A scan's columns by position, and its row id.
pub struct Scanned {
    pub plan: Plan,
    pub ids: Vec<ColumnId>,
    pub types: Vec<SqlType>,
    pub row_id: ColumnId,
}

impl Scanned {
    pub fn col(&self, at: usize) -> Expr {
        Expr::column(self.ids[at], self.types[at])
    }
}

impl Builder {
    pub fn scan(&mut self, rules: &Arc<TableRules>) -> Scanned {
        let name = rules.table.name.clone();
        let ids: Vec<ColumnId> = rules
            .table
            .columns
            .iter()
            .zip(&rules.types)
            .map(|(column, ty)| self.columns.add(name.clone(), column.name.clone(), *ty))
            .collect();
        let row_id = self.columns.add(name.clone(), "row_id", BIG);
        let plan = Plan::Scan(Box::new(Scan {
            table: rules.table.clone(),
            alias: name,
            columns: ids
                .iter()
                .enumerate()
                .map(|(at, id)| (*id, at as u16))
                .collect(),
            system: vec![(row_id, SystemColumn::RowId)],
        }));
        Scanned {
            plan,
            ids,
            types: rules.types.clone(),
            row_id,
        }
    }

    pub fn id(&mut self, ty: SqlType) -> ColumnId {
        self.columns.add_computed("c", ty)
    }

    /// A query that gives these expressions over the plan.
    pub fn query(mut self, input: Plan, exprs: Vec<Expr>) -> Query {
        let columns: Vec<(ColumnId, Expr)> = exprs
            .into_iter()
            .map(|expr| (self.columns.add_computed("out", expr.ty()), expr))
            .collect();
        let output: Vec<(ColumnId, SqlType)> =
            columns.iter().map(|(id, expr)| (*id, expr.ty())).collect();
        let root = Plan::Project(Box::new(Project {
            input,
            columns,
            set_returning: Vec::new(),
        }));
        self.finish(root, output)
    }

    pub fn finish(self, root: Plan, output: Vec<(ColumnId, SqlType)>) -> Query {
        let output = output
            .into_iter()
            .map(|(id, ty)| OutputColumn {
                id,
                name: "out".into(),
                ty,
                origin: (ObjectId(0), 0),
            })
            .collect();
        Query {
            root,
            columns: self.columns,
            output,
            params: Vec::new(),
        }
    }
}

pub fn int(value: i32) -> Expr {
    Expr::constant(Datum::I32(value), INT)
}

pub fn big(value: i64) -> Expr {
    Expr::constant(Datum::I64(value), BIG)
}

pub fn text(value: &str) -> Expr {
    Expr::constant(Datum::text(value), TEXT)
}

pub fn cmp(op: Comparison, left: Expr, right: Expr) -> Expr {
    Expr::compare(op, left, right)
}

pub fn eq(left: Expr, right: Expr) -> Expr {
    cmp(Comparison::Eq, left, right)
}

pub fn filter(input: Plan, condition: Expr) -> Plan {
    Plan::Filter(Box::new(Filter { input, condition }))
}

pub fn join(kind: JoinKind, left: Plan, right: Plan, condition: Expr) -> Plan {
    Plan::Join(Box::new(Join {
        kind,
        left,
        right,
        condition,
        lateral: false,
    }))
}

pub fn key(expr: Expr, descending: bool) -> SortKey {
    SortKey {
        expr,
        descending,
        nulls_first: descending,
        collation: Collation::C,
    }
}

pub fn sort(input: Plan, keys: Vec<SortKey>) -> Plan {
    Plan::Sort(Box::new(Sort { input, keys }))
}

pub fn limit(input: Plan, limit: Option<i64>, offset: Option<i64>) -> Plan {
    let count = |n: i64| Expr::constant(Datum::I64(n), BIG);
    Plan::Limit(Box::new(Limit {
        input,
        limit: limit.map(count),
        offset: offset.map(count),
        with_ties: false,
    }))
}

pub fn i(value: i32) -> Datum {
    Datum::I32(value)
}

pub fn t(value: &str) -> Datum {
    Datum::text(value)
}

pub const NULL: Datum = Datum::Null;

/// Plans and runs; all rows.
pub fn run(memory: &Memory, query: Query) -> Result<Vec<Vec<Datum>>> {
    run_with(memory, query, Vec::new()).map(|(rows, _)| rows)
}

/// As [`run`], with parameters; and the number of rows affected.
pub fn run_with(
    memory: &Memory,
    query: Query,
    params: Vec<Datum>,
) -> Result<(Vec<Vec<Datum>>, u64)> {
    let plan = sql::planner::plan(query, memory)?;
    memory.next_statement();
    let mut execution = Execution::start(plan, params)?;
    let text = TextContext::default();
    let environment = Environment {
        store: memory,
        session: memory,
        text: &text,
    };
    let mut rows = Vec::new();
    let mut batch = Batch::default();
    while execution.next(&environment, &mut batch)? {
        assert!(batch.len > 0 && batch.len <= types::BATCH_ROWS);
        for row in 0..batch.len {
            rows.push(
                (0..batch.columns.len())
                    .map(|c| batch.get(c, row).to_owned())
                    .collect(),
            );
        }
    }
    let affected = execution.affected();
    drop(execution);
    let left = memory.with(|state| state.charged);
    assert_eq!(left, 0, "memory that was charged is released");
    Ok((rows, affected))
}

/// Rows in an order that does not depend on the plan.
pub fn sorted(mut rows: Vec<Vec<Datum>>) -> Vec<Vec<Datum>> {
    rows.sort_by_key(|row| format!("{row:?}"));
    rows
}

/// The text of a plan, to see which way was taken.
pub fn explain(memory: &Memory, query: Query) -> String {
    let plan = sql::planner::plan(query, memory).unwrap();
    format!("{:?}", plan.root)
}

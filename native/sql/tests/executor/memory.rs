//! A database in memory: one session, and rows that "others" change at a chosen moment.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use common::{Error, ObjectId, Result, RowId, err, sqlstate};
use sql::access::*;
use sql::ir::{Comparison, TableRules};
use types::{BATCH_ROWS, Batch, Datum, Vector, physical_of};

type Row = Vec<Datum>;

#[derive(Default)]
pub struct State {
    rules: HashMap<ObjectId, Arc<TableRules>>,
    rows: HashMap<ObjectId, BTreeMap<u64, Row>>,
    next_row: u64,
    /// What another transaction did to a row meanwhile: its new version, or its deletion.
    pub concurrent: HashMap<(ObjectId, u64), Option<Row>>,
    /// What the running statement wrote.
    written: HashSet<(ObjectId, u64)>,
    pub charged: usize,
    pub charge_max: usize,
    pub deferred: Vec<DeferredCheck>,
    pub is_deferred: bool,
    pub locked: Vec<(ObjectId, u64)>,
    /// How often each way was used.
    pub lookups: usize,
    pub table_scans: usize,
    pub index_scans: usize,
    /// How often the executor asked whether to go on, and at which time the answer is no.
    pub polls: usize,
    pub cancel_at: Option<usize>,
}

#[derive(Clone, Default)]
pub struct Memory(pub Arc<Mutex<State>>);

impl Memory {
    pub fn new() -> Self {
        let memory = Self::default();
        memory.with(|state| {
            state.next_row = 1;
            state.charge_max = usize::MAX;
        });
        memory
    }

    pub fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }

    pub fn add_table(&self, rules: Arc<TableRules>) {
        self.with(|state| {
            state.rows.insert(rules.table.oid, BTreeMap::new());
            state.rules.insert(rules.table.oid, rules);
        });
    }

    pub fn fill(&self, table: ObjectId, rows: impl IntoIterator<Item = Row>) {
        self.with(|state| {
            for row in rows {
                let id = state.next_row;
                state.next_row += 1;
                state.rows.get_mut(&table).unwrap().insert(id, row);
            }
        });
    }

    /// All rows of a table, as they are now.
    pub fn rows(&self, table: ObjectId) -> Vec<Row> {
        self.with(|state| state.rows[&table].values().cloned().collect())
    }

    pub fn row_ids(&self, table: ObjectId) -> Vec<u64> {
        self.with(|state| state.rows[&table].keys().copied().collect())
    }

    /// The next statement begins.
    pub fn next_statement(&self) {
        self.with(|state| state.written.clear());
    }
}

fn row_key(rules: &TableRules, index: ObjectId, row: &Row) -> Vec<(Datum, types::TypeOid)> {
    let rule = rules
        .indexes
        .iter()
        .find(|rule| rule.index.oid == index)
        .unwrap();
    let column = |key: &catalog::IndexKey| {
        let at = key.attnum as usize - 1;
        (row[at].clone(), rules.types[at].oid)
    };
    rule.index.keys.iter().map(column).collect()
}

fn equal(key: &[(Datum, types::TypeOid)], wanted: &[Datum]) -> bool {
    key.iter()
        .zip(wanted)
        .all(|((value, oid), wanted)| types::compare(*oid, value.as_ref(), wanted.as_ref()).is_eq())
}

impl State {
    fn conflict(
        &self,
        table: ObjectId,
        row: &Row,
        but: Option<u64>,
        only: &[ObjectId],
    ) -> Option<(u64, ObjectId)> {
        let rules = &self.rules[&table];
        for rule in rules.indexes.iter().filter(|rule| rule.index.unique) {
            if !only.is_empty() && !only.contains(&rule.index.oid) {
                continue;
            }
            let key: Row = row_key(rules, rule.index.oid, row)
                .into_iter()
                .map(|(d, _)| d)
                .collect();
            if key.iter().any(Datum::is_null) {
                continue;
            }
            for (id, other) in &self.rows[&table] {
                if Some(*id) != but && equal(&row_key(rules, rule.index.oid, other), &key) {
                    return Some((*id, rule.index.oid));
                }
            }
        }
        None
    }

    fn check_unique(&self, table: ObjectId, row: &Row, but: Option<u64>) -> Result<()> {
        match self.conflict(table, row, but, &[]) {
            None => Ok(()),
            Some((_, index)) => {
                let rules = &self.rules[&table];
                let rule = rules.indexes.iter().find(|r| r.index.oid == index).unwrap();
                Err(err!(
                    sqlstate::UNIQUE_VIOLATION,
                    "duplicate key value violates unique constraint \"{}\"",
                    rule.index.name
                ))
            }
        }
    }

    /// Lets the concurrent change of a row happen; what a write or a lock then meets.
    fn meet(&mut self, table: ObjectId, row: u64) -> Option<LockOutcome> {
        if self.written.contains(&(table, row)) {
            return Some(LockOutcome::SelfModified);
        }
        match self.concurrent.remove(&(table, row)) {
            Some(Some(new)) => {
                self.rows.get_mut(&table).unwrap().insert(row, new);
                Some(LockOutcome::Changed)
            }
            Some(None) => {
                self.rows.get_mut(&table).unwrap().remove(&row);
                Some(LockOutcome::Gone)
            }
            None => None,
        }
    }
}

/// Starts a scan over with other bounds.
type Again = Box<dyn Fn(&IndexBounds) -> Vec<(u64, Row)> + Send>;

struct Source {
    rows: Vec<(u64, Row)>,
    classes: Vec<types::Physical>,
    at: usize,
    again: Option<Again>,
}

impl RowSource for Source {
    fn next_batch(&mut self, out: &mut Batch, row_ids: &mut Vec<RowId>) -> Result<bool> {
        out.columns = self
            .classes
            .iter()
            .map(|class| Vector::new(*class))
            .collect();
        row_ids.clear();
        let end = (self.at + BATCH_ROWS).min(self.rows.len());
        for (id, row) in &self.rows[self.at..end] {
            row_ids.push(RowId(*id));
            out.columns
                .iter_mut()
                .zip(row)
                .for_each(|(column, value)| column.push(value.as_ref()));
        }
        out.len = end - self.at;
        self.at = end;
        Ok(out.len > 0)
    }

    fn restart(&mut self, bounds: &IndexBounds) -> Result<()> {
        let Some(again) = &self.again else {
            return Err(Error::internal("a table scan"));
        };
        self.rows = again(bounds);
        self.at = 0;
        Ok(())
    }
}

fn within(key: &[(Datum, types::TypeOid)], bounds: &IndexBounds) -> bool {
    let prefix = bounds.prefix.len();
    if !equal(&key[..prefix], &bounds.prefix) {
        return false;
    }
    let rest = &key[prefix..];
    let ends = [
        (&bounds.lower, Comparison::Gt, Comparison::Ge),
        (&bounds.upper, Comparison::Lt, Comparison::Le),
    ];
    for (bound, strict, loose) in ends {
        let Some(bound) = bound else { continue };
        if rest[0].0.is_null() {
            return false;
        }
        let mut order = std::cmp::Ordering::Equal;
        for ((value, oid), limit) in rest.iter().zip(&bound.values) {
            order = order.then(types::compare(*oid, value.as_ref(), limit.as_ref()));
        }
        let op = if bound.inclusive { loose } else { strict };
        if !op.holds(order) {
            return false;
        }
    }
    !(bounds.not_null && rest[0].0.is_null())
}

impl Store for Memory {
    fn scan(
        &self,
        table: ObjectId,
        columns: &[u16],
        predicates: &[ColumnPredicate],
        _: RowRange,
    ) -> Result<Box<dyn RowSource>> {
        self.with(|state| {
            state.table_scans += 1;
            let rules = &state.rules[&table];
            let keeps = |row: &Row| {
                predicates.iter().all(|p| {
                    let value = &row[p.position as usize];
                    let oid = rules.types[p.position as usize].oid;
                    !value.is_null()
                        && p.op
                            .holds(types::compare(oid, value.as_ref(), p.value.as_ref()))
                })
            };
            let pick = |row: &Row| {
                columns
                    .iter()
                    .map(|at| row[*at as usize].clone())
                    .collect::<Row>()
            };
            let rows = state.rows[&table].iter().filter(|(_, row)| keeps(row));
            let rows = rows.map(|(id, row)| (*id, pick(row))).collect();
            let classes = columns
                .iter()
                .map(|at| physical_of(rules.types[*at as usize].oid))
                .collect();
            Ok(Box::new(Source {
                rows,
                classes,
                at: 0,
                again: None,
            }) as Box<dyn RowSource>)
        })
    }

    fn index_scan(
        &self,
        table: ObjectId,
        index: ObjectId,
        columns: &[u16],
        bounds: &IndexBounds,
        direction: Direction,
        _: bool,
    ) -> Result<Box<dyn RowSource>> {
        self.with(|state| state.index_scans += 1);
        let (memory, positions) = (self.clone(), columns.to_vec());
        let read = move |bounds: &IndexBounds| {
            memory.with(|state| {
                let rules = &state.rules[&table];
                let rule = rules
                    .indexes
                    .iter()
                    .find(|rule| rule.index.oid == index)
                    .unwrap();
                let mut found: Vec<(Vec<u8>, u64, Row)> = Vec::new();
                for (id, row) in &state.rows[&table] {
                    let key = row_key(rules, index, row);
                    if !within(&key, bounds) {
                        continue;
                    }
                    let mut bytes = Vec::new();
                    for ((value, oid), column) in key.iter().zip(&rule.index.keys) {
                        types::encode_key(
                            *oid,
                            value.as_ref(),
                            column.descending,
                            column.nulls_first,
                            &mut bytes,
                        )
                        .unwrap();
                    }
                    let picked = positions
                        .iter()
                        .map(|at| row[*at as usize].clone())
                        .collect();
                    found.push((bytes, *id, picked));
                }
                found.sort_by(|a, b| a.0.cmp(&b.0));
                if direction == Direction::Backward {
                    found.reverse();
                }
                found
                    .into_iter()
                    .map(|(_, id, row)| (id, row))
                    .collect::<Vec<_>>()
            })
        };
        let rows = read(bounds);
        let rules = Store::rules(self, table)?;
        let classes = columns
            .iter()
            .map(|at| physical_of(rules.types[*at as usize].oid))
            .collect();
        Ok(Box::new(Source {
            rows,
            classes,
            at: 0,
            again: Some(Box::new(read)),
        }))
    }

    fn lookup(
        &self,
        table: ObjectId,
        index: ObjectId,
        key: &[Datum],
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Option<RowId>> {
        self.with(|state| {
            state.lookups += 1;
            let rules = &state.rules[&table];
            for (id, row) in &state.rows[&table] {
                if equal(&row_key(rules, index, row), key) {
                    push(out, columns, row);
                    return Ok(Some(RowId(*id)));
                }
            }
            Ok(None)
        })
    }

    fn fetch(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched> {
        self.fetch_newest(table, row, columns, out)
    }

    fn fetch_newest(
        &self,
        table: ObjectId,
        row: RowId,
        columns: &[u16],
        out: &mut Batch,
    ) -> Result<Fetched> {
        self.with(|state| match state.rows[&table].get(&row.0) {
            Some(found) => {
                push(out, columns, found);
                Ok(Fetched::Found)
            }
            None => Ok(Fetched::Missing),
        })
    }

    fn insert(&self, table: ObjectId, rows: &Batch, row_ids: &mut Vec<RowId>) -> Result<()> {
        for at in 0..rows.len {
            let row = row_of(rows, at);
            self.with(|state| {
                state.check_unique(table, &row, None)?;
                let id = state.next_row;
                state.next_row += 1;
                state.rows.get_mut(&table).unwrap().insert(id, row);
                state.written.insert((table, id));
                row_ids.push(RowId(id));
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }

    fn insert_unless_conflict(
        &self,
        table: ObjectId,
        rows: &Batch,
        at: usize,
        arbiters: &[ObjectId],
    ) -> Result<InsertOutcome> {
        let row = row_of(rows, at);
        if let Some((id, _)) = self.with(|state| state.conflict(table, &row, None, arbiters)) {
            return Ok(InsertOutcome::Conflict(RowId(id)));
        }
        let mut ids = Vec::new();
        self.insert(table, &rows.slice(at, 1), &mut ids)?;
        Ok(InsertOutcome::Inserted(ids[0]))
    }

    fn update(
        &self,
        table: ObjectId,
        row: RowId,
        positions: &[u16],
        values: &Batch,
        at: usize,
        judged: Judged,
    ) -> Result<WriteOutcome> {
        self.with(|state| {
            if judged == Judged::Snapshot
                && let Some(outcome) = state.meet(table, row.0)
            {
                return Ok(write_outcome(outcome));
            }
            let Some(mut new) = state.rows[&table].get(&row.0).cloned() else {
                return Ok(WriteOutcome::Gone);
            };
            for (column, position) in values.columns.iter().zip(positions) {
                new[*position as usize] = column.get(at).to_owned();
            }
            state.check_unique(table, &new, Some(row.0))?;
            state.rows.get_mut(&table).unwrap().insert(row.0, new);
            state.written.insert((table, row.0));
            Ok(WriteOutcome::Done)
        })
    }

    fn delete(&self, table: ObjectId, row: RowId, judged: Judged) -> Result<WriteOutcome> {
        self.with(|state| {
            if judged == Judged::Snapshot
                && let Some(outcome) = state.meet(table, row.0)
            {
                return Ok(write_outcome(outcome));
            }
            match state.rows.get_mut(&table).unwrap().remove(&row.0) {
                Some(_) => Ok(WriteOutcome::Done),
                None => Ok(WriteOutcome::Gone),
            }
        })
    }

    fn lock_row(
        &self,
        table: ObjectId,
        row: RowId,
        _: LockStrength,
        _: WaitPolicy,
    ) -> Result<LockOutcome> {
        self.with(|state| {
            let outcome = state.meet(table, row.0).unwrap_or(LockOutcome::Locked);
            state.locked.push((table, row.0));
            Ok(outcome)
        })
    }

    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>> {
        self.with(|state| Ok(state.rules[&table].clone()))
    }

    fn lock_key(&self, table: ObjectId, index: ObjectId, key: &[Datum]) -> Result<bool> {
        self.with(|state| {
            let rules = &state.rules[&table];
            Ok(state.rows[&table]
                .values()
                .any(|row| equal(&row_key(rules, index, row), key)))
        })
    }

    fn newest(&self) -> Result<Arc<dyn Store>> {
        // A later command: it may change what the statement wrote.
        self.next_statement();
        Ok(Arc::new(self.clone()))
    }

    fn is_deferred(&self, _: ObjectId) -> bool {
        self.with(|state| state.is_deferred)
    }

    fn defer(&self, check: DeferredCheck) -> Result<()> {
        self.with(|state| state.deferred.push(check));
        Ok(())
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadCommitted
    }

    fn charge(&self, bytes: usize) -> Result<()> {
        self.with(|state| {
            state.charged += bytes;
            if state.charged > state.charge_max {
                return Err(err!(sqlstate::OUT_OF_MEMORY, "out of memory"));
            }
            Ok(())
        })
    }

    fn release(&self, bytes: usize) {
        self.with(|state| state.charged -= bytes);
    }

    fn poll(&self) -> Result<()> {
        self.with(|state| {
            state.polls += 1;
            match state.cancel_at {
                Some(at) if state.polls >= at => Err(err!(
                    sqlstate::QUERY_CANCELED,
                    "canceling statement due to user request"
                )),
                _ => Ok(()),
            }
        })
    }
}

impl PlanContext for Memory {
    fn rules(&self, table: ObjectId) -> Result<Arc<TableRules>> {
        Store::rules(self, table)
    }

    fn estimate(&self, table: ObjectId) -> TableEstimate {
        let rows = self.with(|state| state.rows[&table].len()) as f64;
        TableEstimate {
            rows,
            pages: (rows / 100.0).ceil(),
            statistics: None,
        }
    }
}

impl Session for Memory {
    fn call(&self, function: SessionFunction, _: &[Datum]) -> Result<Datum> {
        match function.name {
            "nextval" => Ok(Datum::I64(self.with(|state| {
                state.next_row += 1;
                state.next_row as i64
            }))),
            other => Err(Error::not_implemented(other)),
        }
    }
}

fn push(out: &mut Batch, columns: &[u16], row: &Row) {
    for (column, at) in out.columns.iter_mut().zip(columns) {
        column.push(row[*at as usize].as_ref());
    }
    out.len += 1;
}

fn row_of(rows: &Batch, at: usize) -> Row {
    (0..rows.columns.len())
        .map(|column| rows.get(column, at).to_owned())
        .collect()
}

fn write_outcome(outcome: LockOutcome) -> WriteOutcome {
    match outcome {
        LockOutcome::Changed => WriteOutcome::Changed,
        LockOutcome::Gone => WriteOutcome::Gone,
        _ => WriteOutcome::SelfModified,
    }
}

//! INSERT, UPDATE, DELETE and MERGE, as they stand in WITH.

use super::Writer;
use crate::ast::*;

impl Writer {
    pub(super) fn insert(&mut self, insert: &Insert) {
        insert.with.iter().for_each(|with| self.with(with));
        self.push("INSERT INTO ");
        self.table_ref(&insert.target);
        self.target_list(&insert.columns);
        self.overriding(insert.overriding);
        match &insert.source {
            InsertSource::DefaultValues => self.push(" DEFAULT VALUES"),
            InsertSource::Query(query) => {
                self.push(" ");
                self.query(query);
            }
        }
        if let Some(conflict) = &insert.on_conflict {
            self.on_conflict(conflict);
        }
        self.returning(&insert.returning);
    }

    fn target_list(&mut self, columns: &[AssignTarget]) {
        if !columns.is_empty() {
            self.push(" (");
            self.separated(columns, ", ", Self::target);
            self.push(")");
        }
    }

    fn target(&mut self, target: &AssignTarget) {
        self.name(&target.column);
        self.path(&target.path);
    }

    fn overriding(&mut self, overriding: Overriding) {
        self.push(match overriding {
            Overriding::None => "",
            Overriding::UserValue => " OVERRIDING USER VALUE",
            Overriding::SystemValue => " OVERRIDING SYSTEM VALUE",
        });
    }

    fn on_conflict(&mut self, conflict: &OnConflict) {
        self.push(" ON CONFLICT");
        match &conflict.target {
            None => {}
            Some(ConflictTarget::Constraint { name, .. }) => {
                self.push(" ON CONSTRAINT ");
                self.name(name);
            }
            Some(ConflictTarget::Columns { elems, filter, .. }) => {
                self.push(" (");
                self.separated(elems, ", ", Self::index_elem);
                self.push(")");
                self.expr_clause("WHERE", filter.as_ref());
            }
        }
        match &conflict.action {
            ConflictAction::DoNothing => self.push(" DO NOTHING"),
            ConflictAction::DoUpdate { set, filter } => {
                self.push(" DO UPDATE");
                self.assignments(set);
                self.expr_clause("WHERE", filter.as_ref());
            }
        }
    }

    fn index_elem(&mut self, elem: &IndexElem) {
        match &elem.key {
            IndexKey::Column(name) => self.name(name),
            IndexKey::Expr(expr) => {
                self.push("(");
                self.expr(expr);
                self.push(")");
            }
        }
        if let Some(collation) = &elem.collation {
            self.push(" COLLATE ");
            self.dotted(&collation.parts);
        }
        if let Some(opclass) = &elem.opclass {
            self.push(" ");
            self.dotted(&opclass.parts);
        }
        self.direction(&elem.direction);
        self.nulls(elem.nulls);
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        self.clause("SET", assignments, |w, assignment| match assignment {
            Assignment::Single { target, value } => {
                w.target(target);
                w.push(" = ");
                w.expr(value);
            }
            Assignment::Multiple { targets, source } => {
                w.push("(");
                w.separated(targets, ", ", Self::target);
                w.push(") = ");
                w.expr(source);
            }
        });
    }

    fn returning(&mut self, items: &[SelectItem]) {
        if !items.is_empty() {
            self.push(" RETURNING ");
            self.select_items(items);
        }
    }

    pub(super) fn update(&mut self, update: &Update) {
        update.with.iter().for_each(|with| self.with(with));
        self.push("UPDATE ");
        self.table_ref(&update.target);
        self.assignments(&update.set);
        self.clause("FROM", &update.from, Self::range_item);
        self.expr_clause("WHERE", update.filter.as_ref());
        self.returning(&update.returning);
    }

    pub(super) fn delete(&mut self, delete: &Delete) {
        delete.with.iter().for_each(|with| self.with(with));
        self.push("DELETE FROM ");
        self.table_ref(&delete.target);
        self.clause("USING", &delete.using, Self::range_item);
        self.expr_clause("WHERE", delete.filter.as_ref());
        self.returning(&delete.returning);
    }

    pub(super) fn merge(&mut self, merge: &Merge) {
        merge.with.iter().for_each(|with| self.with(with));
        self.push("MERGE INTO ");
        self.table_ref(&merge.target);
        self.push(" USING ");
        self.range_item(&merge.source);
        self.expr_clause("ON", Some(&merge.condition));
        merge.whens.iter().for_each(|when| self.merge_when(when));
        self.returning(&merge.returning);
    }

    fn merge_when(&mut self, when: &MergeWhen) {
        self.push(match when.matched {
            MergeMatch::Matched => " WHEN MATCHED",
            MergeMatch::NotMatchedBySource => " WHEN NOT MATCHED BY SOURCE",
            MergeMatch::NotMatchedByTarget => " WHEN NOT MATCHED",
        });
        self.expr_clause("AND", when.condition.as_ref());
        self.push(" THEN ");
        match &when.action {
            MergeAction::DoNothing => self.push("DO NOTHING"),
            MergeAction::Delete => self.push("DELETE"),
            MergeAction::Update(set) => {
                self.push("UPDATE");
                self.assignments(set);
            }
            MergeAction::Insert {
                columns,
                overriding,
                values,
            } => {
                self.push("INSERT");
                self.target_list(columns);
                self.overriding(*overriding);
                match values {
                    Some(values) => self.function(" VALUES ", values),
                    None => self.push(" DEFAULT VALUES"),
                }
            }
        }
    }
}

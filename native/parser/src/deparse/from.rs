//! FROM items.

use super::Writer;
use crate::ast::*;

impl Writer {
    pub(super) fn range_item(&mut self, item: &FromItem) {
        match item {
            FromItem::Table(table) => self.table_ref(table),
            FromItem::Subquery(subquery) => {
                self.push(if subquery.lateral { "LATERAL (" } else { "(" });
                self.query(&subquery.query);
                self.push(")");
                self.alias(subquery.alias.as_ref());
            }
            FromItem::Function(function) => self.function_ref(function),
            FromItem::Join(join) => self.join(join),
            FromItem::Sample(sample) => {
                self.range_item(&sample.relation);
                self.push(" TABLESAMPLE ");
                self.dotted(&sample.method.parts);
                self.function("", &sample.args);
                if let Some(seed) = &sample.repeatable {
                    self.push(" REPEATABLE (");
                    self.expr(seed);
                    self.push(")");
                }
            }
        }
    }

    pub(super) fn relation(&mut self, name: &RelationName) {
        for qualifier in [&name.database, &name.schema].into_iter().flatten() {
            self.name(qualifier);
            self.push(".");
        }
        self.name(&name.name);
    }

    pub(super) fn table_ref(&mut self, table: &TableRef) {
        if table.only {
            self.push("ONLY ");
        }
        self.relation(&table.name);
        self.alias(table.alias.as_ref());
    }

    fn alias(&mut self, alias: Option<&TableAlias>) {
        if let Some(alias) = alias {
            self.push(" AS ");
            self.name(&alias.name);
            self.column_list(&alias.columns);
        }
    }

    fn function_ref(&mut self, function: &FunctionRef) {
        self.push(if function.lateral { "LATERAL " } else { "" });
        if function.rows_from {
            self.push("ROWS FROM (");
            self.separated(&function.functions, ", ", |w, item| {
                w.table_function(&item.expr);
                if !item.column_defs.is_empty() {
                    w.push(" AS ");
                    w.column_defs(&item.column_defs);
                }
            });
            self.push(")");
        } else if let Some(item) = function.functions.first() {
            self.table_function(&item.expr);
        }
        self.push(if function.ordinality {
            " WITH ORDINALITY"
        } else {
            ""
        });
        if function.column_defs.is_empty() {
            self.alias(function.alias.as_ref());
        } else {
            self.push(" AS ");
            if let Some(alias) = &function.alias {
                self.name(&alias.name);
            }
            self.column_defs(&function.column_defs);
        }
    }

    /// In FROM, a cast written as a function has no other form.
    fn table_function(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Cast(cast) => {
                self.push("CAST(");
                self.expr(&cast.arg);
                self.push(" AS ");
                self.type_name(&cast.type_name);
                self.push(")");
            }
            _ => self.expr(expr),
        }
    }

    fn column_defs(&mut self, columns: &[ColumnDef]) {
        self.push("(");
        self.separated(columns, ", ", |w, column| {
            w.name(&column.name);
            w.push(" ");
            w.type_name(&column.type_name);
            if let Some(collation) = &column.collation {
                w.push(" COLLATE ");
                w.dotted(&collation.parts);
            }
        });
        self.push(")");
    }

    fn join(&mut self, join: &Join) {
        self.push("(");
        self.range_item(&join.left);
        self.push(if join.condition == JoinCondition::Natural {
            " NATURAL"
        } else {
            ""
        });
        self.push(match (join.kind, &join.condition) {
            (JoinKind::Inner, JoinCondition::None) => " CROSS JOIN ",
            (JoinKind::Inner, _) => " JOIN ",
            (JoinKind::Left, _) => " LEFT JOIN ",
            (JoinKind::Right, _) => " RIGHT JOIN ",
            (JoinKind::Full, _) => " FULL JOIN ",
        });
        self.range_item(&join.right);
        match &join.condition {
            JoinCondition::None | JoinCondition::Natural => {}
            JoinCondition::On(expr) => self.expr_clause("ON", Some(expr)),
            JoinCondition::Using { columns, alias } => {
                self.push(" USING");
                self.column_list(columns);
                if let Some(alias) = alias {
                    self.push(" AS ");
                    self.name(alias);
                }
            }
        }
        self.push(")");
        self.alias(join.alias.as_ref());
    }
}

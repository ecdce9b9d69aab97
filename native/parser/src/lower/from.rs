//! FROM items.

use common::Result;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::{Lower, alias, missing, present, qualified, strings, text, unexpected, untyped};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn range_items(&mut self, list: &NodeList) -> Result<Vec<FromItem>> {
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push(self.range_item(item)?);
        }
        Ok(items)
    }

    pub(super) fn range_item(&mut self, node: Node<'_>) -> Result<FromItem> {
        self.enter()?;
        let item = match node {
            Node::RangeVar(var) => FromItem::Table(self.table_ref(Some(var))?),
            Node::RangeSubselect(node) => FromItem::Subquery(Box::new(self.subquery(node)?)),
            Node::RangeFunction(node) => FromItem::Function(Box::new(self.range_function(node)?)),
            Node::JoinExpr(node) => FromItem::Join(Box::new(self.join(node)?)),
            Node::RangeTableSample(node) => FromItem::Sample(Box::new(TableSample {
                relation: self.range_item(node.relation())?,
                method: qualified(node.method(), node.location),
                args: self.exprs(node.args())?,
                repeatable: self.optional_expr(node.repeatable())?,
            })),
            Node::RangeTableFunc(node) => {
                return Err(self.not_implemented(node.location, "XMLTABLE"));
            }
            Node::JsonTable(node) => return Err(self.not_implemented(node.location, "JSON_TABLE")),
            _ => return Err(unexpected("FROM item")),
        };
        self.leave();
        Ok(item)
    }

    pub(super) fn table_ref(&self, var: Option<&nodes::RangeVar>) -> Result<TableRef> {
        let var = var.ok_or_else(|| missing("table"))?;
        Ok(TableRef {
            name: self.relation_name(Some(var))?,
            only: !var.inh,
            alias: alias(var.alias()),
        })
    }

    fn subquery(&mut self, node: &nodes::RangeSubselect) -> Result<SubqueryRef> {
        let Node::SelectStmt(query) = node.subquery() else {
            return Err(unexpected("subquery"));
        };
        Ok(SubqueryRef {
            lateral: node.lateral,
            query: self.query(query)?,
            alias: alias(node.alias()),
        })
    }

    /// Each function comes as a pair of its call and its column definitions.
    fn range_function(&mut self, node: &nodes::RangeFunction) -> Result<FunctionRef> {
        let mut functions = Vec::with_capacity(node.functions().len());
        for pair in node.functions() {
            let pair = pair
                .as_node_list()
                .ok_or_else(|| unexpected("function in FROM"))?;
            let call = pair
                .get(0)
                .and_then(present)
                .ok_or_else(|| missing("function"))?;
            let column_defs = match pair.get(1).and_then(|defs| defs.as_node_list()) {
                Some(defs) => self.column_defs(defs)?,
                None => Vec::new(),
            };
            functions.push(FunctionItem {
                expr: self.expr(call)?,
                column_defs,
            });
        }
        Ok(FunctionRef {
            lateral: node.lateral,
            ordinality: node.ordinality,
            rows_from: node.is_rowsfrom,
            functions,
            alias: alias(node.alias()),
            column_defs: self.column_defs(untyped(node.coldeflist()))?,
        })
    }

    fn column_defs(&mut self, list: &NodeList) -> Result<Vec<ColumnDef>> {
        let mut columns = Vec::with_capacity(list.len());
        for column in list {
            let Node::ColumnDef(column) = column else {
                return Err(unexpected("column"));
            };
            columns.push(self.column_def(column)?);
        }
        Ok(columns)
    }

    fn join(&mut self, node: &nodes::JoinExpr) -> Result<Join> {
        let kind = match node.jointype {
            raw::JoinType::JOIN_INNER => JoinKind::Inner,
            raw::JoinType::JOIN_LEFT => JoinKind::Left,
            raw::JoinType::JOIN_RIGHT => JoinKind::Right,
            raw::JoinType::JOIN_FULL => JoinKind::Full,
            _ => return Err(unexpected("join")),
        };
        let left = self.range_item(node.larg())?;
        let right = self.range_item(node.rarg())?;
        let using = untyped(node.using_clause());
        let condition = if node.is_natural {
            JoinCondition::Natural
        } else if !using.is_empty() {
            JoinCondition::Using {
                columns: strings(using),
                alias: node.join_using_alias().map(|alias| text(alias.aliasname())),
            }
        } else {
            self.optional_expr(node.quals())?
                .map_or(JoinCondition::None, JoinCondition::On)
        };
        Ok(Join {
            kind,
            left,
            right,
            condition,
            alias: alias(node.alias()),
        })
    }
}

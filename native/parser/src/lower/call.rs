//! Operators with a form of their own, function calls and windows.

use common::Result;
use pg_raw_parse::list::{CastNodeList, NodeList};
use pg_raw_parse::{Node, nodes, raw};

use super::{Lower, at, missing, present, qualified, strings, text, unexpected, untyped};
use crate::ast::*;

/// The bits of a window's frame (PostgreSQL's `FRAMEOPTION_*`).
mod frame_bits {
    pub const NON_DEFAULT: i32 = 0x1;
    pub const ROWS: i32 = 0x4;
    pub const GROUPS: i32 = 0x8;
    pub const BETWEEN: i32 = 0x10;
    pub const START_UNBOUNDED_PRECEDING: i32 = 0x20;
    pub const END_UNBOUNDED_PRECEDING: i32 = 0x40;
    pub const START_UNBOUNDED_FOLLOWING: i32 = 0x80;
    pub const END_UNBOUNDED_FOLLOWING: i32 = 0x100;
    pub const START_CURRENT_ROW: i32 = 0x200;
    pub const END_CURRENT_ROW: i32 = 0x400;
    pub const START_OFFSET_PRECEDING: i32 = 0x800;
    pub const END_OFFSET_PRECEDING: i32 = 0x1000;
    pub const START_OFFSET_FOLLOWING: i32 = 0x2000;
    pub const END_OFFSET_FOLLOWING: i32 = 0x4000;
    pub const EXCLUDE_CURRENT_ROW: i32 = 0x8000;
    pub const EXCLUDE_GROUP: i32 = 0x10000;
    pub const EXCLUDE_TIES: i32 = 0x20000;
}

impl Lower<'_> {
    pub(super) fn a_expr(&mut self, node: &nodes::A_Expr) -> Result<Expr> {
        use raw::A_Expr_Kind::*;
        let kind = match node.kind {
            AEXPR_OP => {
                let left = self.optional_expr(node.lexpr())?;
                let right = self.expr(node.rexpr())?;
                let name = qualified(node.name(), node.location);
                ExprKind::Op(Box::new(OpExpr { name, left, right }))
            }
            AEXPR_OP_ANY | AEXPR_OP_ALL => ExprKind::AnyAll(Box::new(AnyAllExpr {
                op: qualified(node.name(), node.location),
                all: node.kind == AEXPR_OP_ALL,
                left: self.expr(node.lexpr())?,
                array: self.expr(node.rexpr())?,
            })),
            AEXPR_DISTINCT | AEXPR_NOT_DISTINCT => ExprKind::DistinctFrom {
                operands: self.pair(node)?,
                negated: node.kind == AEXPR_NOT_DISTINCT,
            },
            AEXPR_NULLIF => ExprKind::NullIf(self.pair(node)?),
            AEXPR_IN => self.in_list(node)?,
            AEXPR_LIKE => self.like(node, LikeKind::Like)?,
            AEXPR_ILIKE => self.like(node, LikeKind::ILike)?,
            AEXPR_SIMILAR => self.like(node, LikeKind::SimilarTo)?,
            AEXPR_BETWEEN => self.between(node, false, false)?,
            AEXPR_NOT_BETWEEN => self.between(node, true, false)?,
            AEXPR_BETWEEN_SYM => self.between(node, false, true)?,
            AEXPR_NOT_BETWEEN_SYM => self.between(node, true, true)?,
            _ => return Err(unexpected("kind of operator")),
        };
        Ok(Expr::new(kind, at(node.location)))
    }

    fn pair(&mut self, node: &nodes::A_Expr) -> Result<Box<[Expr; 2]>> {
        Ok(Box::new([
            self.expr(node.lexpr())?,
            self.expr(node.rexpr())?,
        ]))
    }

    fn in_list(&mut self, node: &nodes::A_Expr) -> Result<ExprKind> {
        let list = node
            .rexpr()
            .as_node_list()
            .ok_or_else(|| unexpected("list of IN"))?;
        Ok(ExprKind::In {
            arg: self.boxed(node.lexpr())?,
            list: self.exprs(list)?,
            negated: operator_is(node.name(), "<>"),
        })
    }

    fn between(
        &mut self,
        node: &nodes::A_Expr,
        negated: bool,
        symmetric: bool,
    ) -> Result<ExprKind> {
        let bounds = node
            .rexpr()
            .as_node_list()
            .ok_or_else(|| unexpected("bounds"))?;
        let (Some(low), Some(high)) = (bounds.get(0), bounds.get(1)) else {
            return Err(missing("bounds of BETWEEN"));
        };
        Ok(ExprKind::Between(Box::new(BetweenExpr {
            arg: self.expr(node.lexpr())?,
            low: self.expr(low)?,
            high: self.expr(high)?,
            negated,
            symmetric,
        })))
    }

    /// The grammar has turned ESCAPE into a call, and SIMILAR TO always is one.
    fn like(&mut self, node: &nodes::A_Expr, kind: LikeKind) -> Result<ExprKind> {
        let function = match kind {
            LikeKind::SimilarTo => "similar_to_escape",
            LikeKind::Like | LikeKind::ILike => "like_escape",
        };
        let arg = self.expr(node.lexpr())?;
        let (pattern, escape) = match node.rexpr() {
            Node::FuncCall(call) if is_catalog_call(call, function) => {
                let pattern = call.args().get(0).ok_or_else(|| missing("pattern"))?;
                let escape = call
                    .args()
                    .get(1)
                    .map(|escape| self.expr(escape))
                    .transpose()?;
                (self.expr(pattern)?, escape)
            }
            pattern => (self.expr(pattern)?, None),
        };
        let negated = node
            .name()
            .first()
            .and_then(Node::as_str)
            .is_some_and(|n| n.starts_with('!'));
        Ok(ExprKind::Like(Box::new(LikeExpr {
            kind,
            negated,
            arg,
            pattern,
            escape,
        })))
    }

    pub(super) fn func_call(&mut self, node: &nodes::FuncCall) -> Result<Expr> {
        let call = self.call(node)?;
        Ok(Expr::new(
            ExprKind::FuncCall(Box::new(call)),
            at(node.location),
        ))
    }

    pub(super) fn call(&mut self, node: &nodes::FuncCall) -> Result<FuncCall> {
        let mut args = Vec::with_capacity(node.args().len());
        for arg in node.args() {
            args.push(match arg {
                Node::NamedArgExpr(arg) => FuncArg {
                    name: Some(text(arg.name())),
                    value: self.expr(arg.arg())?,
                },
                value => FuncArg {
                    name: None,
                    value: self.expr(value)?,
                },
            });
        }
        Ok(FuncCall {
            name: qualified(node.funcname(), node.location),
            args,
            star: node.agg_star,
            distinct: node.agg_distinct,
            order_by: self.sort_by(node.agg_order())?,
            within_group: node.agg_within_group,
            filter: self.optional_expr(node.agg_filter())?,
            over: node.over().map(|over| self.window(over)).transpose()?,
            variadic: node.func_variadic,
            sql_syntax: node.funcformat == raw::CoercionForm::COERCE_SQL_SYNTAX,
        })
    }

    pub(super) fn sort_by(&mut self, list: &CastNodeList<nodes::SortBy>) -> Result<Vec<SortBy>> {
        let list = untyped(list);
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            let Node::SortBy(item) = item else {
                return Err(unexpected("ORDER BY item"));
            };
            items.push(SortBy {
                expr: self.expr(item.node())?,
                direction: match item.sortby_dir {
                    raw::SortByDir::SORTBY_USING => {
                        SortDirection::Using(qualified(item.use_op(), item.location))
                    }
                    direction => sort_direction(direction),
                },
                nulls: nulls_order(item.sortby_nulls),
                location: at(item.location),
            });
        }
        Ok(items)
    }

    pub(super) fn window(&mut self, node: &nodes::WindowDef) -> Result<WindowDef> {
        Ok(WindowDef {
            name: node.name().map(str::to_owned),
            base: node.refname().map(str::to_owned),
            partition_by: self.exprs(node.partition_clause())?,
            order_by: self.sort_by(node.order_clause())?,
            frame: self.frame(node)?,
            location: at(node.location),
        })
    }

    fn frame(&mut self, node: &nodes::WindowDef) -> Result<Option<WindowFrame>> {
        use frame_bits::*;
        let bits = node.frame_options;
        let has = |bit: i32| bits & bit != 0;
        if !has(NON_DEFAULT) {
            return Ok(None);
        }
        let units = match bits & (ROWS | GROUPS) {
            0 => FrameUnits::Range,
            ROWS => FrameUnits::Rows,
            _ => FrameUnits::Groups,
        };
        let start = match bits {
            _ if has(START_UNBOUNDED_PRECEDING) => FrameBound::UnboundedPreceding,
            _ if has(START_UNBOUNDED_FOLLOWING) => FrameBound::UnboundedFollowing,
            _ if has(START_CURRENT_ROW) => FrameBound::CurrentRow,
            _ if has(START_OFFSET_PRECEDING) => {
                FrameBound::Preceding(self.offset(node.start_offset())?)
            }
            _ if has(START_OFFSET_FOLLOWING) => {
                FrameBound::Following(self.offset(node.start_offset())?)
            }
            _ => return Err(unexpected("frame start")),
        };
        let end = match bits {
            _ if !has(BETWEEN) => None,
            _ if has(END_UNBOUNDED_PRECEDING) => Some(FrameBound::UnboundedPreceding),
            _ if has(END_UNBOUNDED_FOLLOWING) => Some(FrameBound::UnboundedFollowing),
            _ if has(END_CURRENT_ROW) => Some(FrameBound::CurrentRow),
            _ if has(END_OFFSET_PRECEDING) => {
                Some(FrameBound::Preceding(self.offset(node.end_offset())?))
            }
            _ if has(END_OFFSET_FOLLOWING) => {
                Some(FrameBound::Following(self.offset(node.end_offset())?))
            }
            _ => return Err(unexpected("frame end")),
        };
        let exclude = match bits {
            _ if has(EXCLUDE_CURRENT_ROW) => FrameExclude::CurrentRow,
            _ if has(EXCLUDE_GROUP) => FrameExclude::Group,
            _ if has(EXCLUDE_TIES) => FrameExclude::Ties,
            _ => FrameExclude::NoOthers,
        };
        Ok(Some(WindowFrame {
            units,
            start,
            end,
            exclude,
        }))
    }

    fn offset(&mut self, node: Node<'_>) -> Result<Expr> {
        self.expr(present(node).ok_or_else(|| missing("frame offset"))?)
    }
}

fn operator_is(name: &NodeList, operator: &str) -> bool {
    name.first().and_then(Node::as_str) == Some(operator)
}

/// Whether the call is one the grammar itself makes of `pg_catalog.<name>`.
fn is_catalog_call(call: &nodes::FuncCall, name: &str) -> bool {
    strings(call.funcname()) == ["pg_catalog", name] && matches!(call.args().len(), 1 | 2)
}

pub(super) fn sort_direction(direction: raw::SortByDir::Type) -> SortDirection {
    match direction {
        raw::SortByDir::SORTBY_ASC => SortDirection::Asc,
        raw::SortByDir::SORTBY_DESC => SortDirection::Desc,
        _ => SortDirection::Default,
    }
}

pub(super) fn nulls_order(nulls: raw::SortByNulls::Type) -> NullsOrder {
    match nulls {
        raw::SortByNulls::SORTBY_NULLS_FIRST => NullsOrder::First,
        raw::SortByNulls::SORTBY_NULLS_LAST => NullsOrder::Last,
        _ => NullsOrder::Default,
    }
}

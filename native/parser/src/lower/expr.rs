//! Expressions.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::{Lower, at, missing, present, qualified, text, unexpected};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> Result<Expr> {
        self.enter()?;
        let expr = match node {
            Node::A_Const(node) => Expr::new(self.constant(node)?, at(node.location)),
            Node::ColumnRef(node) => column_ref(node),
            Node::ParamRef(node) => self.param(node)?,
            Node::A_Expr(node) => self.a_expr(node)?,
            Node::BoolExpr(node) => self.bool_expr(node)?,
            Node::FuncCall(node) => self.func_call(node)?,
            Node::TypeCast(node) => self.cast(node)?,
            other => self.rarer_expr(other)?,
        };
        self.leave();
        Ok(expr)
    }

    pub(super) fn boxed(&mut self, node: Node<'_>) -> Result<Box<Expr>> {
        self.expr(node).map(Box::new)
    }

    pub(super) fn exprs(&mut self, list: &NodeList) -> Result<Vec<Expr>> {
        let mut exprs = Vec::with_capacity(list.len());
        for node in list {
            exprs.push(self.expr(node)?);
        }
        Ok(exprs)
    }

    pub(super) fn optional_expr(&mut self, node: Node<'_>) -> Result<Option<Expr>> {
        present(node).map(|node| self.expr(node)).transpose()
    }

    fn rarer_expr(&mut self, node: Node<'_>) -> Result<Expr> {
        let (kind, location) = match node {
            Node::SubLink(node) => (self.sub_link(node)?, node.location),
            Node::NullTest(node) => {
                let negated = node.nulltesttype == raw::NullTestType::IS_NOT_NULL;
                (
                    ExprKind::IsNull {
                        arg: self.boxed(node.arg())?,
                        negated,
                    },
                    node.location,
                )
            }
            Node::BooleanTest(node) => (self.boolean_test(node)?, node.location),
            Node::CaseExpr(node) => (self.case(node)?, node.location),
            Node::CoalesceExpr(node) => {
                (ExprKind::Coalesce(self.exprs(node.args())?), node.location)
            }
            Node::MinMaxExpr(node) => {
                let args = self.exprs(node.args())?;
                let greatest = node.op == raw::MinMaxOp::IS_GREATEST;
                let kind = if greatest {
                    ExprKind::Greatest(args)
                } else {
                    ExprKind::Least(args)
                };
                (kind, node.location)
            }
            Node::RowExpr(node) => {
                let explicit = node.row_format == raw::CoercionForm::COERCE_EXPLICIT_CALL;
                (
                    ExprKind::Row {
                        args: self.exprs(node.args())?,
                        explicit,
                    },
                    node.location,
                )
            }
            Node::A_ArrayExpr(node) => {
                (ExprKind::Array(self.exprs(node.elements())?), node.location)
            }
            Node::A_Indirection(node) => return self.indirection(node),
            Node::SQLValueFunction(node) => (sql_value(node)?, node.location),
            Node::CollateClause(node) => {
                let collation = qualified(node.collname(), node.location);
                (
                    ExprKind::Collate {
                        arg: self.boxed(node.arg())?,
                        collation,
                    },
                    node.location,
                )
            }
            Node::GroupingFunc(node) => {
                (ExprKind::Grouping(self.exprs(node.args())?), node.location)
            }
            Node::SetToDefault(node) => (ExprKind::Default, node.location),
            Node::CurrentOfExpr(node) => (ExprKind::CurrentOf(text(node.cursor_name())), -1),
            // A list of one expression stands for it (as in the parts of `LIMIT`).
            Node::NodeList(list) if list.len() == 1 => {
                return self.expr(list.first().ok_or_else(|| missing("expression"))?);
            }
            other => return Err(self.unsupported_expr(other)),
        };
        Ok(Expr::new(kind, at(location)))
    }

    fn unsupported_expr(&self, node: Node<'_>) -> common::Error {
        match node {
            Node::XmlExpr(node) => self.not_implemented(node.location, "XML"),
            Node::XmlSerialize(node) => self.not_implemented(node.location, "XMLSERIALIZE"),
            Node::JsonIsPredicate(node) => self.not_implemented(node.location, "IS JSON"),
            Node::JsonParseExpr(node) => self.not_implemented(node.location, "JSON()"),
            Node::JsonScalarExpr(node) => self.not_implemented(node.location, "JSON_SCALAR"),
            Node::JsonSerializeExpr(node) => self.not_implemented(node.location, "JSON_SERIALIZE"),
            Node::JsonObjectConstructor(node) => self.not_implemented(node.location, "JSON_OBJECT"),
            Node::JsonArrayConstructor(node) => self.not_implemented(node.location, "JSON_ARRAY"),
            Node::JsonArrayQueryConstructor(node) => {
                self.not_implemented(node.location, "JSON_ARRAY")
            }
            Node::JsonObjectAgg(_) => self.not_implemented(-1, "JSON_OBJECTAGG"),
            Node::JsonArrayAgg(_) => self.not_implemented(-1, "JSON_ARRAYAGG"),
            Node::JsonFuncExpr(node) => {
                self.not_implemented(node.location, "JSON_QUERY, JSON_VALUE or JSON_EXISTS")
            }
            Node::MergeSupportFunc(node) => self.not_implemented(node.location, "MERGE_ACTION"),
            _ => unexpected("expression"),
        }
    }

    /// Refuses what libpg_query takes as a parameter and PostgreSQL does not.
    fn param(&mut self, node: &nodes::ParamRef) -> Result<Expr> {
        let start = usize::try_from(node.location).unwrap_or(0);
        let written = self.sql.get(start..).unwrap_or_default();
        if !written.starts_with('$') {
            let message = "syntax error at or near \"?\"";
            return Err(self.error(node.location, sqlstate::SYNTAX_ERROR, message));
        }
        let digits = written[1..].bytes().take_while(u8::is_ascii_digit).count();
        if let Some(junk) = written[1 + digits..].chars().next()
            && (junk.is_alphabetic() || junk == '_' || !junk.is_ascii())
        {
            let token = &written[..1 + digits + junk.len_utf8()];
            let message = format!("trailing junk after parameter at or near \"{token}\"");
            return Err(self.error(node.location, sqlstate::SYNTAX_ERROR, message));
        }
        let Some(number) = u32::try_from(node.number).ok().filter(|&n| n > 0) else {
            let message = format!("there is no parameter ${}", node.number);
            return Err(self.error(node.location, sqlstate::UNDEFINED_PARAMETER, message));
        };
        self.max_param = self.max_param.max(number);
        Ok(Expr::new(ExprKind::Param(number), at(node.location)))
    }

    fn bool_expr(&mut self, node: &nodes::BoolExpr) -> Result<Expr> {
        let kind = match node.boolop {
            raw::BoolExprType::AND_EXPR => ExprKind::And(self.exprs(node.args())?),
            raw::BoolExprType::OR_EXPR => ExprKind::Or(self.exprs(node.args())?),
            _ => {
                let arg = node
                    .args()
                    .first()
                    .ok_or_else(|| missing("operand of NOT"))?;
                ExprKind::Not(self.boxed(arg)?)
            }
        };
        Ok(Expr::new(kind, at(node.location)))
    }

    fn cast(&mut self, node: &nodes::TypeCast) -> Result<Expr> {
        let cast = CastExpr {
            arg: self.expr(node.arg())?,
            type_name: self.type_name(node.type_name())?,
        };
        Ok(Expr::new(ExprKind::Cast(Box::new(cast)), at(node.location)))
    }

    fn boolean_test(&mut self, node: &nodes::BooleanTest) -> Result<ExprKind> {
        let test = match node.booltesttype {
            raw::BoolTestType::IS_TRUE => BooleanTest::IsTrue,
            raw::BoolTestType::IS_NOT_TRUE => BooleanTest::IsNotTrue,
            raw::BoolTestType::IS_FALSE => BooleanTest::IsFalse,
            raw::BoolTestType::IS_NOT_FALSE => BooleanTest::IsNotFalse,
            raw::BoolTestType::IS_UNKNOWN => BooleanTest::IsUnknown,
            _ => BooleanTest::IsNotUnknown,
        };
        Ok(ExprKind::BooleanTest {
            arg: self.boxed(node.arg())?,
            test,
        })
    }

    fn case(&mut self, node: &nodes::CaseExpr) -> Result<ExprKind> {
        let arg = self.optional_expr(node.arg())?;
        let mut whens = Vec::with_capacity(node.args().len());
        for when in node.args() {
            let Node::CaseWhen(when) = when else {
                return Err(unexpected("part of CASE"));
            };
            whens.push(CaseWhen {
                when: self.expr(when.expr())?,
                then: self.expr(when.result())?,
                location: at(when.location),
            });
        }
        let default = self.optional_expr(node.defresult())?;
        Ok(ExprKind::Case(Box::new(CaseExpr {
            arg,
            whens,
            default,
        })))
    }

    fn sub_link(&mut self, node: &nodes::SubLink) -> Result<ExprKind> {
        use raw::SubLinkType::*;
        let Node::SelectStmt(query) = node.subselect() else {
            return Err(unexpected("query in an expression"));
        };
        let kind = match node.sub_link_type {
            EXISTS_SUBLINK => SubLinkKind::Exists,
            ARRAY_SUBLINK => SubLinkKind::Array,
            EXPR_SUBLINK => SubLinkKind::Scalar,
            ANY_SUBLINK => SubLinkKind::Any {
                left: self.expr(node.testexpr())?,
                op: super::optional_qualified(node.oper_name()),
            },
            ALL_SUBLINK => SubLinkKind::All {
                left: self.expr(node.testexpr())?,
                op: qualified(node.oper_name(), node.location),
            },
            _ => return Err(unexpected("kind of query in an expression")),
        };
        let query = self.query(query)?;
        Ok(ExprKind::SubLink(Box::new(SubLink { kind, query })))
    }

    fn indirection(&mut self, node: &nodes::A_Indirection) -> Result<Expr> {
        let arg = self.boxed(node.arg())?;
        let location = arg.location;
        let path = self.path(node.indirection())?;
        Ok(Expr::new(ExprKind::Indirection { arg, path }, location))
    }

    /// The steps behind an expression or an assigned column.
    pub(super) fn path(&mut self, list: &NodeList) -> Result<Vec<Indirection>> {
        let mut path = Vec::with_capacity(list.len());
        for step in list {
            path.push(match step {
                Node::String(name) => Indirection::Field(text(name.sval())),
                Node::A_Star(_) => Indirection::Star,
                Node::A_Indices(index) if index.is_slice => Indirection::Slice {
                    lower: self.optional_expr(index.lidx())?,
                    upper: self.optional_expr(index.uidx())?,
                },
                Node::A_Indices(index) => Indirection::Index(self.expr(index.uidx())?),
                _ => return Err(unexpected("subscript")),
            });
        }
        Ok(path)
    }
}

fn column_ref(node: &nodes::ColumnRef) -> Expr {
    let mut parts = Vec::with_capacity(node.fields().len());
    parts.extend(node.fields().iter().map(|field| match field {
        Node::String(name) => NamePart::Name(text(name.sval())),
        _ => NamePart::Star,
    }));
    Expr::new(ExprKind::ColumnRef(parts), at(node.location))
}

fn sql_value(node: &nodes::SQLValueFunction) -> Result<ExprKind> {
    use SqlValueFunction::*;
    use raw::SQLValueFunctionOp::*;
    let function = match node.op {
        SVFOP_CURRENT_DATE => CurrentDate,
        SVFOP_CURRENT_TIME | SVFOP_CURRENT_TIME_N => CurrentTime,
        SVFOP_CURRENT_TIMESTAMP | SVFOP_CURRENT_TIMESTAMP_N => CurrentTimestamp,
        SVFOP_LOCALTIME | SVFOP_LOCALTIME_N => LocalTime,
        SVFOP_LOCALTIMESTAMP | SVFOP_LOCALTIMESTAMP_N => LocalTimestamp,
        SVFOP_CURRENT_ROLE => CurrentRole,
        SVFOP_CURRENT_USER => CurrentUser,
        SVFOP_USER => User,
        SVFOP_SESSION_USER => SessionUser,
        SVFOP_CURRENT_CATALOG => CurrentCatalog,
        SVFOP_CURRENT_SCHEMA => CurrentSchema,
        _ => return Err(unexpected("SQL value function")),
    };
    let precision = (node.typmod >= 0).then_some(node.typmod);
    Ok(ExprKind::SqlValue {
        function,
        precision,
    })
}

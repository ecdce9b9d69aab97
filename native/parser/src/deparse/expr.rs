//! Expressions. Each is written so that it can stand wherever one operand can.

use super::Writer;
use crate::ast::*;
use common::quote_literal;

impl Writer {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Const(literal) => self.literal(literal),
            ExprKind::ColumnRef(parts) => self.separated(parts, ".", |w, part| match part {
                NamePart::Name(name) => w.name(name),
                NamePart::Star => w.push("*"),
            }),
            ExprKind::Param(number) => self.push(&format!("${number}")),
            ExprKind::FuncCall(call) => self.call(call),
            ExprKind::Cast(cast) => self.cast(cast),
            ExprKind::Case(case) => self.case(case),
            ExprKind::Coalesce(args) => self.function("COALESCE", args),
            ExprKind::Greatest(args) => self.function("GREATEST", args),
            ExprKind::Least(args) => self.function("LEAST", args),
            ExprKind::Grouping(args) => self.function("GROUPING", args),
            ExprKind::NullIf(args) => self.function("NULLIF", args.as_slice()),
            ExprKind::SubLink(link) => self.sub_link(link),
            ExprKind::Array(elements) => {
                self.push("ARRAY[");
                self.exprs(elements);
                self.push("]");
            }
            ExprKind::Row { args, explicit } => {
                self.function(if *explicit { "ROW" } else { "" }, args);
            }
            ExprKind::Indirection { arg, path } => {
                self.push("(");
                self.expr(arg);
                self.push(")");
                self.path(path);
            }
            ExprKind::SqlValue {
                function,
                precision,
            } => {
                self.push(sql_value(*function));
                if let Some(precision) = precision {
                    self.push(&format!("({precision})"));
                }
            }
            ExprKind::Default => self.push("DEFAULT"),
            ExprKind::CurrentOf(cursor) => {
                self.push("CURRENT OF ");
                self.name(cursor);
            }
            operator => {
                self.push("(");
                self.operator(operator);
                self.push(")");
            }
        }
    }

    /// What needs parentheses around it.
    fn operator(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Op(op) => self.op(op),
            ExprKind::And(args) => self.separated(args, " AND ", Self::expr),
            ExprKind::Or(args) => self.separated(args, " OR ", Self::expr),
            ExprKind::Not(arg) => {
                self.push("NOT ");
                self.expr(arg);
            }
            ExprKind::IsNull { arg, negated } => {
                self.expr(arg);
                self.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            ExprKind::BooleanTest { arg, test } => {
                self.expr(arg);
                self.push(boolean_test(*test));
            }
            ExprKind::DistinctFrom { operands, negated } => {
                self.expr(&operands[0]);
                self.push(if *negated {
                    " IS NOT DISTINCT FROM "
                } else {
                    " IS DISTINCT FROM "
                });
                self.expr(&operands[1]);
            }
            ExprKind::In { arg, list, negated } => {
                self.expr(arg);
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.exprs(list);
                self.push(")");
            }
            ExprKind::AnyAll(any) => {
                self.expr(&any.left);
                self.operator_name(&any.op);
                self.push(if any.all { "ALL (" } else { "ANY (" });
                self.expr(&any.array);
                self.push(")");
            }
            ExprKind::Between(between) => self.between(between),
            ExprKind::Like(like) => self.like(like),
            ExprKind::Collate { arg, collation } => {
                self.expr(arg);
                self.push(" COLLATE ");
                self.dotted(&collation.parts);
            }
            _ => {}
        }
    }

    fn op(&mut self, op: &OpExpr) {
        if let Some(left) = &op.left {
            self.expr(left);
            self.push(" ");
        }
        self.bare_operator(&op.name);
        self.push(" ");
        self.expr(&op.right);
    }

    /// The operator with spaces around it.
    fn operator_name(&mut self, name: &QualifiedName) {
        self.push(" ");
        self.bare_operator(name);
        self.push(" ");
    }

    pub(super) fn bare_operator(&mut self, name: &QualifiedName) {
        let Some((symbol, schema)) = name.parts.split_last() else {
            return;
        };
        if schema.is_empty() {
            self.push(symbol);
        } else {
            self.push("OPERATOR(");
            self.dotted(schema);
            self.push(".");
            self.push(symbol);
            self.push(")");
        }
    }

    pub(super) fn function(&mut self, name: &str, args: &[Expr]) {
        self.push(name);
        self.push("(");
        self.exprs(args);
        self.push(")");
    }

    fn between(&mut self, between: &BetweenExpr) {
        self.expr(&between.arg);
        self.push(if between.negated {
            " NOT BETWEEN "
        } else {
            " BETWEEN "
        });
        if between.symmetric {
            self.push("SYMMETRIC ");
        }
        self.expr(&between.low);
        self.push(" AND ");
        self.expr(&between.high);
    }

    fn like(&mut self, like: &LikeExpr) {
        self.expr(&like.arg);
        self.push(if like.negated { " NOT" } else { "" });
        self.push(match like.kind {
            LikeKind::Like => " LIKE ",
            LikeKind::ILike => " ILIKE ",
            LikeKind::SimilarTo => " SIMILAR TO ",
        });
        self.expr(&like.pattern);
        self.expr_clause("ESCAPE", like.escape.as_ref());
    }

    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.push("NULL"),
            Literal::Bool(true) => self.push("true"),
            Literal::Bool(false) => self.push("false"),
            Literal::Int(value) => self.number(&value.to_string()),
            Literal::Number(digits) => self.number(digits),
            Literal::String(value) => self.push(&quote_literal(value)),
            Literal::BitString(digits) => {
                let (kind, digits) = digits.split_at_checked(1).unwrap_or(("b", ""));
                self.push(&kind.to_ascii_uppercase());
                self.push(&quote_literal(digits));
            }
        }
    }

    /// `-1` binds less tightly than a cast or a subscript.
    fn number(&mut self, digits: &str) {
        if digits.starts_with('-') {
            self.push(&format!("({digits})"));
        } else {
            self.push(digits);
        }
    }

    fn cast(&mut self, cast: &CastExpr) {
        if matches!(cast.arg.kind, ExprKind::Const(_)) {
            self.expr(&cast.arg);
        } else {
            self.push("(");
            self.expr(&cast.arg);
            self.push(")");
        }
        self.push("::");
        self.type_name(&cast.type_name);
    }

    fn case(&mut self, case: &CaseExpr) {
        self.push("CASE");
        if let Some(arg) = &case.arg {
            self.push(" ");
            self.expr(arg);
        }
        for when in &case.whens {
            self.expr_clause("WHEN", Some(&when.when));
            self.expr_clause("THEN", Some(&when.then));
        }
        self.expr_clause("ELSE", case.default.as_ref());
        self.push(" END");
    }

    fn sub_link(&mut self, link: &SubLink) {
        match &link.kind {
            SubLinkKind::Exists => self.push("EXISTS "),
            SubLinkKind::Scalar => {}
            SubLinkKind::Array => self.push("ARRAY"),
            SubLinkKind::Any { left, op } => {
                self.push("(");
                self.expr(left);
                match op {
                    Some(op) => {
                        self.operator_name(op);
                        self.push("ANY ");
                    }
                    None => self.push(" IN "),
                }
            }
            SubLinkKind::All { left, op } => {
                self.push("(");
                self.expr(left);
                self.operator_name(op);
                self.push("ALL ");
            }
        }
        self.push("(");
        self.query(&link.query);
        self.push(")");
        if matches!(link.kind, SubLinkKind::Any { .. } | SubLinkKind::All { .. }) {
            self.push(")");
        }
    }

    pub(super) fn path(&mut self, path: &[Indirection]) {
        for step in path {
            match step {
                Indirection::Field(name) => {
                    self.push(".");
                    self.name(name);
                }
                Indirection::Star => self.push(".*"),
                Indirection::Index(index) => {
                    self.push("[");
                    self.expr(index);
                    self.push("]");
                }
                Indirection::Slice { lower, upper } => {
                    self.push("[");
                    lower.iter().for_each(|lower| self.expr(lower));
                    self.push(" : ");
                    upper.iter().for_each(|upper| self.expr(upper));
                    self.push("]");
                }
            }
        }
    }
}

fn boolean_test(test: BooleanTest) -> &'static str {
    match test {
        BooleanTest::IsTrue => " IS TRUE",
        BooleanTest::IsNotTrue => " IS NOT TRUE",
        BooleanTest::IsFalse => " IS FALSE",
        BooleanTest::IsNotFalse => " IS NOT FALSE",
        BooleanTest::IsUnknown => " IS UNKNOWN",
        BooleanTest::IsNotUnknown => " IS NOT UNKNOWN",
    }
}

fn sql_value(function: SqlValueFunction) -> &'static str {
    match function {
        SqlValueFunction::CurrentDate => "CURRENT_DATE",
        SqlValueFunction::CurrentTime => "CURRENT_TIME",
        SqlValueFunction::CurrentTimestamp => "CURRENT_TIMESTAMP",
        SqlValueFunction::LocalTime => "LOCALTIME",
        SqlValueFunction::LocalTimestamp => "LOCALTIMESTAMP",
        SqlValueFunction::CurrentRole => "CURRENT_ROLE",
        SqlValueFunction::CurrentUser => "CURRENT_USER",
        SqlValueFunction::User => "USER",
        SqlValueFunction::SessionUser => "SESSION_USER",
        SqlValueFunction::CurrentCatalog => "CURRENT_CATALOG",
        SqlValueFunction::CurrentSchema => "CURRENT_SCHEMA",
    }
}

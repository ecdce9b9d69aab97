//! Function calls, SQL's own call syntaxes and windows.

use super::Writer;
use crate::ast::*;

/// Fields that EXTRACT takes as a word.
const EXTRACT_FIELDS: &[&str] = &[
    "century",
    "day",
    "decade",
    "dow",
    "doy",
    "epoch",
    "hour",
    "isodow",
    "isoyear",
    "julian",
    "microseconds",
    "millennium",
    "milliseconds",
    "minute",
    "month",
    "quarter",
    "second",
    "timezone",
    "timezone_hour",
    "timezone_minute",
    "week",
    "year",
];

impl Writer {
    pub(super) fn call(&mut self, call: &FuncCall) {
        if call.sql_syntax && self.sql_syntax(call) {
            return;
        }
        self.dotted(&call.name.parts);
        self.push("(");
        if call.distinct {
            self.push("DISTINCT ");
        }
        if call.star {
            self.push("*");
        }
        let last = call.args.len().saturating_sub(1);
        for (i, arg) in call.args.iter().enumerate() {
            self.push(if i > 0 { ", " } else { "" });
            self.push(if call.variadic && i == last {
                "VARIADIC "
            } else {
                ""
            });
            if let Some(name) = &arg.name {
                self.name(name);
                self.push(" => ");
            }
            self.expr(&arg.value);
        }
        if !call.within_group {
            self.order_by(&call.order_by);
        }
        self.push(")");
        if call.within_group {
            self.push(" WITHIN GROUP (");
            self.order_by(&call.order_by);
            self.push(")");
        }
        if let Some(filter) = &call.filter {
            self.push(" FILTER (WHERE ");
            self.expr(filter);
            self.push(")");
        }
        match &call.over {
            Some(WindowDef {
                name: Some(name), ..
            }) => {
                self.push(" OVER ");
                self.name(name);
            }
            Some(window) => {
                self.push(" OVER ");
                self.window(window);
            }
            None => {}
        }
    }

    /// Writes the call in the syntax it came from; `false` if it is none that we know.
    fn sql_syntax(&mut self, call: &FuncCall) -> bool {
        let args: Vec<&Expr> = call.args.iter().map(|arg| &arg.value).collect();
        match (call.name.name(), args.as_slice()) {
            ("timezone", [zone, time]) => self.parts(&["(", " AT TIME ZONE ", ")"], &[time, zone]),
            ("timezone", [time]) => self.parts(&["(", " AT LOCAL)"], &[time]),
            ("extract", [field, source]) => self.extract(field, source),
            ("overlay", [text, new, start]) => {
                self.parts(
                    &["OVERLAY(", " PLACING ", " FROM ", ")"],
                    &[text, new, start],
                );
            }
            ("overlay", [text, new, start, length]) => self.parts(
                &["OVERLAY(", " PLACING ", " FROM ", " FOR ", ")"],
                &[text, new, start, length],
            ),
            ("position", [text, part]) => self.parts(&["POSITION(", " IN ", ")"], &[part, text]),
            ("substring", [text, from]) => {
                self.parts(&["SUBSTRING(", " FROM ", ")"], &[text, from]);
            }
            ("substring", [text, from, length]) => {
                self.parts(
                    &["SUBSTRING(", " FROM ", " FOR ", ")"],
                    &[text, from, length],
                );
            }
            ("btrim", args) => return self.trim("BOTH", args),
            ("ltrim", args) => return self.trim("LEADING", args),
            ("rtrim", args) => return self.trim("TRAILING", args),
            ("normalize", [text]) => self.parts(&["NORMALIZE(", ")"], &[text]),
            ("normalize", [text, form]) => {
                let Some(form) = normal_form(form) else {
                    return false;
                };
                self.parts(&["NORMALIZE(", ", "], &[text]);
                self.push(form);
                self.push(")");
            }
            ("is_normalized", [text]) => self.parts(&["(", " IS NORMALIZED)"], &[text]),
            ("is_normalized", [text, form]) => {
                let Some(form) = normal_form(form) else {
                    return false;
                };
                self.parts(&["(", " IS "], &[text]);
                self.push(form);
                self.push(" NORMALIZED)");
            }
            ("overlaps", [a, b, c, d]) => {
                self.parts(&["((", ", ", ") OVERLAPS (", ", ", "))"], &[a, b, c, d]);
            }
            ("pg_collation_for", [arg]) => self.parts(&["COLLATION FOR (", ")"], &[arg]),
            ("xmlexists", [path, document]) => {
                self.parts(&["XMLEXISTS(", " PASSING (", "))"], &[path, document]);
            }
            ("system_user", []) => self.push("SYSTEM_USER"),
            _ => return false,
        }
        true
    }

    /// Words and arguments in turn.
    fn parts(&mut self, words: &[&str], args: &[&Expr]) {
        for (i, word) in words.iter().enumerate() {
            self.push(word);
            if let Some(arg) = args.get(i) {
                self.expr(arg);
            }
        }
    }

    fn extract(&mut self, field: &Expr, source: &Expr) {
        self.push("EXTRACT(");
        match &field.kind {
            ExprKind::Const(Literal::String(field)) if EXTRACT_FIELDS.contains(&field.as_str()) => {
                self.push(field);
            }
            _ => self.expr(field),
        }
        self.parts(&[" FROM ", ")"], &[source]);
    }

    /// The characters come behind the text in the arguments.
    fn trim(&mut self, side: &str, args: &[&Expr]) -> bool {
        let Some((last, rest)) = args.split_last() else {
            return false;
        };
        self.push("TRIM(");
        self.push(side);
        let texts = if rest.is_empty() {
            args
        } else {
            self.parts(&[" "], &[last]);
            rest
        };
        self.push(" FROM ");
        self.separated(texts, ", ", |w, text| w.expr(text));
        self.push(")");
        true
    }

    pub(super) fn order_by(&mut self, items: &[SortBy]) {
        self.clause("ORDER BY", items, |w, item| {
            w.expr(&item.expr);
            match &item.direction {
                SortDirection::Using(operator) => {
                    w.push(" USING ");
                    w.bare_operator(operator);
                }
                direction => w.direction(direction),
            }
            w.nulls(item.nulls);
        });
    }

    pub(super) fn direction(&mut self, direction: &SortDirection) {
        self.push(match direction {
            SortDirection::Asc => " ASC",
            SortDirection::Desc => " DESC",
            SortDirection::Default | SortDirection::Using(_) => "",
        });
    }

    pub(super) fn nulls(&mut self, nulls: NullsOrder) {
        self.push(match nulls {
            NullsOrder::First => " NULLS FIRST",
            NullsOrder::Last => " NULLS LAST",
            NullsOrder::Default => "",
        });
    }

    /// The definition in parentheses, without the window's own name.
    pub(super) fn window(&mut self, window: &WindowDef) {
        self.push("(");
        if let Some(base) = &window.base {
            self.name(base);
        }
        self.clause("PARTITION BY", &window.partition_by, Self::expr);
        self.order_by(&window.order_by);
        if let Some(frame) = &window.frame {
            self.frame(frame);
        }
        self.push(")");
    }

    fn frame(&mut self, frame: &WindowFrame) {
        self.push(match frame.units {
            FrameUnits::Rows => " ROWS ",
            FrameUnits::Range => " RANGE ",
            FrameUnits::Groups => " GROUPS ",
        });
        match &frame.end {
            Some(end) => {
                self.push("BETWEEN ");
                self.frame_bound(&frame.start);
                self.push(" AND ");
                self.frame_bound(end);
            }
            None => self.frame_bound(&frame.start),
        }
        self.push(match frame.exclude {
            FrameExclude::NoOthers => "",
            FrameExclude::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclude::Group => " EXCLUDE GROUP",
            FrameExclude::Ties => " EXCLUDE TIES",
        });
    }

    fn frame_bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.push("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => self.parts(&["", " PRECEDING"], &[offset]),
            FrameBound::CurrentRow => self.push("CURRENT ROW"),
            FrameBound::Following(offset) => self.parts(&["", " FOLLOWING"], &[offset]),
            FrameBound::UnboundedFollowing => self.push("UNBOUNDED FOLLOWING"),
        }
    }
}

fn normal_form(expr: &Expr) -> Option<&'static str> {
    let ExprKind::Const(Literal::String(form)) = &expr.kind else {
        return None;
    };
    ["NFC", "NFD", "NFKC", "NFKD"]
        .into_iter()
        .find(|known| form.eq_ignore_ascii_case(known))
}

//! The clause an expression stands in, which decides what it may contain.

/// PostgreSQL's `ParseExprKind`, as far as messages tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ExprKind {
    #[default]
    Other,
    JoinOn,
    FromSubselect,
    FromFunction,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrameRange,
    WindowFrameRows,
    WindowFrameGroups,
    SelectTarget,

    UpdateTarget,
    Values,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Returning,

    Check,
    Default,
    IndexExpression,
    IndexPredicate,
    AlterUsing,

    Generated,
}

impl ExprKind {
    /// The clause's name in messages (`ParseExprKindName`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Other => "invalid expression context",
            Self::JoinOn => "JOIN/ON",
            Self::FromSubselect => "sub-SELECT in FROM",
            Self::FromFunction => "function in FROM",
            Self::Where => "WHERE",
            Self::Having => "HAVING",
            Self::Filter => "FILTER",
            Self::WindowPartition => "window PARTITION BY",
            Self::WindowOrder => "window ORDER BY",
            Self::WindowFrameRange => "window RANGE",
            Self::WindowFrameRows => "window ROWS",
            Self::WindowFrameGroups => "window GROUPS",
            Self::SelectTarget => "SELECT",
            Self::UpdateTarget => "UPDATE",
            Self::Values => "VALUES",
            Self::GroupBy => "GROUP BY",
            Self::OrderBy => "ORDER BY",
            Self::DistinctOn => "DISTINCT ON",
            Self::Limit => "LIMIT",
            Self::Offset => "OFFSET",
            Self::Returning => "RETURNING",
            Self::Check => "CHECK",
            Self::Default => "DEFAULT",
            Self::IndexExpression => "index expression",
            Self::IndexPredicate => "index predicate",
            Self::AlterUsing => "USING",
            Self::Generated => "GENERATED AS",
        }
    }

    /// The place as "... are not allowed in `place`" names it.
    fn place(self) -> &'static str {
        match self {
            Self::JoinOn => "JOIN conditions",
            Self::FromSubselect => "FROM clause of their own query level",
            Self::FromFunction => "functions in FROM",
            Self::Check => "check constraints",
            Self::Default => "DEFAULT expressions",
            Self::IndexExpression => "index expressions",
            Self::IndexPredicate => "index predicates",
            Self::AlterUsing => "transform expressions",
            Self::Generated => "column generation expressions",
            other => other.name(),
        }
    }

    /// Why an aggregate may not stand here; `None` where it may. `grouping` for GROUPING().
    pub fn aggregate_error(self, grouping: bool) -> Option<String> {
        let what = if grouping {
            "grouping operations"
        } else {
            "aggregate functions"
        };
        match self {
            Self::SelectTarget
            | Self::Having
            | Self::OrderBy
            | Self::DistinctOn
            | Self::WindowPartition
            | Self::WindowOrder
            | Self::Other => None,
            other => Some(format!("{what} are not allowed in {}", other.place())),
        }
    }

    /// Why a window function may not stand here.
    pub fn window_error(self) -> Option<String> {
        let place = match self {
            Self::SelectTarget | Self::OrderBy | Self::DistinctOn | Self::Other => return None,
            Self::WindowPartition
            | Self::WindowOrder
            | Self::WindowFrameRange
            | Self::WindowFrameRows
            | Self::WindowFrameGroups => "window definitions",
            other => other.place(),
        };
        Some(format!("window functions are not allowed in {place}"))
    }

    /// Why a set-returning function may not stand here.
    pub fn set_error(self) -> Option<String> {
        let place = match self {
            Self::SelectTarget
            | Self::OrderBy
            | Self::DistinctOn
            | Self::GroupBy
            | Self::FromFunction
            | Self::FromSubselect
            | Self::Other => return None,
            Self::WindowPartition
            | Self::WindowOrder
            | Self::WindowFrameRange
            | Self::WindowFrameRows
            | Self::WindowFrameGroups => "window definitions",
            other => other.place(),
        };
        Some(format!(
            "set-returning functions are not allowed in {place}"
        ))
    }

    /// Why a subquery may not stand here.
    pub fn subquery_error(self) -> Option<&'static str> {
        Some(match self {
            Self::Check => "cannot use subquery in check constraint",
            Self::Default => "cannot use subquery in DEFAULT expression",
            Self::IndexExpression => "cannot use subquery in index expression",
            Self::IndexPredicate => "cannot use subquery in index predicate",
            Self::AlterUsing => "cannot use subquery in transform expression",
            Self::Generated => "cannot use subquery in column generation expression",
            _ => return None,
        })
    }
}

//! The names of nodes.

use crate::access::Direction;
use crate::ir::{JoinKind, SetOpKind};
use crate::planner::physical::{Node, NodeKind};

/// A node's name in both formats.
#[derive(Debug, Default)]
pub struct Title {
    /// "Node Type" of the JSON format.
    pub kind: &'static str,
    /// The line of the text format, costs apart.
    pub line: String,
    /// Further fields of the JSON format.
    pub fields: Vec<(&'static str, String)>,
}

/// The title of a visible node.
pub fn title(node: &Node) -> Title {
    let plain = |kind: &'static str| Title {
        kind,
        line: kind.into(),
        fields: Vec::new(),
    };
    match &node.kind {
        NodeKind::OneRow | NodeKind::Empty => plain("Result"),
        NodeKind::TableScan(scan) => {
            relation("Seq Scan", "Seq Scan", &scan.name, &scan.alias, Vec::new())
        }
        NodeKind::IndexScan(scan) => {
            let kind = if scan.index_only {
                "Index Only Scan"
            } else {
                "Index Scan"
            };
            let backward = scan.direction == Direction::Backward;
            let way = if backward { " Backward" } else { "" };
            let line = format!("{kind}{way} using {}", scan.index_name);
            let direction = if backward { "Backward" } else { "Forward" };
            let fields = vec![
                ("Scan Direction", direction.to_string()),
                ("Index Name", scan.index_name.clone()),
            ];
            relation(kind, &line, &scan.name, &scan.alias, fields)
        }
        NodeKind::FunctionScan(scan) => Title {
            kind: "Function Scan",
            line: format!("Function Scan on {}", scan.alias),
            fields: vec![("Alias", scan.alias.clone())],
        },
        NodeKind::Values(_) => Title {
            kind: "Values Scan",
            line: "Values Scan on \"*VALUES*\"".into(),
            fields: vec![("Alias", "*VALUES*".into())],
        },
        NodeKind::External(_) => plain("Foreign Scan"),
        NodeKind::Project(_) => plain("ProjectSet"),
        NodeKind::Filter(_) | NodeKind::With(_) => plain("Result"),
        NodeKind::NestedLoop(join) => joined("Nested Loop", "Nested Loop", join.kind, false),
        NodeKind::HashJoin(join) => joined("Hash Join", "Hash", join.kind, join.flipped),
        NodeKind::Aggregate(aggregate) => {
            let (line, strategy) = match aggregate.keys.is_empty() {
                true => ("Aggregate", "Plain"),
                false => ("HashAggregate", "Hashed"),
            };
            let fields = vec![("Strategy", strategy.to_string())];
            Title {
                kind: "Aggregate",
                line: line.into(),
                fields,
            }
        }
        NodeKind::Distinct(_) => Title {
            kind: "Aggregate",
            line: "HashAggregate".into(),
            fields: vec![("Strategy", "Hashed".into())],
        },
        NodeKind::Window(_) => plain("WindowAgg"),
        NodeKind::Sort(_) => plain("Sort"),
        NodeKind::Limit(_) => plain("Limit"),
        NodeKind::Append(_) => plain("Append"),
        NodeKind::SetOp(op) => {
            let command = match (op.kind, op.all) {
                (SetOpKind::Intersect, false) => "Intersect",
                (SetOpKind::Intersect, true) => "Intersect All",
                (_, false) => "Except",
                (_, true) => "Except All",
            };
            Title {
                kind: "SetOp",
                line: format!("HashSetOp {command}"),
                fields: vec![("Strategy", "Hashed".into()), ("Command", command.into())],
            }
        }
        NodeKind::CteScan(scan) => {
            let kind = if scan.working {
                "WorkTable Scan"
            } else {
                "CTE Scan"
            };
            Title {
                kind,
                line: on(kind, &scan.name, &scan.alias),
                fields: vec![
                    ("CTE Name", scan.name.clone()),
                    ("Alias", scan.alias.clone()),
                ],
            }
        }
        NodeKind::Recursive(_) => plain("Recursive Union"),
        NodeKind::Lock(_) => plain("LockRows"),
        NodeKind::Insert(node) => write("Insert", &node.rules.rules.table.name),
        NodeKind::Update(node) => write("Update", &node.rules.rules.table.name),
        NodeKind::Delete(node) => write("Delete", &node.rules.rules.table.name),
    }
}

fn on(what: &str, name: &str, alias: &str) -> String {
    if name == alias || alias.is_empty() {
        format!("{what} on {name}")
    } else {
        format!("{what} on {name} {alias}")
    }
}

fn relation(
    kind: &'static str,
    what: &str,
    name: &str,
    alias: &str,
    mut fields: Vec<(&'static str, String)>,
) -> Title {
    fields.push(("Relation Name", name.into()));
    fields.push((
        "Alias",
        if alias.is_empty() {
            name.into()
        } else {
            alias.into()
        },
    ));
    Title {
        kind,
        line: on(what, name, alias),
        fields,
    }
}

fn joined(kind: &'static str, line: &str, join: JoinKind, flipped: bool) -> Title {
    let name = match join {
        JoinKind::Inner => "Inner",
        JoinKind::Left => "Left",
        JoinKind::Right => "Right",
        JoinKind::Full => "Full",
        JoinKind::Semi if flipped => "Right Semi",
        JoinKind::Anti if flipped => "Right Anti",
        JoinKind::Semi => "Semi",
        JoinKind::Anti => "Anti",
    };
    let line = match (join, kind) {
        (JoinKind::Inner, _) => kind.to_string(),
        _ => format!("{line} {name} Join"),
    };
    Title {
        kind,
        line,
        fields: vec![("Join Type", name.into())],
    }
}

fn write(operation: &str, table: &str) -> Title {
    Title {
        kind: "ModifyTable",
        line: format!("{operation} on {table}"),
        fields: vec![
            ("Operation", operation.into()),
            ("Relation Name", table.into()),
            ("Alias", table.into()),
        ],
    }
}

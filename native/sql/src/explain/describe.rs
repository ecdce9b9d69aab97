//! The tree of nodes to show.

use super::ExplainOptions;
use super::expression::Names;
use super::title::{Title, title};
use crate::planner::physical::{
    Estimate, Node, NodeId, NodeKind, PhysicalPlan, Scalar, SetSource, SortSpec, SubplanUse,
};

/// One node as it is shown.
#[derive(Debug)]
pub struct Described {
    pub id: NodeId,
    pub title: Title,
    pub estimate: Estimate,
    pub properties: Vec<(&'static str, Value)>,
    pub children: Vec<Child>,
}

#[derive(Debug)]
pub enum Value {
    Text(String),
    List(Vec<String>),
}

/// A child and what it is to its parent.
#[derive(Debug)]
pub struct Child {
    /// PostgreSQL's "Parent Relationship".
    pub relationship: &'static str,
    /// The line above it: `CTE x`, `SubPlan 1`.
    pub label: Option<String>,
    pub node: Described,
}

struct Walk<'p> {
    plan: &'p PhysicalPlan,
    verbose: bool,
    /// Subplans shown so far, by index: the number they got.
    shown: Vec<usize>,
}

/// Describes the whole plan.
pub fn describe(plan: &PhysicalPlan, options: &ExplainOptions) -> Described {
    let mut walk = Walk {
        plan,
        verbose: options.verbose,
        shown: Vec::new(),
    };
    walk.node(&plan.root, Vec::new())
}

impl<'p> Walk<'p> {
    fn names<'n>(&self, inputs: &[&'n Node]) -> Names<'n>
    where
        'p: 'n,
    {
        let columns = inputs
            .iter()
            .flat_map(|node| node.columns.iter().copied())
            .collect();
        Names::new(self.plan, columns, self.verbose)
    }

    /// Describes a node; `filters` are conditions of invisible nodes above it.
    fn node(&mut self, node: &'p Node, mut filters: Vec<String>) -> Described {
        match &node.kind {
            // Projections belong to their input in PostgreSQL's trees, and so do filters.
            NodeKind::Project(project) if project.sets.is_empty() => {
                let mut inner = self.node(&project.input, filters);
                let scalars: Vec<&Scalar> = project.columns.iter().collect();
                self.subplans(&scalars, &mut inner);
                inner.estimate = node.estimate;
                inner
            }
            NodeKind::Filter(filter) => {
                let names = self.names(&[&filter.input]);
                filters.push(names.scalar(&filter.condition));
                let mut inner = self.node(&filter.input, filters);
                self.subplans(&[&filter.condition], &mut inner);
                inner.estimate = node.estimate;
                inner
            }
            NodeKind::With(with) => {
                let mut inner = self.node(&with.body, filters);
                let mut ctes = Vec::new();
                for cte in &with.ctes {
                    let definition = &self.plan.ctes[*cte];
                    ctes.push(Child {
                        relationship: "InitPlan",
                        label: Some(format!("CTE {}", definition.name)),
                        node: self.node(&definition.root, Vec::new()),
                    });
                }
                inner.children.splice(0..0, ctes);
                inner
            }
            _ => self.visible(node, filters),
        }
    }

    fn visible(&mut self, node: &'p Node, filters: Vec<String>) -> Described {
        let mut shown = Described {
            id: node.id,
            title: title(node),
            estimate: node.estimate,
            properties: Vec::new(),
            children: Vec::new(),
        };
        if self.verbose {
            let names = Names::new(self.plan, node.columns.clone(), true);
            let list = node
                .columns
                .iter()
                .map(|id| names.column(*id))
                .collect::<Vec<_>>();
            if !list.is_empty() {
                shown.properties.push(("Output", Value::List(list)));
            }
        }
        let mut scalars: Vec<&'p Scalar> = Vec::new();
        self.properties(node, &mut shown, &mut scalars);
        for filter in filters {
            shown.properties.push(("Filter", Value::Text(filter)));
        }
        self.subplans(&scalars, &mut shown);
        for (relationship, input) in inputs(node) {
            let mut child = self.node(input, Vec::new());
            if let (NodeKind::HashJoin(_), "Inner") = (&node.kind, relationship) {
                child = hashed(child);
            }
            shown.children.push(Child {
                relationship,
                label: None,
                node: child,
            });
        }
        shown
    }

    fn text(&self, key: &'static str, text: String, shown: &mut Described) {
        shown.properties.push((key, Value::Text(text)));
    }

    fn properties(&self, node: &'p Node, shown: &mut Described, scalars: &mut Vec<&'p Scalar>) {
        let own = self.names(&[node]);
        match &node.kind {
            NodeKind::TableScan(scan) => {
                if let Some(filter) = &scan.filter {
                    self.text("Filter", own.scalar(filter), shown);
                    scalars.push(filter);
                }
            }
            NodeKind::IndexScan(scan) => {
                for (key, condition) in [
                    ("Index Cond", &scan.index_condition),
                    ("Filter", &scan.filter),
                ] {
                    if let Some(condition) = condition {
                        self.text(key, own.scalar(condition), shown);
                        scalars.push(condition);
                    }
                }
            }
            NodeKind::Empty => self.text("One-Time Filter", "false".into(), shown),
            NodeKind::HashJoin(join) => {
                let (left, right) = (self.names(&[&join.left]), self.names(&[&join.right]));
                let pairs = join.left_keys.iter().zip(&join.right_keys);
                let pair = |(l, r)| format!("({} = {})", left.scalar(l), right.scalar(r));
                let conditions: Vec<String> = pairs.map(pair).collect();
                self.text("Hash Cond", conjunction(conditions), shown);
                if let Some(condition) = &join.condition {
                    let both = self.names(&[&join.left, &join.right]);
                    self.text("Join Filter", both.scalar(condition), shown);
                    scalars.push(condition);
                }
            }
            NodeKind::NestedLoop(join) => {
                if let Some(condition) = &join.condition {
                    let both = self.names(&[&join.left, &join.right]);
                    self.text("Join Filter", both.scalar(condition), shown);
                    scalars.push(condition);
                }
            }
            NodeKind::Aggregate(aggregate) => {
                let input = self.names(&[&aggregate.input]);
                for set in &aggregate.sets {
                    if set.is_empty() && aggregate.sets.len() == 1 {
                        continue;
                    }
                    let keys: Vec<String> = set
                        .iter()
                        .map(|at| input.scalar(&aggregate.keys[*at]))
                        .collect();
                    shown.properties.push(("Group Key", Value::List(keys)));
                }
                let calls = aggregate.calls.iter();
                scalars.extend(calls.flat_map(|call| call.args.iter().chain(&call.filter)));
                scalars.extend(&aggregate.keys);
            }
            NodeKind::Distinct(distinct) => {
                let input = self.names(&[&distinct.input]);
                let keys = distinct.keys.iter().map(|key| input.scalar(key)).collect();
                shown.properties.push(("Group Key", Value::List(keys)));
            }
            NodeKind::Sort(sort) => {
                let input = self.names(&[&sort.input]);
                let keys = sort
                    .keys
                    .iter()
                    .map(|spec| sort_key(&input, spec))
                    .collect();
                shown.properties.push(("Sort Key", Value::List(keys)));
            }
            NodeKind::Project(project) => {
                scalars.extend(&project.columns);
                for set in &project.sets {
                    match set {
                        SetSource::Set { args, .. } => scalars.extend(args),
                        SetSource::Scalar(scalar, _) => scalars.push(scalar),
                    }
                }
            }
            NodeKind::Values(values) => scalars.extend(values.rows.iter().flatten()),
            NodeKind::Update(update) => {
                scalars.extend(update.assignments.iter().map(|(_, scalar)| scalar));
            }
            NodeKind::Insert(insert) => {
                if let Some(conflict) = &insert.on_conflict {
                    let way = if conflict.update.is_some() {
                        "UPDATE"
                    } else {
                        "NOTHING"
                    };
                    self.text("Conflict Resolution", way.into(), shown);
                    let indexes = insert.rules.rules.indexes.iter();
                    let names: Vec<String> = indexes
                        .filter(|rule| conflict.arbiters.contains(&rule.index.oid))
                        .map(|rule| rule.index.name.clone())
                        .collect();
                    if !names.is_empty() {
                        shown
                            .properties
                            .push(("Conflict Arbiter Indexes", Value::List(names)));
                    }
                }
                scalars.extend(insert.values.iter().flatten());
            }
            _ => {}
        }
    }

    /// Adds the subplans that the expressions use as children, each once.
    fn subplans(&mut self, scalars: &[&'p Scalar], shown: &mut Described) {
        let mut found = Vec::new();
        for scalar in scalars {
            collect(scalar, &mut found);
        }
        let mut children = Vec::new();
        for (index, usage) in found {
            if self.shown.contains(&index) {
                continue;
            }
            self.shown.push(index);
            let def = &self.plan.subplans[index];
            let hashed = matches!(usage, SubplanUse::Compare { .. });
            let once = def.slots.is_empty() && !hashed;
            let number = index + 1;
            let (relationship, label) = match once {
                true => ("InitPlan", format!("InitPlan {number} (returns ${index})")),
                false => ("SubPlan", format!("SubPlan {number}")),
            };
            let node = self.node(&def.root, Vec::new());
            children.push(Child {
                relationship,
                label: Some(label),
                node,
            });
        }
        shown.children.splice(0..0, children);
    }
}

/// The node that fills a hash join's table: part of the join here, a node of its own in PostgreSQL.
fn hashed(inner: Described) -> Described {
    Described {
        id: inner.id,
        title: Title {
            kind: "Hash",
            line: "Hash".into(),
            fields: Vec::new(),
        },
        estimate: Estimate {
            startup: inner.estimate.total,
            ..inner.estimate
        },
        properties: Vec::new(),
        children: vec![Child {
            relationship: "Outer",
            label: None,
            node: inner,
        }],
    }
}

fn collect<'s>(scalar: &'s Scalar, found: &mut Vec<(usize, &'s SubplanUse)>) {
    if let Scalar::Subplan { index, usage, .. } = scalar {
        found.push((*index, usage));
    }
    scalar.for_each_operand(&mut |operand| collect(operand, found));
}

fn sort_key(names: &Names<'_>, spec: &SortSpec) -> String {
    let mut text = names.scalar(&spec.key);
    if spec.descending {
        text.push_str(" DESC");
    }
    if spec.nulls_first != spec.descending {
        text.push_str(if spec.nulls_first {
            " NULLS FIRST"
        } else {
            " NULLS LAST"
        });
    }
    text
}

fn conjunction(mut parts: Vec<String>) -> String {
    match parts.len() {
        1 => parts.remove(0),
        _ => format!("({})", parts.join(" AND ")),
    }
}

/// The inputs of a visible node.
fn inputs(node: &Node) -> Vec<(&'static str, &Node)> {
    match &node.kind {
        NodeKind::Project(node) => vec![("Outer", &node.input)],
        NodeKind::Filter(node) => vec![("Outer", &node.input)],
        NodeKind::NestedLoop(node) => vec![("Outer", &node.left), ("Inner", &node.right)],
        NodeKind::HashJoin(node) => vec![("Outer", &node.left), ("Inner", &node.right)],
        NodeKind::Aggregate(node) => vec![("Outer", &node.input)],
        NodeKind::Window(node) => vec![("Outer", &node.input)],
        NodeKind::Sort(node) => vec![("Outer", &node.input)],
        NodeKind::Limit(node) => vec![("Outer", &node.input)],
        NodeKind::Distinct(node) => vec![("Outer", &node.input)],
        NodeKind::Append(node) => node
            .inputs
            .iter()
            .map(|(node, _)| ("Member", node))
            .collect(),
        NodeKind::SetOp(node) => vec![("Outer", &node.left), ("Inner", &node.right)],
        NodeKind::Recursive(node) => vec![("Outer", &node.base), ("Inner", &node.step)],
        NodeKind::Lock(node) => vec![("Outer", &node.input)],
        NodeKind::Insert(node) => vec![("Outer", &node.source)],
        NodeKind::Update(node) => vec![("Outer", &node.source)],
        NodeKind::Delete(node) => vec![("Outer", &node.source)],
        NodeKind::With(node) => vec![("Outer", &node.body)],
        NodeKind::OneRow
        | NodeKind::Empty
        | NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::FunctionScan(_)
        | NodeKind::Values(_)
        | NodeKind::External(_)
        | NodeKind::CteScan(_) => Vec::new(),
    }
}

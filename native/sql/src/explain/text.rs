//! The text format.

use super::describe::{Child, Described, Value};
use super::{ExplainOptions, ExplainTimes};
use crate::executor::NodeCounters;

/// The lines of the answer.
pub fn lines(
    root: &Described,
    counters: Option<&[NodeCounters]>,
    options: &ExplainOptions,
    times: ExplainTimes,
) -> Vec<String> {
    let mut writer = Writer {
        lines: Vec::new(),
        counters,
        options,
    };
    writer.node(root, 0, "");
    let ms = |ns: u64| ns as f64 / 1e6;
    if options.summary || options.analyze {
        writer
            .lines
            .push(format!("Planning Time: {:.3} ms", ms(times.planning_ns)));
    }
    if options.analyze {
        writer
            .lines
            .push(format!("Execution Time: {:.3} ms", ms(times.execution_ns)));
    }
    writer.lines
}

struct Writer<'o> {
    lines: Vec<String>,
    counters: Option<&'o [NodeCounters]>,
    options: &'o ExplainOptions,
}

impl Writer<'_> {
    /// `indent`: columns before the node's line; its properties stand two further.
    fn node(&mut self, node: &Described, indent: usize, arrow: &str) {
        let mut line = format!("{}{arrow}{}", " ".repeat(indent), node.title.line);
        if self.options.costs {
            let e = &node.estimate;
            line.push_str(&format!(
                "  (cost={:.2}..{:.2} rows={:.0} width={})",
                e.startup, e.total, e.rows, e.width
            ));
        }
        if let Some(counters) = self.counters {
            line.push_str(&actual(&counters[node.id.0 as usize], self.options.timing));
        }
        self.lines.push(line);
        let inner = indent + arrow.len() + 2;
        let pad = " ".repeat(inner);
        for (key, value) in &node.properties {
            let value = match value {
                Value::Text(text) => text.clone(),
                Value::List(list) => list.join(", "),
            };
            self.lines.push(format!("{pad}{key}: {value}"));
        }
        if let Some(line) = self.spilled(node) {
            self.lines.push(format!("{pad}{line}"));
        }
        for child in &node.children {
            self.child(child, inner);
        }
    }

    /// What the node wrote to temporary files.
    fn spilled(&self, node: &Described) -> Option<String> {
        let spilled = self.counters?[node.id.0 as usize].spilled?;
        let kilobytes = spilled.disk_bytes.div_ceil(1024);
        match (spilled.disk_bytes, node.title.kind) {
            (0, _) | (_, "Hash") => None,
            (_, "Sort") => Some(format!("Sort Method: external merge  Disk: {kilobytes}kB")),
            _ => Some(format!(
                "Batches: {}  Disk Usage: {kilobytes}kB",
                spilled.batches
            )),
        }
    }

    fn child(&mut self, child: &Child, indent: usize) {
        match &child.label {
            Some(label) => {
                self.lines.push(format!("{}{label}", " ".repeat(indent)));
                self.node(&child.node, indent + 2, "->  ");
            }
            None => self.node(&child.node, indent, "->  "),
        }
    }
}

/// Times and rows are means of the runs, as PostgreSQL gives them.
fn actual(counters: &NodeCounters, timing: bool) -> String {
    if counters.loops == 0 {
        return " (never executed)".into();
    }
    let loops = counters.loops as f64;
    let rows = counters.rows as f64 / loops;
    if !timing {
        return format!(" (actual rows={rows:.0} loops={})", counters.loops);
    }
    let ms = |ns: u64| ns as f64 / 1e6;
    format!(
        " (actual time={:.3}..{:.3} rows={rows:.0} loops={})",
        ms(counters.startup_ns),
        ms(counters.total_ns) / loops,
        counters.loops
    )
}

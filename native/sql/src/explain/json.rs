//! The JSON format, with PostgreSQL's layout to the blank.

use super::describe::{Described, Value};
use super::{ExplainOptions, ExplainTimes};
use crate::executor::NodeCounters;

/// The whole document.
pub fn document(
    root: &Described,
    counters: Option<&[NodeCounters]>,
    options: &ExplainOptions,
    times: ExplainTimes,
) -> String {
    let mut writer = Writer {
        out: String::new(),
        counters,
        options,
    };
    writer.out.push_str("[\n  {\n    \"Plan\": ");
    writer.node(root, 4, None, None);
    let ms = |ns: u64| ns as f64 / 1e6;
    if options.summary || options.analyze {
        let line = format!(",\n    \"Planning Time\": {:.3}", ms(times.planning_ns));
        writer.out.push_str(&line);
    }
    if options.analyze {
        writer.out.push_str(",\n    \"Triggers\": [\n    ]");
        let line = format!(",\n    \"Execution Time\": {:.3}", ms(times.execution_ns));
        writer.out.push_str(&line);
    }
    writer.out.push_str("\n  }\n]");
    writer.out
}

struct Writer<'o> {
    out: String,
    counters: Option<&'o [NodeCounters]>,
    options: &'o ExplainOptions,
}

impl Writer<'_> {
    fn node(
        &mut self,
        node: &Described,
        indent: usize,
        relationship: Option<&str>,
        label: Option<&str>,
    ) {
        let mut fields: Vec<(&str, String)> = vec![("Node Type", quote(node.title.kind))];
        if let Some(relationship) = relationship {
            fields.push(("Parent Relationship", quote(relationship)));
        }
        if let Some(label) = label {
            fields.push(("Subplan Name", quote(label)));
        }
        fields.push(("Parallel Aware", "false".into()));
        fields.push(("Async Capable", "false".into()));
        fields.extend(
            node.title
                .fields
                .iter()
                .map(|(key, value)| (*key, quote(value))),
        );
        if self.options.costs {
            let e = &node.estimate;
            fields.push(("Startup Cost", format!("{:.2}", e.startup)));
            fields.push(("Total Cost", format!("{:.2}", e.total)));
            fields.push(("Plan Rows", format!("{:.0}", e.rows)));
            fields.push(("Plan Width", e.width.to_string()));
        }
        if let Some(counters) = self.counters {
            let own = &counters[node.id.0 as usize];
            spilled(own, node.title.kind, &mut fields);
            actual(own, self.options.timing, &mut fields);
        }
        for (key, value) in &node.properties {
            fields.push((
                *key,
                match value {
                    Value::Text(text) => quote(text),
                    Value::List(list) => {
                        let list: Vec<String> = list.iter().map(|text| quote(text)).collect();
                        format!("[{}]", list.join(", "))
                    }
                },
            ));
        }
        let pad = " ".repeat(indent + 2);
        let lines: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{pad}{}: {value}", quote(key)))
            .collect();
        self.out.push_str("{\n");
        self.out.push_str(&lines.join(",\n"));
        if !node.children.is_empty() {
            self.out.push_str(&format!(",\n{pad}\"Plans\": [\n"));
            for (at, child) in node.children.iter().enumerate() {
                if at > 0 {
                    self.out.push_str(",\n");
                }
                self.out.push_str(&" ".repeat(indent + 4));
                let relationship = Some(child.relationship);
                self.node(
                    &child.node,
                    indent + 4,
                    relationship,
                    child.label.as_deref(),
                );
            }
            self.out.push_str(&format!("\n{pad}]"));
        }
        self.out.push_str(&format!("\n{}}}", " ".repeat(indent)));
    }
}

fn actual(counters: &NodeCounters, timing: bool, fields: &mut Vec<(&str, String)>) {
    let loops = counters.loops.max(1) as f64;
    if timing {
        let ms = |ns: u64| ns as f64 / 1e6;
        fields.push((
            "Actual Startup Time",
            format!("{:.3}", ms(counters.startup_ns)),
        ));
        fields.push((
            "Actual Total Time",
            format!("{:.3}", ms(counters.total_ns) / loops),
        ));
    }
    fields.push((
        "Actual Rows",
        format!("{:.0}", counters.rows as f64 / loops),
    ));
    fields.push(("Actual Loops", counters.loops.to_string()));
}

/// What the node wrote to temporary files.
fn spilled(counters: &NodeCounters, kind: &str, fields: &mut Vec<(&str, String)>) {
    let Some(spilled) = counters.spilled.filter(|spilled| spilled.disk_bytes > 0) else {
        return;
    };
    let kilobytes = spilled.disk_bytes.div_ceil(1024).to_string();
    if kind == "Sort" {
        fields.push(("Sort Method", quote("external merge")));
        fields.push(("Sort Space Used", kilobytes));
        fields.push(("Sort Space Type", quote("Disk")));
        return;
    }
    let batches = match kind {
        "Aggregate" => "HashAgg Batches",
        _ => "Hash Batches",
    };
    fields.push((batches, spilled.batches.to_string()));
    fields.push(("Disk Usage", kilobytes));
}

fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

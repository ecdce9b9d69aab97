//! Names that the system chooses (`makeObjectName`, `ChooseRelationName`).

use super::builder::Builder;
use common::{ObjectId, limits};

/// `name1_name2_label`, the longer of the two names cut so that all fits an identifier.
pub(super) fn make_object_name(name1: &str, name2: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + name2.map_or(0, |_| 1);
    let room = limits::MAX_IDENTIFIER_BYTES.saturating_sub(overhead);
    let (mut len1, mut len2) = (name1.len(), name2.map_or(0, str::len));
    while len1 + len2 > room {
        if len1 > len2 { len1 -= 1 } else { len2 -= 1 }
    }
    let mut out = clip(name1, len1).to_owned();
    if let Some(name2) = name2 {
        out.push('_');
        out.push_str(clip(name2, len2));
    }
    out.push('_');
    out.push_str(label);
    out
}

/// At most `bytes` bytes, whole characters.
fn clip(name: &str, bytes: usize) -> &str {
    let mut end = bytes.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// Columns joined by `_`, as part of a name (`ChooseIndexNameAddition`).
pub(super) fn join_columns(columns: &[&str]) -> String {
    let mut out = String::new();
    for column in columns {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(clip(column, limits::MAX_IDENTIFIER_BYTES));
        if out.len() >= limits::MAX_IDENTIFIER_BYTES {
            break;
        }
    }
    out
}

impl Builder<'_> {
    /// A name for a relation that is free in the schema: with 1, 2, ... behind the label if need be.
    pub fn choose_relation_name(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        schema: ObjectId,
        constraint: bool,
    ) -> String {
        let taken = |name: &str| {
            self.catalog.relation_by_name(schema, name).is_some()
                || (constraint && self.constraint_exists(schema, name))
        };
        self.choose(name1, name2, label, taken)
    }

    /// A name for a constraint that no constraint in the schema has.
    pub fn choose_constraint_name(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        schema: ObjectId,
    ) -> String {
        self.choose(name1, name2, label, |name| {
            self.constraint_exists(schema, name)
        })
    }

    fn choose(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        taken: impl Fn(&str) -> bool,
    ) -> String {
        let first = make_object_name(name1, name2, label);
        if !taken(&first) {
            return first;
        }
        let numbered = |n: u32| make_object_name(name1, name2, &format!("{label}{n}"));
        (1..)
            .map(numbered)
            .find(|name| !taken(name))
            .expect("some number is free")
    }

    fn constraint_exists(&self, schema: ObjectId, name: &str) -> bool {
        self.catalog
            .constraints()
            .any(|c| c.schema == schema && c.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::make_object_name;

    #[test]
    fn long_names_are_cut_evenly() {
        assert_eq!(make_object_name("t", Some("a"), "key"), "t_a_key");
        let (long, longer) = ("x".repeat(60), "y".repeat(60));
        let name = make_object_name(&long, Some(&longer), "seq");
        assert_eq!(name.len(), 63);
        assert_eq!(name, format!("{}_{}_seq", &long[..29], &longer[..29]));
    }
}

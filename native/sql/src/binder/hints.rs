//! "Perhaps you meant": the hints of missing columns and tables.
//!
//! PostgreSQL's `searchRangeTableForCol` and `updateFuzzyAttrState`: every column of every relation
//! of the query, visible or not, by edit distance; the relation's name counts too where one was
//! written.

use super::scope::{Level, RelationNote};

/// The largest distance that is still suggested (`MAX_FUZZY_DISTANCE`).
const DISTANCE_MAX: usize = 3;

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

struct Fuzzy<'a> {
    distance: usize,
    first: Option<(&'a str, &'a str)>,
    second: Option<(&'a str, &'a str)>,
}

impl<'a> Fuzzy<'a> {
    fn offer(&mut self, penalty: usize, relation: &'a str, actual: &'a str, wanted: &str) {
        let mut found = distance(actual, wanted);
        // More than half the characters different is no match.
        if found > wanted.len() / 2 {
            return;
        }
        found += penalty;
        if found < self.distance {
            self.distance = found;
            self.first = Some((relation, actual));
            self.second = None;
        } else if found == self.distance {
            if self.second.is_some() {
                // Three equals are too many to name any; only something nearer will do.
                self.first = None;
                self.second = None;
                self.distance = found.saturating_sub(1);
            } else if self.first.is_some() {
                self.second = Some((relation, actual));
            } else if found <= DISTANCE_MAX {
                self.first = Some((relation, actual));
            }
        }
    }
}

/// The hint of `column "name" does not exist`, `table` where one was written.
pub(super) fn column_hint(levels: &[Level], table: Option<&str>, name: &str) -> Option<String> {
    let mut fuzzy = Fuzzy {
        distance: DISTANCE_MAX + 1,
        first: None,
        second: None,
    };
    for level in levels.iter().rev() {
        for note in &level.relations {
            let penalty = table.map_or(0, |t| distance(t, &note.alias).min(DISTANCE_MAX + 1));
            for column in &note.columns {
                if column == name && penalty == 0 {
                    return Some(format!(
                        "There is a column named \"{name}\" in table \"{}\", but it cannot be \
                         referenced from this part of the query.",
                        note.alias
                    ));
                }
                fuzzy.offer(penalty, &note.alias, column, name);
            }
        }
    }
    let (relation, column) = fuzzy.first?;
    Some(match fuzzy.second {
        None => format!("Perhaps you meant to reference the column \"{relation}.{column}\"."),
        Some((other, second)) => format!(
            "Perhaps you meant to reference the column \"{relation}.{column}\" or the column \
             \"{other}.{second}\"."
        ),
    })
}

/// The hint of a table name that FROM has, but not for this reference.
pub(super) fn relation_hint(levels: &[Level], name: &str) -> Option<String> {
    let notes = || levels.iter().rev().flat_map(|level| &level.relations);
    let hidden = |note: &&RelationNote| note.relation.as_deref() == Some(name);
    if let Some(note) = notes().find(hidden) {
        return Some(format!(
            "Perhaps you meant to reference the table alias \"{}\".",
            note.alias
        ));
    }
    if notes().any(|note| note.alias == name) {
        return Some(format!(
            "There is an entry for table \"{name}\", but it cannot be referenced from this part \
             of the query."
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(columns: &[&str]) -> Vec<Level> {
        let note = RelationNote {
            alias: "t".into(),
            relation: None,
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        };
        vec![Level {
            relations: vec![note],
            ..Level::default()
        }]
    }

    #[test]
    fn near_names_are_suggested() {
        let hint = column_hint(&level(&["name", "id"]), None, "nmae");
        assert_eq!(
            hint.as_deref(),
            Some("Perhaps you meant to reference the column \"t.name\".")
        );
        assert_eq!(column_hint(&level(&["name", "id"]), None, "zzzz"), None);
        assert_eq!(column_hint(&level(&["a1", "a2", "a3"]), None, "a4"), None);
    }
}

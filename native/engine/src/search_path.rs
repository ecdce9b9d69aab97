//! `search_path` as it resolves for a session in one version of the catalog.

use std::sync::Arc;

use catalog::{Catalog, OWN_TEMP_SCHEMA, oid as known};
use common::ObjectId;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct SearchPath {
    /// The schemas that the setting names, but for those that do not exist.
    pub listed: Arc<[ObjectId]>,
    /// Where a bare name is looked for, in order: the temporary schema and `pg_catalog` come first
    /// unless the setting names them.
    pub all: Arc<[ObjectId]>,
    /// The session's temporary schema, once it has one.
    pub temp: Option<ObjectId>,
    /// The first that the setting names is `pg_temp`, whether it exists yet or not.
    pub makes_temporary: bool,
}

impl SearchPath {
    /// `setting` is the value of `search_path`; `temp_name` that of the session's temporary schema.
    pub fn resolve(catalog: &Catalog, setting: &str, user: &str, temp_name: Option<&str>) -> Self {
        let temp = temp_name.and_then(|name| catalog.schema_by_name(name));
        let temp = temp.map(|schema| schema.oid);
        let (mut listed, mut makes_temporary) = (Vec::new(), false);
        for name in setting.split(',').map(str::trim) {
            let bare = match name {
                "\"$user\"" | "$user" => user,
                _ => name.trim_matches('"'),
            };
            if bare == OWN_TEMP_SCHEMA {
                makes_temporary |= listed.is_empty();
                listed.extend(temp);
            } else {
                listed.extend(catalog.schema_by_name(bare).map(|schema| schema.oid));
            }
        }
        let mut all = Vec::with_capacity(listed.len() + 2);
        all.extend(temp.filter(|schema| !listed.contains(schema)));
        if !listed.contains(&known::PG_CATALOG) {
            all.push(known::PG_CATALOG);
        }
        all.extend_from_slice(&listed);
        Self {
            listed: listed.into(),
            all: all.into(),
            temp,
            makes_temporary,
        }
    }

    /// The schema that a qualified name begins with.
    pub fn schema_named(&self, catalog: &Catalog, name: &str) -> Option<ObjectId> {
        match name {
            OWN_TEMP_SCHEMA => self.temp,
            other => catalog.schema_by_name(other).map(|schema| schema.oid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{CatalogChange, Schema, bootstrap, temp_schema_name};

    #[test]
    fn the_temporary_schema_comes_first_unless_it_is_listed() {
        let mut catalog = Catalog::default();
        catalog.apply(&bootstrap("u", "d"));
        catalog.apply(&[CatalogChange::put(Schema {
            oid: ObjectId(20000),
            name: temp_schema_name(1),
            ..Schema::default()
        })]);
        let own = temp_schema_name(1);
        let all = |setting: &str, temp_name: Option<&str>| {
            let path = SearchPath::resolve(&catalog, setting, "u", temp_name);
            (
                path.all.iter().map(|s| s.0).collect::<Vec<_>>(),
                path.makes_temporary,
            )
        };
        let (temp, system, public) = (20000, known::PG_CATALOG.0, known::PUBLIC.0);
        assert_eq!(
            all("\"$user\", public", None),
            (vec![system, public], false)
        );
        assert_eq!(
            all("public", Some(&own)),
            (vec![temp, system, public], false)
        );
        let last = all("public, pg_temp", Some(&own));
        assert_eq!(last, (vec![system, public, temp], false));
        assert_eq!(all("pg_temp, public", None), (vec![system, public], true));
    }
}

//! Names of objects for regclass and its kin.

use std::sync::Arc;

use catalog::{Catalog, Describer};
use common::{ObjectId, Result, err, sqlstate};
use types::{RegNames, TypeOid};

use crate::catalog_cell::CatalogCell;
use crate::catalog_functions::object_names;
use crate::search_path::SearchPath;

/// Names as a session sees them: by its search path, in the newest catalog or in its transaction's
/// own.
pub struct SessionNames {
    pub published: Arc<CatalogCell>,
    pub own: Option<Arc<Catalog>>,
    /// The setting's value.
    pub search_path: String,
    pub user: Arc<str>,
    /// The name of the session's temporary schema, once it has one.
    pub temp_schema: Option<Box<str>>,
}

impl SessionNames {
    fn catalog(&self) -> Arc<Catalog> {
        self.own.clone().unwrap_or_else(|| self.published.current())
    }

    fn path(&self, catalog: &Catalog) -> SearchPath {
        let temp_schema = self.temp_schema.as_deref();
        SearchPath::resolve(catalog, &self.search_path, &self.user, temp_schema)
    }
}

impl RegNames for SessionNames {
    fn name_of(&self, ty: TypeOid, oid: u32) -> Option<String> {
        let catalog = self.catalog();
        let path = self.path(&catalog);
        let describer = Describer {
            catalog: &catalog,
            path: &path.all,
        };
        let oid = ObjectId(oid);
        match ty {
            TypeOid::REGCLASS => {
                let known = catalog.relation(oid).is_some();
                known.then(|| describer.relation_name(oid))
            }
            TypeOid::REGTYPE => {
                let name = object_names::type_name(describer, oid, -1);
                Some(name).filter(|name| name != "???")
            }
            TypeOid::REGNAMESPACE => catalog.schema(oid).map(|schema| schema.name.clone()),
            TypeOid::REGROLE => catalog.role(oid).map(|role| role.name.clone()),
            TypeOid::REGPROC | TypeOid::REGPROCEDURE => object_names::function_name(oid.0),
            TypeOid::REGOPER => object_names::operator_name(oid.0).map(str::to_owned),
            _ => None,
        }
    }

    fn oid_of(&self, ty: TypeOid, name: &str) -> Result<u32> {
        let catalog = self.catalog();
        let path = self.path(&catalog);
        let describer = Describer {
            catalog: &catalog,
            path: &path.all,
        };
        let mut parts: Vec<String> = name
            .split('.')
            .map(|part| {
                match part
                    .strip_prefix('"')
                    .and_then(|part| part.strip_suffix('"'))
                {
                    Some(quoted) => quoted.replace("\"\"", "\""),
                    None => part.trim().to_lowercase(),
                }
            })
            .collect();
        let last = parts.pop().unwrap_or_default();
        let schemas: Vec<_> = match parts.pop() {
            Some(schema) => path.schema_named(&catalog, &schema).into_iter().collect(),
            None => path.all.to_vec(),
        };
        let found = match ty {
            TypeOid::REGCLASS => schemas
                .iter()
                .find_map(|schema| catalog.relation_by_name(*schema, &last))
                .map(|relation| relation.oid().0),
            TypeOid::REGTYPE => object_names::find_type(describer, name).map(|oid| oid.0),
            TypeOid::REGPROC => object_names::find_function(name),
            TypeOid::REGNAMESPACE => catalog.schema_by_name(&last).map(|schema| schema.oid.0),
            TypeOid::REGROLE => catalog.role_by_name(&last).map(|role| role.oid.0),
            _ => None,
        };
        found.ok_or_else(|| match ty {
            TypeOid::REGTYPE => {
                err!(sqlstate::UNDEFINED_OBJECT, "type \"{name}\" does not exist")
            }
            TypeOid::REGNAMESPACE => {
                err!(
                    sqlstate::INVALID_SCHEMA_NAME,
                    "schema \"{name}\" does not exist"
                )
            }
            TypeOid::REGROLE => {
                err!(sqlstate::UNDEFINED_OBJECT, "role \"{name}\" does not exist")
            }
            _ => err!(
                sqlstate::UNDEFINED_TABLE,
                "relation \"{name}\" does not exist"
            ),
        })
    }
}

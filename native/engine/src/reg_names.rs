//! Names of objects for regclass and its kin.

use std::sync::Arc;

use catalog::{Catalog, Describer};
use common::{Result, err, sqlstate};
use types::{RegNames, TypeOid};

use crate::catalog_cell::CatalogCell;
use crate::catalog_functions::object_names;

/// Looks into the newest published catalog.
pub struct CatalogNames(Arc<CatalogCell>);

impl CatalogNames {
    pub fn new(catalog: Arc<CatalogCell>) -> Self {
        Self(catalog)
    }
}

/// Names as they are without a session: `public` and `pg_catalog` need not be written.
fn describer(catalog: &Catalog) -> Describer<'_> {
    Describer {
        catalog,
        path: &[catalog::oid::PG_CATALOG, catalog::oid::PUBLIC],
    }
}

impl RegNames for CatalogNames {
    fn name_of(&self, ty: TypeOid, oid: u32) -> Option<String> {
        let catalog = self.0.current();
        let oid = common::ObjectId(oid);
        match ty {
            TypeOid::REGCLASS => catalog.relation(oid).map(|relation| {
                let name = parser::quote_identifier(relation.name());
                if relation.schema() == catalog::oid::PUBLIC
                    || relation.schema() == catalog::oid::PG_CATALOG
                {
                    return name;
                }
                match catalog.schema(relation.schema()) {
                    Some(schema) => {
                        format!("{}.{name}", parser::quote_identifier(&schema.name))
                    }
                    None => name,
                }
            }),
            TypeOid::REGTYPE => {
                let name = object_names::type_name(describer(&catalog), oid, -1);
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
        let catalog = self.0.current();
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
            Some(schema) => catalog
                .schema_by_name(&schema)
                .map(|s| s.oid)
                .into_iter()
                .collect(),
            None => vec![catalog::oid::PG_CATALOG, catalog::oid::PUBLIC],
        };
        let found = match ty {
            TypeOid::REGCLASS => schemas
                .iter()
                .find_map(|schema| catalog.relation_by_name(*schema, &last))
                .map(|relation| relation.oid().0),
            TypeOid::REGTYPE => object_names::find_type(describer(&catalog), name).map(|oid| oid.0),
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

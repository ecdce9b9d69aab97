//! `has_table_privilege` and its kin, `pg_has_role`.
//!
//! A superuser has every privilege; others what they, their roles and PUBLIC were granted, and
//! owners what they did not give away.

use catalog::{AclItem, Role, privilege};
use common::{ObjectId, Result, bail, err, sqlstate};
use types::Datum;

use super::arguments::Arguments;
use super::definitions::named_relation;
use crate::session::SessionFacts;

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    if name == "row_security_active" {
        return Ok(Datum::Bool(false));
    }
    if name == "pg_has_role" {
        return has_role(facts, args);
    }
    // The role comes first where it is given; a column's form has one argument more.
    let own = if name == "has_column_privilege" { 3 } else { 2 };
    let (user, at) = match args.len() > own {
        true => (role_of(facts, args, 0)?, 1),
        false => (current_role(facts), 0),
    };
    let wanted = parse_privileges(name, args.text(args.len() - 1))?;
    let Some((owner, acl, default)) = object(facts, name, args, at)? else {
        return Ok(Datum::Null);
    };
    let Some(user) = user else {
        return Ok(Datum::Bool(false));
    };
    if user.superuser {
        return Ok(Datum::Bool(true));
    }
    let held = held(facts, &user, owner, &acl, default);
    Ok(Datum::Bool(held & wanted != 0))
}

fn current_role(facts: &SessionFacts) -> Option<Role> {
    let user = facts.handle.activity().user;
    facts
        .catalog
        .role_by_name(&user)
        .map(|role| (**role).clone())
}

fn role_of(facts: &SessionFacts, args: Arguments<'_>, at: usize) -> Result<Option<Role>> {
    if !args.is_text(at) {
        return Ok(facts
            .catalog
            .role(args.oid(at))
            .map(|role| (**role).clone()));
    }
    let name = args.text(at);
    match facts.catalog.role_by_name(name) {
        Some(role) => Ok(Some((**role).clone())),
        None if name == "public" => Ok(None),
        None => bail!(sqlstate::UNDEFINED_OBJECT, "role \"{name}\" does not exist"),
    }
}

/// Roles that a role is a member of, itself first.
fn memberships(facts: &SessionFacts, role: ObjectId) -> Vec<ObjectId> {
    let mut list = vec![role];
    let mut at = 0;
    while at < list.len() {
        if let Some(role) = facts.catalog.role(list[at]) {
            for membership in &role.member_of {
                if !list.contains(&membership.role) {
                    list.push(membership.role);
                }
            }
        }
        at += 1;
    }
    list
}

fn has_role(facts: &SessionFacts, args: Arguments<'_>) -> Result<Datum> {
    let (user, at) = match args.len() {
        3 => (role_of(facts, args, 0)?, 1),
        _ => (current_role(facts), 0),
    };
    let Some(user) = user else {
        return Ok(Datum::Bool(false));
    };
    let wanted = match args.is_text(at) {
        true => role_of(facts, args, at)?.map(|role| role.oid),
        false => Some(args.oid(at)),
    };
    let is_member = wanted.is_some_and(|role| memberships(facts, user.oid).contains(&role));
    Ok(Datum::Bool(user.superuser || is_member))
}

/// Owner, privileges, and what PUBLIC has where none were granted.
type Rights = (ObjectId, Vec<AclItem>, u32);

fn object(
    facts: &SessionFacts,
    name: &str,
    args: Arguments<'_>,
    at: usize,
) -> Result<Option<Rights>> {
    let catalog = &facts.catalog;
    Ok(match name {
        "has_schema_privilege" => {
            let schema = match args.is_text(at) {
                true => Some(catalog.schema_by_name(args.text(at)).ok_or_else(|| {
                    let name = args.text(at);
                    err!(
                        sqlstate::INVALID_SCHEMA_NAME,
                        "schema \"{name}\" does not exist"
                    )
                })?),
                false => catalog.schema(args.oid(at)),
            };
            schema.map(|schema| (schema.owner, schema.acl.clone(), 0))
        }
        "has_database_privilege" => {
            let database = match args.is_text(at) {
                true => catalog.databases().find(|d| d.name == args.text(at)),
                false => catalog.database(args.oid(at)),
            };
            let default = privilege::CONNECT | privilege::TEMPORARY;
            database.map(|database| (database.owner, database.acl.clone(), default))
        }
        "has_type_privilege" => Some((catalog::oid::SUPERUSER, Vec::new(), privilege::USAGE)),
        "has_function_privilege" => Some((catalog::oid::SUPERUSER, Vec::new(), privilege::EXECUTE)),
        _ => {
            let relation = match args.is_text(at) {
                true => Some(named_relation(facts, args.text(at))?),
                false => catalog.relation(args.oid(at)),
            };
            match relation {
                Some(catalog::Relation::Table(table)) => Some((table.owner, table.acl.clone(), 0)),
                Some(catalog::Relation::Sequence(sequence)) => {
                    Some((sequence.owner, sequence.acl.clone(), 0))
                }
                Some(catalog::Relation::Index(index)) => catalog
                    .table(index.table)
                    .map(|table| (table.owner, table.acl.clone(), 0)),
                None => None,
            }
        }
    })
}

fn held(facts: &SessionFacts, user: &Role, owner: ObjectId, acl: &[AclItem], default: u32) -> u32 {
    let roles = memberships(facts, user.oid);
    if acl.is_empty() {
        return if roles.contains(&owner) {
            u32::MAX
        } else {
            default
        };
    }
    let items = acl
        .iter()
        .filter(|item| item.grantee.0 == 0 || roles.contains(&item.grantee));
    items.fold(0, |held, item| held | item.privileges)
}

/// `SELECT, UPDATE WITH GRANT OPTION`, without case: one of them is enough.
fn parse_privileges(function: &str, text: &str) -> Result<u32> {
    let mut wanted = 0;
    for word in text.split(',') {
        let upper = word.trim().to_ascii_uppercase();
        let bare = upper
            .strip_suffix(" WITH GRANT OPTION")
            .unwrap_or(&upper)
            .trim();
        wanted |= match (bare, function) {
            ("SELECT", _) => privilege::SELECT,
            ("INSERT", _) => privilege::INSERT,
            ("UPDATE", _) => privilege::UPDATE,
            ("DELETE", _) => privilege::DELETE,
            ("TRUNCATE", _) => privilege::TRUNCATE,
            ("REFERENCES", _) => privilege::REFERENCES,
            ("TRIGGER", _) => privilege::TRIGGER,
            ("EXECUTE", _) => privilege::EXECUTE,
            ("USAGE", _) => privilege::USAGE,
            ("CREATE", _) => privilege::CREATE,
            ("TEMPORARY" | "TEMP", _) => privilege::TEMPORARY,
            ("CONNECT", _) => privilege::CONNECT,
            _ => bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "unrecognized privilege type: \"{}\"",
                word.trim()
            ),
        };
    }
    Ok(wanted)
}

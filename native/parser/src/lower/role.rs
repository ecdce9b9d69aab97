//! Roles and privileges.

use common::Result;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::object::{object_kind, object_name};
use super::{Lower, strings, text, unexpected, untyped};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn create_role(&mut self, node: &nodes::CreateRoleStmt) -> Result<Statement> {
        Ok(Statement::CreateRole(CreateRole {
            name: text(node.role()),
            kind: match node.stmt_type {
                raw::RoleStmtType::ROLESTMT_USER => RoleKind::User,
                raw::RoleStmtType::ROLESTMT_GROUP => RoleKind::Group,
                _ => RoleKind::Role,
            },
            options: self.options(untyped(node.options()))?,
        }))
    }

    /// `ALTER GROUP .. ADD USER` arrives here too, and is the grant it stands for.
    pub(super) fn alter_role(&mut self, node: &nodes::AlterRoleStmt) -> Result<Statement> {
        let role = required_role(node.role())?;
        let options = self.options(untyped(node.options()))?;
        if let (
            [
                UtilityOption {
                    name,
                    value: OptionValue::Roles(members),
                    ..
                },
            ],
            RoleSpec::Name(group),
        ) = (options.as_slice(), &role)
            && name == "rolemembers"
        {
            return Ok(Statement::GrantRole(GrantRole {
                is_grant: node.action > 0,
                roles: vec![group.clone()],
                members: members.clone(),
                admin_option: false,
                granted_by: None,
                cascade: false,
            }));
        }
        Ok(Statement::AlterRole(AlterRole { role, options }))
    }

    pub(super) fn alter_role_set(&mut self, node: &nodes::AlterRoleSetStmt) -> Result<Statement> {
        Ok(Statement::AlterRoleSet {
            role: node.role().map(role_spec),
            database: node.database().map(str::to_owned),
            set: self.set(node.setstmt())?,
        })
    }

    pub(super) fn grant(&mut self, node: &nodes::GrantStmt) -> Result<Statement> {
        let tag = if node.is_grant { "GRANT" } else { "REVOKE" };
        let all_in_schema = match node.targtype {
            raw::GrantTargetType::ACL_TARGET_OBJECT => false,
            raw::GrantTargetType::ACL_TARGET_ALL_IN_SCHEMA => true,
            _ => {
                return Ok(Statement::Unsupported {
                    what: "ALTER DEFAULT PRIVILEGES",
                    tag,
                });
            }
        };
        // The claim that these are relations is not kept: schemas and databases are strings.
        let list = untyped(node.objects());
        let Some(objects) = list.iter().map(object_name).collect::<Option<Vec<_>>>() else {
            return Ok(Statement::Unsupported {
                what: "GRANT on a function",
                tag,
            });
        };
        let mut privileges = Vec::with_capacity(node.privileges().len());
        for privilege in untyped(node.privileges()) {
            let Node::AccessPriv(privilege) = privilege else {
                return Err(unexpected("privilege"));
            };
            privileges.push(Privilege {
                name: privilege.priv_name().map(str::to_owned),
                columns: strings(untyped(privilege.cols())),
            });
        }
        Ok(Statement::Grant(Box::new(Grant {
            is_grant: node.is_grant,
            kind: object_kind(node.objtype),
            all_in_schema,
            objects,
            privileges,
            grantees: role_specs(untyped(node.grantees()))?,
            grant_option: node.grant_option,
            granted_by: node.grantor().map(role_spec),
            cascade: node.behavior == raw::DropBehavior::DROP_CASCADE,
        })))
    }

    pub(super) fn grant_role(&mut self, node: &nodes::GrantRoleStmt) -> Result<Statement> {
        let mut roles = Vec::with_capacity(node.granted_roles().len());
        for role in node.granted_roles() {
            let Node::AccessPriv(role) = role else {
                return Err(unexpected("role"));
            };
            roles.push(text(role.priv_name()));
        }
        let options = self.options(node.opt())?;
        let what = "GRANT ... WITH INHERIT or SET";
        let tag = if node.is_grant {
            "GRANT ROLE"
        } else {
            "REVOKE ROLE"
        };
        if options.iter().any(|option| option.name != "admin") {
            return Ok(Statement::Unsupported { what, tag });
        }
        Ok(Statement::GrantRole(GrantRole {
            is_grant: node.is_grant,
            roles,
            members: role_specs(node.grantee_roles())?,
            // REVOKE ADMIN OPTION FOR sets the option to false.
            admin_option: match options.first() {
                Some(option) => !node.is_grant || option.value.as_bool().unwrap_or(true),
                None => false,
            },
            granted_by: node.grantor().map(role_spec),
            cascade: node.behavior == raw::DropBehavior::DROP_CASCADE,
        }))
    }
}

pub(super) fn role_spec(node: &nodes::RoleSpec) -> RoleSpec {
    match node.roletype {
        raw::RoleSpecType::ROLESPEC_CURRENT_ROLE => RoleSpec::CurrentRole,
        raw::RoleSpecType::ROLESPEC_CURRENT_USER => RoleSpec::CurrentUser,
        raw::RoleSpecType::ROLESPEC_SESSION_USER => RoleSpec::SessionUser,
        raw::RoleSpecType::ROLESPEC_PUBLIC => RoleSpec::Public,
        _ => RoleSpec::Name(text(node.rolename())),
    }
}

pub(super) fn required_role(node: Option<&nodes::RoleSpec>) -> Result<RoleSpec> {
    node.map(role_spec).ok_or_else(|| super::missing("role"))
}

pub(super) fn role_specs(list: &NodeList) -> Result<Vec<RoleSpec>> {
    let mut roles = Vec::with_capacity(list.len());
    for role in list {
        let Node::RoleSpec(role) = role else {
            return Err(unexpected("role"));
        };
        roles.push(role_spec(role));
    }
    Ok(roles)
}

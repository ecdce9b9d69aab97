//! Kinds and names of objects, and the statements that only name them.

use common::Result;
use pg_raw_parse::{Node, nodes, raw};

use super::role::required_role;
use super::unsupported::unsupported_object;
use super::{Lower, at, missing, strings, text, untyped};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn drop(&mut self, node: &nodes::DropStmt) -> Result<Statement> {
        let kind = object_kind(node.remove_type);
        let names = node
            .objects()
            .iter()
            .map(object_name)
            .collect::<Option<Vec<_>>>();
        let Some(names) = names else {
            return Ok(unsupported_object("DROP", kind));
        };
        Ok(Statement::Drop(Drop {
            kind,
            names,
            if_exists: node.missing_ok,
            cascade: node.behavior == raw::DropBehavior::DROP_CASCADE,
            concurrently: node.concurrent,
        }))
    }

    pub(super) fn rename(&mut self, node: &nodes::RenameStmt) -> Result<Statement> {
        let kind = object_kind(node.rename_type);
        let is_part = matches!(
            kind,
            ObjectKind::Column
                | ObjectKind::Attribute
                | ObjectKind::TableConstraint
                | ObjectKind::DomainConstraint
                | ObjectKind::Trigger
                | ObjectKind::Rule
                | ObjectKind::Policy
        );
        let name = match (node.relation(), node.object(), node.subname()) {
            (Some(var), ..) => self.relation_name(Some(var))?,
            (None, Node::None, Some(name)) => RelationName {
                name: name.to_owned(),
                ..RelationName::default()
            },
            (None, object, _) => match object_name(object) {
                Some(name) => relation_of(&name),
                None => return Ok(unsupported_object("ALTER", kind)),
            },
        };
        Ok(Statement::Rename(Box::new(Rename {
            kind,
            relation_kind: match kind {
                ObjectKind::Column | ObjectKind::Attribute => object_kind(node.relation_type),
                ObjectKind::TableConstraint => ObjectKind::Table,
                ObjectKind::DomainConstraint => ObjectKind::Domain,
                kind => kind,
            },
            name,
            only: node.relation().is_some_and(|var| !var.inh),
            part: if is_part {
                node.subname().map(str::to_owned)
            } else {
                None
            },
            new_name: text(node.newname()),
            if_exists: node.missing_ok,
        })))
    }

    pub(super) fn set_schema(&mut self, node: &nodes::AlterObjectSchemaStmt) -> Result<Statement> {
        let kind = object_kind(node.object_type);
        let name = match node.relation() {
            Some(var) => self.relation_name(Some(var))?,
            None => match object_name(node.object()) {
                Some(name) => relation_of(&name),
                None => return Ok(unsupported_object("ALTER", kind)),
            },
        };
        Ok(Statement::AlterSchemaOf(AlterSchemaOf {
            kind,
            name,
            new_schema: text(node.newschema()),
            if_exists: node.missing_ok,
        }))
    }

    pub(super) fn alter_owner(&mut self, node: &nodes::AlterOwnerStmt) -> Result<Statement> {
        let kind = object_kind(node.object_type);
        let name = match node.relation() {
            Some(var) => object_name(Node::RangeVar(var)),
            None => object_name(node.object()),
        };
        let Some(name) = name else {
            return Ok(unsupported_object("ALTER", kind));
        };
        let new_owner = required_role(node.newowner())?;
        Ok(Statement::AlterOwner(AlterOwner {
            kind,
            name,
            new_owner,
        }))
    }

    pub(super) fn comment(&mut self, node: &nodes::CommentStmt) -> Result<Statement> {
        let kind = object_kind(node.objtype);
        let Some(name) = object_name(node.object()) else {
            return Ok(Statement::Unsupported {
                what: "COMMENT ON an object of this kind",
                tag: "COMMENT",
            });
        };
        let text = node.comment().map(str::to_owned);
        Ok(Statement::Comment(Comment { kind, name, text }))
    }

    pub(super) fn drop_database(&mut self, node: &nodes::DropdbStmt) -> Result<Statement> {
        let options = self.options(node.options())?;
        Ok(Statement::DropDatabase(DropDatabase {
            name: text(node.dbname()),
            if_exists: node.missing_ok,
            force: options.iter().any(|option| option.name == "force"),
        }))
    }
}

/// The dotted name a node is; `None` where more than a name identifies the object.
pub(super) fn object_name(node: Node<'_>) -> Option<QualifiedName> {
    let (parts, location) = match node {
        Node::String(name) => (vec![text(name.sval())], -1),
        Node::NodeList(list) => {
            let parts = strings(list);
            (parts, if list.is_empty() { return None } else { -1 })
        }
        Node::TypeName(name) => (strings(untyped(name.names())), name.location),
        Node::RangeVar(var) => {
            let parts = [var.catalogname(), var.schemaname(), var.relname()];
            (
                parts.into_iter().flatten().map(str::to_owned).collect(),
                var.location,
            )
        }
        _ => return None,
    };
    if let Node::NodeList(list) = node
        && list.len() != parts.len()
    {
        return None;
    }
    Some(QualifiedName {
        parts,
        location: at(location),
    })
}

fn relation_of(name: &QualifiedName) -> RelationName {
    let mut parts = name.parts.iter().rev().cloned();
    RelationName {
        name: parts.next().unwrap_or_default(),
        schema: parts.next(),
        database: parts.next(),
        location: name.location,
    }
}

/// The relation a part of which is named, as `missing` names it in an error.
pub(super) fn required<T>(value: Option<T>, what: &str) -> Result<T> {
    value.ok_or_else(|| missing(what))
}

pub(super) fn object_kind(kind: raw::ObjectType::Type) -> ObjectKind {
    use ObjectKind::*;
    use raw::ObjectType::*;
    match kind {
        OBJECT_ACCESS_METHOD => AccessMethod,
        OBJECT_AGGREGATE => Aggregate,
        OBJECT_ATTRIBUTE => Attribute,
        OBJECT_CAST => Cast,
        OBJECT_COLUMN => Column,
        OBJECT_COLLATION => Collation,
        OBJECT_CONVERSION => Conversion,
        OBJECT_DATABASE => Database,
        OBJECT_DOMAIN => Domain,
        OBJECT_DOMCONSTRAINT => DomainConstraint,
        OBJECT_EVENT_TRIGGER => EventTrigger,
        OBJECT_EXTENSION => Extension,
        OBJECT_FDW => ForeignDataWrapper,
        OBJECT_FOREIGN_SERVER => ForeignServer,
        OBJECT_FOREIGN_TABLE => ForeignTable,
        OBJECT_FUNCTION => Function,
        OBJECT_INDEX => Index,
        OBJECT_LANGUAGE => Language,
        OBJECT_LARGEOBJECT => LargeObject,
        OBJECT_MATVIEW => MaterializedView,
        OBJECT_OPCLASS => OperatorClass,
        OBJECT_OPERATOR => Operator,
        OBJECT_OPFAMILY => OperatorFamily,
        OBJECT_POLICY => Policy,
        OBJECT_PROCEDURE => Procedure,
        OBJECT_PUBLICATION => Publication,
        OBJECT_ROLE => Role,
        OBJECT_ROUTINE => Routine,
        OBJECT_RULE => Rule,
        OBJECT_SCHEMA => Schema,
        OBJECT_SEQUENCE => Sequence,
        OBJECT_SUBSCRIPTION => Subscription,
        OBJECT_STATISTIC_EXT => Statistics,
        OBJECT_TABCONSTRAINT => TableConstraint,
        OBJECT_TABLE => Table,
        OBJECT_TABLESPACE => Tablespace,
        OBJECT_TRANSFORM => Transform,
        OBJECT_TRIGGER => Trigger,
        OBJECT_TSCONFIGURATION => TextSearchConfiguration,
        OBJECT_TSDICTIONARY => TextSearchDictionary,
        OBJECT_TSPARSER => TextSearchParser,
        OBJECT_TSTEMPLATE => TextSearchTemplate,
        OBJECT_TYPE => Type,
        OBJECT_USER_MAPPING => UserMapping,
        OBJECT_VIEW => View,
        _ => Other,
    }
}

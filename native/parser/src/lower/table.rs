//! CREATE TABLE, CREATE TABLE AS and ALTER TABLE.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::object::{object_kind, required};
use super::role::required_role;
use super::{
    Lower, at, missing, optional_qualified, persistence, present, strings, text, unexpected,
};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn create_table(&mut self, node: &nodes::CreateStmt) -> Result<Statement> {
        let unsupported = |what| {
            Ok(Statement::Unsupported {
                what,
                tag: "CREATE TABLE",
            })
        };
        if node.partbound().is_some() {
            return unsupported("CREATE TABLE ... PARTITION OF");
        }
        if node.partspec().is_some() {
            return unsupported("CREATE TABLE ... PARTITION BY");
        }
        if !node.inh_relations().is_empty() {
            return unsupported("CREATE TABLE ... INHERITS");
        }
        if node.of_typename().is_some() {
            return unsupported("CREATE TABLE ... OF");
        }
        Ok(Statement::CreateTable(Box::new(CreateTable {
            name: self.relation_name(node.relation())?,
            persistence: persistence(node.relation()),
            if_not_exists: node.if_not_exists,
            elements: self.table_elements(node.table_elts())?,
            options: self.options(node.options())?,
            on_commit: on_commit(node.oncommit),
            tablespace: node.tablespacename().map(str::to_owned),
            access_method: node.access_method().map(str::to_owned),
        })))
    }

    fn table_elements(&mut self, list: &NodeList) -> Result<Vec<TableElement>> {
        let mut elements = Vec::with_capacity(list.len());
        for element in list {
            elements.push(match element {
                Node::ColumnDef(column) => TableElement::Column(self.column_def(column)?),
                Node::Constraint(node) => TableElement::Constraint(self.constraint(node)?),
                Node::TableLikeClause(like) => TableElement::Like(LikeClause {
                    table: self.relation_name(like.relation())?,
                    including: like_options(like.options),
                }),
                _ => return Err(unexpected("element of a table")),
            });
        }
        Ok(elements)
    }

    pub(super) fn column_def(&mut self, node: &nodes::ColumnDef) -> Result<ColumnDef> {
        Ok(ColumnDef {
            name: text(node.colname()),
            type_name: self.type_name(node.type_name())?,
            collation: node
                .coll_clause()
                .and_then(|c| optional_qualified(c.collname())),
            constraints: self.column_constraints(node.constraints())?,
            storage: node.storage_name().map(str::to_owned),
            compression: node.compression().map(str::to_owned),
            location: at(node.location),
        })
    }

    pub(super) fn create_table_as(&mut self, node: &nodes::CreateTableAsStmt) -> Result<Statement> {
        let into = node.into().ok_or_else(|| missing("target table"))?;
        let query = self.statement(node.query())?;
        let mut create = self.target_table(into, query)?;
        create.materialized_view = object_kind(node.objtype) == ObjectKind::MaterializedView;
        create.if_not_exists = node.if_not_exists;
        Ok(Statement::CreateTableAs(Box::new(create)))
    }

    /// The table that INTO names, filled by `query`.
    pub(super) fn target_table(
        &mut self,
        into: &nodes::IntoClause,
        query: Statement,
    ) -> Result<CreateTableAs> {
        Ok(CreateTableAs {
            name: self.relation_name(into.rel())?,
            persistence: persistence(into.rel()),
            materialized_view: false,
            if_not_exists: false,
            columns: strings(into.col_names()),
            options: self.options(into.options())?,
            on_commit: on_commit(into.on_commit),
            tablespace: into.table_space_name().map(str::to_owned),
            access_method: into.access_method().map(str::to_owned),
            query: Box::new(query),
            no_data: into.skip_data,
            select_into: false,
        })
    }

    pub(super) fn alter_table(&mut self, node: &nodes::AlterTableStmt) -> Result<Statement> {
        let kind = object_kind(node.objtype);
        if matches!(kind, ObjectKind::Type | ObjectKind::ForeignTable) {
            return Ok(super::unsupported::unsupported_object("ALTER", kind));
        }
        let mut commands = Vec::with_capacity(node.cmds().len());
        for command in node.cmds() {
            let Node::AlterTableCmd(command) = command else {
                return Err(unexpected("command of ALTER TABLE"));
            };
            commands.push(self.alter_command(command)?);
        }
        Ok(Statement::AlterTable(Box::new(AlterTable {
            kind,
            name: self.relation_name(node.relation())?,
            only: node.relation().is_some_and(|var| !var.inh),
            if_exists: node.missing_ok,
            commands,
        })))
    }

    fn alter_command(&mut self, node: &nodes::AlterTableCmd) -> Result<AlterTableCommand> {
        use AlterTableCommand as Command;
        use raw::AlterTableType::*;
        let name = || text(node.name());
        let if_exists = node.missing_ok;
        let cascade = node.behavior == raw::DropBehavior::DROP_CASCADE;
        Ok(match node.subtype {
            AT_AddColumn => Command::AddColumn {
                column: Box::new(self.column_def(column_node(node.def())?)?),
                if_not_exists: node.missing_ok,
            },
            AT_DropColumn => Command::DropColumn {
                name: name(),
                if_exists,
                cascade,
            },
            AT_ColumnDefault => match present(node.def()) {
                Some(expr) => Command::SetDefault {
                    column: name(),
                    expr: self.expr(expr)?,
                },
                None => Command::DropDefault { column: name() },
            },
            AT_SetNotNull => Command::SetNotNull { column: name() },
            AT_DropNotNull => Command::DropNotNull { column: name() },
            AT_AlterColumnType => self.alter_type(name(), column_node(node.def())?)?,
            AT_DropExpression => Command::DropExpression {
                column: name(),
                if_exists,
            },
            AT_AddConstraint => {
                let Node::Constraint(constraint) = node.def() else {
                    return Err(missing("constraint"));
                };
                Command::AddConstraint(Box::new(self.constraint(constraint)?))
            }
            AT_AlterConstraint => self.alter_constraint(node.def())?,
            AT_ValidateConstraint => Command::ValidateConstraint { name: name() },
            AT_DropConstraint => Command::DropConstraint {
                name: name(),
                if_exists,
                cascade,
            },
            AT_ChangeOwner => Command::OwnerTo(required_role(node.newowner())?),
            AT_ClusterOn => Command::ClusterOn { index: name() },
            AT_DropCluster => Command::SetWithoutCluster,
            AT_SetLogged => Command::SetLogged,
            AT_SetUnLogged => Command::SetUnlogged,
            AT_DropOids => Command::SetWithoutOids,
            AT_SetTableSpace => Command::SetTablespace(name()),
            AT_SetAccessMethod => Command::SetAccessMethod(node.name().map(str::to_owned)),
            AT_SetRelOptions => Command::SetOptions(self.option_list(node.def())?),
            AT_ResetRelOptions => Command::ResetOptions(self.option_list(node.def())?),
            AT_EnableRowSecurity => Command::RowSecurity { enable: true },
            AT_DisableRowSecurity => Command::RowSecurity { enable: false },
            AT_ForceRowSecurity => Command::ForceRowSecurity { force: true },
            AT_NoForceRowSecurity => Command::ForceRowSecurity { force: false },
            _ => self.alter_column_detail(node)?,
        })
    }

    /// The rarer commands: identity, statistics, storage, replica identity.
    fn alter_column_detail(&mut self, node: &nodes::AlterTableCmd) -> Result<AlterTableCommand> {
        use AlterTableCommand as Command;
        use raw::AlterTableType::*;
        let column = text(node.name());
        Ok(match node.subtype {
            AT_AddIdentity => {
                let Node::Constraint(constraint) = node.def() else {
                    return Err(missing("identity"));
                };
                let always = constraint.generated_when as u8 == b'a';
                let options = self.sequence_options(constraint.options())?;
                Command::AddIdentity {
                    column,
                    always,
                    options,
                }
            }
            AT_SetIdentity => self.set_identity(column, node.def())?,
            AT_DropIdentity => Command::DropIdentity {
                column,
                if_exists: node.missing_ok,
            },
            AT_SetStatistics => Command::SetStatistics {
                column: node.name().map(str::to_owned),
                column_number: (node.num > 0).then_some(node.num),
                target: match node.def() {
                    Node::Integer(target) => target.ival,
                    _ => -1,
                },
            },
            AT_SetStorage => Command::SetStorage {
                column,
                storage: string_of(node.def()),
            },
            AT_SetCompression => Command::SetCompression {
                column,
                method: string_of(node.def()),
            },
            AT_SetOptions => Command::SetColumnOptions {
                column,
                options: self.option_list(node.def())?,
            },
            AT_ResetOptions => Command::ResetColumnOptions {
                column,
                options: self.option_list(node.def())?,
            },
            AT_ReplicaIdentity => {
                let Node::ReplicaIdentityStmt(identity) = node.def() else {
                    return Err(missing("replica identity"));
                };
                Command::ReplicaIdentity(match identity.identity_type as u8 {
                    b'f' => ReplicaIdentity::Full,
                    b'n' => ReplicaIdentity::Nothing,
                    b'i' => ReplicaIdentity::Index(text(identity.name())),
                    _ => ReplicaIdentity::Default,
                })
            }
            subtype => Command::Unsupported {
                what: unsupported_command(subtype),
            },
        })
    }

    fn alter_type(&mut self, column: String, def: &nodes::ColumnDef) -> Result<AlterTableCommand> {
        Ok(AlterTableCommand::AlterType {
            column,
            type_name: self.type_name(def.type_name())?,
            collation: def
                .coll_clause()
                .and_then(|c| optional_qualified(c.collname())),
            using: self.optional_expr(def.raw_default())?,
            location: at(def.location),
        })
    }

    fn alter_constraint(&mut self, def: Node<'_>) -> Result<AlterTableCommand> {
        let Node::ATAlterConstraint(def) = def else {
            return Err(missing("constraint"));
        };
        if !def.alter_deferrability {
            let what = "ALTER CONSTRAINT other than its deferrability";
            return Ok(AlterTableCommand::Unsupported { what });
        }
        Ok(AlterTableCommand::AlterConstraint {
            name: text(def.conname()),
            deferrable: def.deferrable,
            initially_deferred: def.initdeferred,
        })
    }

    /// `SET GENERATED ..` comes as an option among those of the sequence.
    fn set_identity(&mut self, column: String, def: Node<'_>) -> Result<AlterTableCommand> {
        let list = required(def.as_node_list(), "options of an identity")?;
        let (mut always, mut options) = (None, Vec::new());
        for option in list {
            let Node::DefElem(option) = option else {
                return Err(unexpected("option"));
            };
            if option.defname() == Some("generated") {
                let Node::Integer(when) = option.arg() else {
                    return Err(unexpected("option"));
                };
                if always.replace(when.ival == i32::from(b'a')).is_some() {
                    let message = "conflicting or redundant options";
                    return Err(self.error(option.location, sqlstate::SYNTAX_ERROR, message));
                }
            } else {
                options.push(self.one_sequence_option(option)?);
            }
        }
        Ok(AlterTableCommand::SetIdentity {
            column,
            always,
            options,
        })
    }

    fn option_list(&mut self, def: Node<'_>) -> Result<Vec<UtilityOption>> {
        self.options(required(def.as_node_list(), "options")?)
    }
}

fn column_node(node: Node<'_>) -> Result<&nodes::ColumnDef> {
    match node {
        Node::ColumnDef(column) => Ok(column),
        _ => Err(missing("column")),
    }
}

/// A missing word is DEFAULT.
fn string_of(node: Node<'_>) -> String {
    node.as_str().unwrap_or("default").to_owned()
}

pub(super) fn on_commit(action: raw::OnCommitAction::Type) -> OnCommit {
    match action {
        raw::OnCommitAction::ONCOMMIT_PRESERVE_ROWS => OnCommit::PreserveRows,
        raw::OnCommitAction::ONCOMMIT_DELETE_ROWS => OnCommit::DeleteRows,
        raw::OnCommitAction::ONCOMMIT_DROP => OnCommit::Drop,
        _ => OnCommit::Default,
    }
}

fn like_options(bits: u32) -> LikeOptions {
    let has = |bit: u32| bits & (1 << bit) != 0;
    LikeOptions {
        comments: has(0),
        compression: has(1),
        constraints: has(2),
        defaults: has(3),
        generated: has(4),
        identity: has(5),
        indexes: has(6),
        statistics: has(7),
        storage: has(8),
    }
}

fn unsupported_command(subtype: raw::AlterTableType::Type) -> &'static str {
    use raw::AlterTableType::*;
    match subtype {
        AT_SetExpression => "ALTER COLUMN ... SET EXPRESSION",
        AT_EnableTrig | AT_EnableAlwaysTrig | AT_EnableReplicaTrig | AT_EnableTrigAll
        | AT_EnableTrigUser => "ENABLE TRIGGER",
        AT_DisableTrig | AT_DisableTrigAll | AT_DisableTrigUser => "DISABLE TRIGGER",
        AT_EnableRule | AT_EnableAlwaysRule | AT_EnableReplicaRule => "ENABLE RULE",
        AT_DisableRule => "DISABLE RULE",
        AT_AddInherit => "INHERIT",
        AT_DropInherit => "NO INHERIT",
        AT_AddOf | AT_DropOf => "ALTER TABLE ... OF",
        AT_AttachPartition => "ATTACH PARTITION",
        AT_DetachPartition | AT_DetachPartitionFinalize => "DETACH PARTITION",
        AT_GenericOptions | AT_AlterColumnGenericOptions => "ALTER TABLE ... OPTIONS",
        _ => "this form of ALTER TABLE",
    }
}

//! Sessions, transactions, cursors and maintenance.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::literal::literal;
use super::query::leftmost_into;
use super::{Lower, at, missing, strings, text, unexpected, untyped};
use crate::ast::*;

/// The bits of a cursor's options (PostgreSQL's `CURSOR_OPT_*`).
mod cursor_bits {
    pub const BINARY: i32 = 0x1;
    pub const SCROLL: i32 = 0x2;
    pub const NO_SCROLL: i32 = 0x4;
    pub const INSENSITIVE: i32 = 0x8;
    pub const ASENSITIVE: i32 = 0x10;
    pub const HOLD: i32 = 0x20;
}

impl Lower<'_> {
    pub(super) fn transaction(&mut self, node: &nodes::TransactionStmt) -> Result<Statement> {
        use raw::TransactionStmtKind::*;
        let savepoint = || text(node.savepoint_name());
        let gid = || text(node.gid());
        Ok(Statement::Transaction(match node.kind {
            TRANS_STMT_BEGIN | TRANS_STMT_START => Transaction::Begin {
                modes: self.transaction_modes(node.options())?,
                start: node.kind == TRANS_STMT_START,
            },
            TRANS_STMT_COMMIT => Transaction::Commit { chain: node.chain },
            TRANS_STMT_ROLLBACK => Transaction::Rollback { chain: node.chain },
            TRANS_STMT_SAVEPOINT => Transaction::Savepoint(savepoint()),
            TRANS_STMT_RELEASE => Transaction::Release(savepoint()),
            TRANS_STMT_ROLLBACK_TO => Transaction::RollbackTo(savepoint()),
            TRANS_STMT_PREPARE => Transaction::Prepare(gid()),
            TRANS_STMT_COMMIT_PREPARED => Transaction::CommitPrepared(gid()),
            TRANS_STMT_ROLLBACK_PREPARED => Transaction::RollbackPrepared(gid()),
            _ => return Err(unexpected("transaction statement")),
        }))
    }

    pub(super) fn set_or_unsupported(
        &mut self,
        node: &nodes::VariableSetStmt,
    ) -> Result<Statement> {
        self.set(Some(node)).map(Statement::Set)
    }

    pub(super) fn set(&mut self, node: Option<&nodes::VariableSetStmt>) -> Result<Set> {
        use raw::VariableSetKind::*;
        let node = node.ok_or_else(|| missing("SET clause"))?;
        let name = text(node.name());
        let action = match node.kind {
            VAR_SET_VALUE => SetAction::Value {
                name,
                values: self.set_values(node.args())?,
            },
            VAR_SET_DEFAULT => SetAction::Default { name },
            VAR_SET_CURRENT => SetAction::FromCurrent { name },
            VAR_SET_MULTI => match name.as_str() {
                "TRANSACTION" => SetAction::Transaction(self.transaction_modes(node.args())?),
                "SESSION CHARACTERISTICS" => {
                    SetAction::SessionCharacteristics(self.transaction_modes(node.args())?)
                }
                "TRANSACTION SNAPSHOT" => match node.args().first() {
                    Some(Node::A_Const(id)) => SetAction::Snapshot(constant_text(id)?),
                    _ => return Err(unexpected("snapshot")),
                },
                _ => return Err(unexpected("SET")),
            },
            VAR_RESET => SetAction::Reset { name },
            VAR_RESET_ALL => SetAction::ResetAll,
            _ => return Err(unexpected("SET")),
        };
        Ok(Set {
            local: node.is_local,
            action,
        })
    }

    fn set_values(&mut self, list: &NodeList) -> Result<Vec<SetValue>> {
        let mut values = Vec::with_capacity(list.len());
        for value in list {
            values.push(match value {
                Node::A_Const(value) => SetValue::Const(literal(value)?),
                Node::TypeCast(cast) => interval_value(cast)?,
                _ => return Err(unexpected("value of SET")),
            });
        }
        Ok(values)
    }

    pub(super) fn prepare(&mut self, node: &nodes::PrepareStmt) -> Result<Statement> {
        let list = untyped(node.argtypes());
        let mut param_types = Vec::with_capacity(list.len());
        for name in list {
            let Node::TypeName(name) = name else {
                return Err(unexpected("type"));
            };
            param_types.push(self.type_name(Some(name))?);
        }
        Ok(Statement::Prepare(Prepare {
            name: text(node.name()),
            param_types,
            statement: Box::new(self.statement(node.query())?),
        }))
    }

    pub(super) fn execute(&mut self, node: &nodes::ExecuteStmt) -> Result<Statement> {
        let params = self.exprs(node.params())?;
        Ok(Statement::Execute(Execute {
            name: text(node.name()),
            params,
        }))
    }

    pub(super) fn declare_cursor(&mut self, node: &nodes::DeclareCursorStmt) -> Result<Statement> {
        use cursor_bits::*;
        let has = |bit: i32| node.options & bit != 0;
        let fail = |message: &str| {
            Err(common::Error::new(
                sqlstate::INVALID_CURSOR_DEFINITION,
                message,
            ))
        };
        if has(SCROLL) && has(NO_SCROLL) {
            return fail("cannot specify both SCROLL and NO SCROLL");
        }
        if has(ASENSITIVE) && has(INSENSITIVE) {
            return fail("cannot specify both INSENSITIVE and ASENSITIVE");
        }
        if let Node::SelectStmt(query) = node.query()
            && let Some(into) = leftmost_into(query)
        {
            let location = into.rel().map_or(-1, |rel| rel.location);
            let message = "SELECT ... INTO is not allowed here";
            return Err(self.error(location, sqlstate::SYNTAX_ERROR, message));
        }
        let either = |yes, no| {
            if has(yes) {
                Some(true)
            } else {
                has(no).then_some(false)
            }
        };
        Ok(Statement::DeclareCursor(DeclareCursor {
            name: text(node.portalname()),
            binary: has(BINARY),
            scroll: either(SCROLL, NO_SCROLL),
            insensitive: either(INSENSITIVE, ASENSITIVE),
            hold: has(HOLD),
            query: Box::new(self.statement(node.query())?),
        }))
    }

    pub(super) fn fetch(&self, node: &nodes::FetchStmt) -> Statement {
        Statement::Fetch(Fetch {
            cursor: text(node.portalname()),
            direction: match node.direction {
                raw::FetchDirection::FETCH_BACKWARD => FetchDirection::Backward,
                raw::FetchDirection::FETCH_ABSOLUTE => FetchDirection::Absolute,
                raw::FetchDirection::FETCH_RELATIVE => FetchDirection::Relative,
                _ => FetchDirection::Forward,
            },
            count: fetch_count(node.how_many),
            is_move: node.ismove,
        })
    }

    pub(super) fn vacuum(&mut self, node: &nodes::VacuumStmt) -> Result<Statement> {
        let list = untyped(node.rels());
        let mut relations = Vec::with_capacity(list.len());
        for relation in list {
            let Node::VacuumRelation(relation) = relation else {
                return Err(unexpected("table"));
            };
            relations.push(VacuumRelation {
                table: self.relation_name(relation.relation())?,
                only: relation.relation().is_some_and(|var| !var.inh),
                columns: strings(relation.va_cols()),
            });
        }
        Ok(Statement::Vacuum(Vacuum {
            is_analyze: !node.is_vacuumcmd,
            options: self.options(untyped(node.options()))?,
            relations,
        }))
    }

    pub(super) fn lock_table(&mut self, node: &nodes::LockStmt) -> Result<Statement> {
        use TableLockMode::*;
        Ok(Statement::LockTable(LockTable {
            relations: self.table_refs(node.relations())?,
            mode: match node.mode {
                1 => AccessShare,
                2 => RowShare,
                3 => RowExclusive,
                4 => ShareUpdateExclusive,
                5 => Share,
                6 => ShareRowExclusive,
                7 => Exclusive,
                8 => AccessExclusive,
                _ => return Err(unexpected("lock mode")),
            },
            nowait: node.nowait,
        }))
    }

    pub(super) fn discard(&self, node: &nodes::DiscardStmt) -> Statement {
        Statement::Discard(match node.target {
            raw::DiscardMode::DISCARD_PLANS => Discard::Plans,
            raw::DiscardMode::DISCARD_SEQUENCES => Discard::Sequences,
            raw::DiscardMode::DISCARD_TEMP => Discard::Temp,
            _ => Discard::All,
        })
    }

    pub(super) fn call_procedure(&mut self, node: &nodes::CallStmt) -> Result<Statement> {
        let call = node.funccall().ok_or_else(|| missing("procedure"))?;
        let location = at(call.location);
        Ok(Statement::Call(Box::new(Call {
            call: self.call(call)?,
            location,
        })))
    }

    pub(super) fn reindex(&mut self, node: &nodes::ReindexStmt) -> Result<Statement> {
        use raw::ReindexObjectType::*;
        let name = || node.name().map(str::to_owned);
        Ok(Statement::Reindex(Reindex {
            target: match node.kind {
                REINDEX_OBJECT_INDEX => ReindexTarget::Index(self.relation_name(node.relation())?),
                REINDEX_OBJECT_TABLE => ReindexTarget::Table(self.relation_name(node.relation())?),
                REINDEX_OBJECT_SCHEMA => ReindexTarget::Schema(name().unwrap_or_default()),
                REINDEX_OBJECT_SYSTEM => ReindexTarget::System(name()),
                REINDEX_OBJECT_DATABASE => ReindexTarget::Database(name()),
                _ => return Err(unexpected("target of REINDEX")),
            },
            options: self.options(untyped(node.params()))?,
        }))
    }

    pub(super) fn cluster(&mut self, node: &nodes::ClusterStmt) -> Result<Statement> {
        Ok(Statement::Cluster(Cluster {
            table: node
                .relation()
                .map(|var| self.relation_name(Some(var)))
                .transpose()?,
            index: node.indexname().map(str::to_owned),
            options: self.options(untyped(node.params()))?,
        }))
    }

    pub(super) fn set_constraints(
        &mut self,
        node: &nodes::ConstraintsSetStmt,
    ) -> Result<Statement> {
        let mut constraints = Vec::with_capacity(node.constraints().len());
        for name in node.constraints() {
            let Node::RangeVar(var) = name else {
                return Err(unexpected("constraint"));
            };
            constraints.push(self.relation_name(Some(var))?);
        }
        Ok(Statement::SetConstraints(SetConstraints {
            constraints,
            deferred: node.deferred,
        }))
    }
}

/// A C `long`, whose width differs between platforms, as its greatest value for ALL does.
#[allow(
    clippy::useless_conversion,
    reason = "where `long` has 64 bits already"
)]
fn fetch_count(count: std::ffi::c_long) -> i64 {
    if count == std::ffi::c_long::MAX {
        FETCH_ALL
    } else {
        count.into()
    }
}

/// `SET TIME ZONE INTERVAL '..' ..`.
fn interval_value(cast: &nodes::TypeCast) -> Result<SetValue> {
    let Node::A_Const(value) = cast.arg() else {
        return Err(unexpected("value of SET"));
    };
    let name = cast.type_name().ok_or_else(|| missing("type"))?;
    let mut typmods = Vec::with_capacity(name.typmods().len());
    for typmod in name.typmods() {
        let Node::A_Const(typmod) = typmod else {
            return Err(unexpected("value of SET"));
        };
        let Literal::Int(bits) = literal(typmod)? else {
            return Err(unexpected("value of SET"));
        };
        typmods.push(bits);
    }
    Ok(SetValue::Interval {
        text: constant_text(value)?,
        typmods,
    })
}

fn constant_text(node: &nodes::A_Const) -> Result<String> {
    match literal(node)? {
        Literal::String(value) => Ok(value),
        _ => Err(unexpected("constant")),
    }
}

//! Lists of options: `WITH (..)`, COPY, EXPLAIN, sequences, transactions.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes};

use super::literal::{literal, number};
use super::role::{role_spec, role_specs};
use super::{Lower, at, missing, present, qualified, strings, text, unexpected};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn options(&mut self, list: &NodeList) -> Result<Vec<UtilityOption>> {
        let mut options = Vec::with_capacity(list.len());
        for option in list {
            let Node::DefElem(option) = option else {
                return Err(unexpected("option"));
            };
            options.push(UtilityOption {
                namespace: option.defnamespace().map(str::to_owned),
                name: text(option.defname()),
                value: self.option_value(option.arg())?,
                location: at(option.location),
            });
        }
        Ok(options)
    }

    fn option_value(&mut self, node: Node<'_>) -> Result<OptionValue> {
        Ok(match node {
            Node::None => OptionValue::None,
            Node::Boolean(value) => OptionValue::Bool(value.boolval),
            Node::Integer(value) => OptionValue::Int(value.ival),
            Node::Float(value) => OptionValue::Number(text(value.fval())),
            Node::String(value) => OptionValue::String(text(value.sval())),
            Node::A_Star(_) => OptionValue::Star,
            Node::TypeName(name) => OptionValue::Type(self.type_name(Some(name))?),
            Node::RoleSpec(role) => OptionValue::Role(role_spec(role)),
            Node::NodeList(list) if matches!(list.first(), Some(Node::RoleSpec(_))) => {
                OptionValue::Roles(role_specs(list)?)
            }
            Node::NodeList(list) => OptionValue::List(strings(list)),
            Node::A_Const(value) => match literal(value)? {
                Literal::Null => OptionValue::Null,
                Literal::Bool(value) => OptionValue::Bool(value),
                Literal::Int(value) => OptionValue::Int(value),
                Literal::Number(digits) => OptionValue::Number(digits),
                Literal::String(value) | Literal::BitString(value) => OptionValue::String(value),
            },
            _ => return Err(unexpected("option value")),
        })
    }

    pub(super) fn sequence_options(&mut self, list: &NodeList) -> Result<Vec<SequenceOption>> {
        let mut options = Vec::with_capacity(list.len());
        for option in list {
            let Node::DefElem(option) = option else {
                return Err(unexpected("option"));
            };
            options.push(self.one_sequence_option(option)?);
        }
        Ok(options)
    }

    pub(super) fn one_sequence_option(&mut self, node: &nodes::DefElem) -> Result<SequenceOption> {
        let kind = self.sequence_option(node)?;
        Ok(SequenceOption {
            kind,
            location: at(node.location),
        })
    }

    fn sequence_option(&mut self, option: &nodes::DefElem) -> Result<SequenceOptionKind> {
        use SequenceOptionKind::*;
        let arg = option.arg();
        let required = || number(arg).ok_or_else(|| missing("number of an option"));
        let optional = || present(arg).map(|_| required()).transpose();
        Ok(match option.defname().unwrap_or_default() {
            "as" => match arg {
                Node::TypeName(name) => As(self.type_name(Some(name))?),
                _ => return Err(missing("type of a sequence")),
            },
            "increment" => Increment(required()?),
            "minvalue" => MinValue(optional()?),
            "maxvalue" => MaxValue(optional()?),
            "start" => Start(required()?),
            "restart" => Restart(optional()?),
            "cache" => Cache(required()?),
            "cycle" => Cycle(matches!(arg, Node::Boolean(value) if value.boolval)),
            "logged" => Logged(true),
            "unlogged" => Logged(false),
            "sequence_name" => SequenceName(dotted(arg, option.location)?),
            "owned_by" => {
                let owner = dotted(arg, option.location)?;
                OwnedBy(Some(owner).filter(|owner| owner.parts != ["none"]))
            }
            other => {
                let message = format!("option \"{other}\" not recognized");
                return Err(self.error(option.location, sqlstate::SYNTAX_ERROR, message));
            }
        })
    }

    /// The modes of BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS.
    pub(super) fn transaction_modes(&self, list: &NodeList) -> Result<TransactionModes> {
        let mut modes = TransactionModes::default();
        for option in list {
            let Node::DefElem(option) = option else {
                return Err(unexpected("mode"));
            };
            let Node::A_Const(value) = option.arg() else {
                return Err(unexpected("mode"));
            };
            let value = literal(value)?;
            let is_on = matches!(value, Literal::Int(1) | Literal::Bool(true));
            match option.defname().unwrap_or_default() {
                "transaction_isolation" => modes.isolation = Some(isolation(&value)?),
                "transaction_read_only" => modes.read_only = Some(is_on),
                "transaction_deferrable" => modes.deferrable = Some(is_on),
                _ => return Err(unexpected("transaction mode")),
            }
        }
        Ok(modes)
    }
}

fn isolation(value: &Literal) -> Result<IsolationLevel> {
    match value {
        Literal::String(level) => match level.as_str() {
            "read uncommitted" => Ok(IsolationLevel::ReadUncommitted),
            "read committed" => Ok(IsolationLevel::ReadCommitted),
            "repeatable read" => Ok(IsolationLevel::RepeatableRead),
            "serializable" => Ok(IsolationLevel::Serializable),
            _ => Err(unexpected("isolation level")),
        },
        _ => Err(unexpected("isolation level")),
    }
}

fn dotted(node: Node<'_>, location: i32) -> Result<QualifiedName> {
    let list = node
        .as_node_list()
        .ok_or_else(|| missing("name of an option"))?;
    Ok(qualified(list, location))
}

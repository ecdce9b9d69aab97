//! Constants.

use common::Result;
use pg_raw_parse::{ConstValue, Node, nodes};

use super::{Lower, unexpected};
use crate::ast::{ExprKind, Literal};

impl Lower<'_> {
    pub(super) fn constant(&self, node: &nodes::A_Const) -> Result<ExprKind> {
        literal(node).map(ExprKind::Const)
    }
}

/// The value of a constant node.
pub(super) fn literal(node: &nodes::A_Const) -> Result<Literal> {
    Ok(match node.val() {
        None => Literal::Null,
        Some(ConstValue::Integer(value)) => Literal::Int(value),
        Some(ConstValue::Float(digits)) => Literal::Number(digits.to_owned()),
        Some(ConstValue::Boolean(value)) => Literal::Bool(value),
        Some(ConstValue::String(value)) => Literal::String(value.to_owned()),
        Some(ConstValue::BitString(digits)) => Literal::BitString(digits.to_owned()),
        Some(_) => return Err(unexpected("constant")),
    })
}

/// The text of a bare or constant number node, with its sign.
pub(super) fn number(node: Node<'_>) -> Option<String> {
    match node {
        Node::Integer(value) => Some(value.ival.to_string()),
        Node::Float(value) => value.fval().map(str::to_owned),
        Node::A_Const(value) => match literal(value).ok()? {
            Literal::Int(value) => Some(value.to_string()),
            Literal::Number(digits) => Some(digits),
            _ => None,
        },
        _ => None,
    }
}

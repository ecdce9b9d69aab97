//! Constants.

use common::{Result, sqlstate};
use pg_raw_parse::{ConstValue, Node, nodes};

use super::{Lower, unexpected};
use crate::ast::{ExprKind, Literal};

impl Lower<'_> {
    pub(super) fn constant(&self, node: &nodes::A_Const) -> Result<ExprKind> {
        let literal = literal(node)?;
        if matches!(literal, Literal::Int(_) | Literal::Number(_)) {
            self.refuse_new_digits(node.location)?;
        }
        Ok(ExprKind::Const(literal))
    }

    /// The grammar is newer than the dialect: `0x1F`, `0o7`, `0b1` and `1_000` are still errors.
    fn refuse_new_digits(&self, location: i32) -> Result<()> {
        let start = usize::try_from(location).unwrap_or(usize::MAX);
        let written = self.sql.get(start..).unwrap_or_default();
        // A sign belongs to the constant.
        let digits = written.trim_start_matches(|c: char| c == '-' || c.is_ascii_whitespace());
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
        let token = &digits[..digits.bytes().take_while(is_part).count()];
        let has_radix = matches!(
            token.as_bytes(),
            [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]
        );
        let is_new = has_radix || token.contains('_');
        if !is_new || !token.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Ok(());
        }
        let message = format!("trailing junk after numeric literal at or near \"{token}\"");
        let location = i32::try_from(start + (written.len() - digits.len())).unwrap_or(location);
        Err(self.error(location, sqlstate::SYNTAX_ERROR, message))
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

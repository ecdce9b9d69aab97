//! Constraints of columns and tables.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::{Lower, at, missing, strings, unexpected};
use crate::ast::*;

/// What was said about the constraint that attributes currently follow.
#[derive(Default)]
struct SawAttributes {
    deferrability: bool,
    initially: bool,
}

impl Lower<'_> {
    /// The constraints of one column, with attributes folded into what they follow.
    pub(super) fn column_constraints(&mut self, list: &NodeList) -> Result<Vec<Constraint>> {
        let mut constraints: Vec<Constraint> = Vec::with_capacity(list.len());
        let mut saw = SawAttributes::default();
        for node in list {
            let Node::Constraint(node) = node else {
                return Err(unexpected("constraint"));
            };
            if is_enforcement(node.contype) {
                return Err(self.not_implemented(node.location, "ENFORCED"));
            }
            if let Some(attribute) = Attribute::of(node.contype) {
                self.apply(attribute, node.location, constraints.last_mut(), &mut saw)?;
            } else {
                constraints.push(self.constraint(node)?);
                saw = SawAttributes::default();
            }
        }
        Ok(constraints)
    }

    /// As PostgreSQL's `transformConstraintAttrs`.
    fn apply(
        &self,
        attribute: Attribute,
        location: i32,
        last: Option<&mut Constraint>,
        saw: &mut SawAttributes,
    ) -> Result<()> {
        let fail = |message: &str| Err(self.error(location, sqlstate::SYNTAX_ERROR, message));
        let Some(last) = last.filter(|last| last.takes_attributes()) else {
            return fail(&format!("misplaced {} clause", attribute.words()));
        };
        let seen = if attribute.is_initially() {
            &mut saw.initially
        } else {
            &mut saw.deferrability
        };
        if std::mem::replace(seen, true) {
            return fail(if attribute.is_initially() {
                "multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed"
            } else {
                "multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed"
            });
        }
        match attribute {
            Attribute::Deferrable => last.deferrable = true,
            Attribute::NotDeferrable => last.deferrable = false,
            Attribute::Immediate => last.initially_deferred = false,
            Attribute::Deferred => {
                last.initially_deferred = true;
                last.deferrable |= !saw.deferrability;
            }
        }
        if last.initially_deferred && !last.deferrable {
            return fail("constraint declared INITIALLY DEFERRED must be DEFERRABLE");
        }
        Ok(())
    }

    pub(super) fn constraint(&mut self, node: &nodes::Constraint) -> Result<Constraint> {
        let kind = self.constraint_kind(node)?;
        let can_be_unenforced = matches!(
            kind,
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_)
        );
        if can_be_unenforced && !node.is_enforced {
            return Err(self.not_implemented(node.location, "NOT ENFORCED"));
        }
        Ok(Constraint {
            name: node.conname().map(str::to_owned),
            kind,
            deferrable: node.deferrable,
            initially_deferred: node.initdeferred,
            not_valid: node.skip_validation,
            no_inherit: node.is_no_inherit,
            location: at(node.location),
        })
    }

    fn constraint_kind(&mut self, node: &nodes::Constraint) -> Result<ConstraintKind> {
        use raw::ConstrType::*;
        Ok(match node.contype {
            CONSTR_NULL => ConstraintKind::Null,
            CONSTR_NOTNULL => ConstraintKind::NotNull {
                columns: strings(node.keys()),
            },
            CONSTR_DEFAULT => ConstraintKind::Default(self.expr(node.raw_expr())?),
            CONSTR_IDENTITY => ConstraintKind::Identity {
                always: node.generated_when as u8 == b'a',
                options: self.sequence_options(node.options())?,
            },
            CONSTR_GENERATED => ConstraintKind::Generated {
                expr: self.expr(node.raw_expr())?,
                stored: node.generated_kind as u8 == b's',
            },
            CONSTR_CHECK => ConstraintKind::Check(self.expr(node.raw_expr())?),
            CONSTR_PRIMARY => ConstraintKind::PrimaryKey(Box::new(self.key(node)?)),
            CONSTR_UNIQUE => ConstraintKind::Unique(Box::new(self.key(node)?)),
            CONSTR_FOREIGN => ConstraintKind::ForeignKey(Box::new(self.foreign_key(node)?)),
            CONSTR_EXCLUSION => return Err(self.not_implemented(node.location, "EXCLUDE")),
            _ => return Err(unexpected("constraint")),
        })
    }

    fn key(&mut self, node: &nodes::Constraint) -> Result<KeyConstraint> {
        if node.without_overlaps {
            return Err(self.not_implemented(node.location, "WITHOUT OVERLAPS"));
        }
        Ok(KeyConstraint {
            columns: strings(node.keys()),
            include: strings(node.including()),
            nulls_not_distinct: node.nulls_not_distinct,
            options: self.options(node.options())?,
            tablespace: node.indexspace().map(str::to_owned),
            using_index: node.indexname().map(str::to_owned),
        })
    }

    fn foreign_key(&mut self, node: &nodes::Constraint) -> Result<ForeignKey> {
        if node.fk_with_period || node.pk_with_period {
            return Err(self.not_implemented(node.location, "PERIOD"));
        }
        Ok(ForeignKey {
            columns: strings(node.fk_attrs()),
            ref_table: self.relation_name(Some(
                node.pktable().ok_or_else(|| missing("referenced table"))?,
            ))?,
            ref_columns: strings(node.pk_attrs()),
            match_type: match node.fk_matchtype as u8 {
                b'f' => MatchType::Full,
                b'p' => MatchType::Partial,
                _ => MatchType::Simple,
            },
            on_update: referential_action(node.fk_upd_action as u8),
            on_delete: referential_action(node.fk_del_action as u8),
            on_delete_columns: strings(node.fk_del_set_cols()),
        })
    }
}

#[derive(Clone, Copy)]
enum Attribute {
    Deferrable,
    NotDeferrable,
    Deferred,
    Immediate,
}

impl Attribute {
    fn of(contype: raw::ConstrType::Type) -> Option<Self> {
        use raw::ConstrType::*;
        Some(match contype {
            CONSTR_ATTR_DEFERRABLE => Self::Deferrable,
            CONSTR_ATTR_NOT_DEFERRABLE => Self::NotDeferrable,
            CONSTR_ATTR_DEFERRED => Self::Deferred,
            CONSTR_ATTR_IMMEDIATE => Self::Immediate,
            _ => return None,
        })
    }

    fn is_initially(self) -> bool {
        matches!(self, Self::Deferred | Self::Immediate)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Deferrable => "DEFERRABLE",
            Self::NotDeferrable => "NOT DEFERRABLE",
            Self::Deferred => "INITIALLY DEFERRED",
            Self::Immediate => "INITIALLY IMMEDIATE",
        }
    }
}

impl Constraint {
    fn takes_attributes(&self) -> bool {
        matches!(
            self.kind,
            ConstraintKind::PrimaryKey(_)
                | ConstraintKind::Unique(_)
                | ConstraintKind::ForeignKey(_)
        )
    }
}

fn is_enforcement(contype: raw::ConstrType::Type) -> bool {
    use raw::ConstrType::{CONSTR_ATTR_ENFORCED, CONSTR_ATTR_NOT_ENFORCED};
    matches!(contype, CONSTR_ATTR_ENFORCED | CONSTR_ATTR_NOT_ENFORCED)
}

fn referential_action(code: u8) -> ReferentialAction {
    match code {
        b'r' => ReferentialAction::Restrict,
        b'c' => ReferentialAction::Cascade,
        b'n' => ReferentialAction::SetNull,
        b'd' => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

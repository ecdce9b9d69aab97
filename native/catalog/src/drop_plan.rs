//! What a DROP takes along, or why it may not happen.
//!
//! Follows PostgreSQL's `findDependentObjects`: the dependents of an object are visited newest
//! first and listed before it; an object reached only through automatic dependencies goes silently,
//! any other needs CASCADE. The outcome is a list of changes, dependents first.

use crate::describe::Describer;
use crate::object::{Object, ObjectKind, Part};
use crate::{CatalogChange, ConstraintKind, DependencyKind, Identity, Table};
use common::{Error, FileId, ObjectId, Result, sqlstate};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many dependents a message lists (`MAX_REPORTED_DEPS`).
const REPORTED_MAX: usize = 100;

/// Something that is to be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DropTarget {
    pub kind: ObjectKind,
    pub oid: ObjectId,
    /// `Part::Whole` but for columns and defaults of a table.
    pub part: Part,
}

impl DropTarget {
    pub fn whole(object: &Object) -> Self {
        Self {
            kind: object.kind(),
            oid: object.oid(),
            part: Part::Whole,
        }
    }
}

/// What a DROP does.
#[derive(Debug, Default)]
pub struct DropPlan {
    pub changes: Vec<CatalogChange>,
    /// Files of relations that go.
    pub files: Vec<FileId>,
    /// Message and detail of the NOTICE about cascades.
    pub notice: Option<(String, Option<String>)>,
}

struct Found {
    target: DropTarget,
    /// Reached by the user's list or automatically: needs no CASCADE.
    silent: bool,
    /// Whom it depends on.
    because: Option<DropTarget>,
}

struct Search<'a> {
    names: Describer<'a>,
    found: Vec<Found>,
}

/// Plans the drop of `targets`. 2BP01 where others depend on them and `cascade` is false.
pub fn plan_drop(names: Describer<'_>, targets: &[DropTarget], cascade: bool) -> Result<DropPlan> {
    let mut search = Search {
        names,
        found: Vec::new(),
    };
    for target in targets {
        search.refuse_internal(*target, targets)?;
        search.visit(*target, true, None);
    }
    let notice = search.report(targets, cascade)?;
    let mut plan = search.changes();
    plan.notice = notice;
    Ok(plan)
}

impl Search<'_> {
    fn object(&self, target: DropTarget) -> Option<&Object> {
        self.names.catalog.get(target.kind, target.oid)
    }

    fn describe(&self, target: DropTarget) -> String {
        self.object(target)
            .map_or_else(String::new, |o| self.names.describe(o, target.part))
    }

    /// The object that `target` is an inner part of and cannot be dropped without.
    fn owner_of(&self, target: DropTarget) -> Option<DropTarget> {
        let catalog = self.names.catalog;
        match self.object(target)? {
            Object::Index(index) => {
                let owner = catalog.constraint_of_index(index)?;
                Some(DropTarget::whole(&Object::Constraint(owner.clone())))
            }
            Object::Sequence(s) if s.internal => {
                let (table, attnum) = s.owned_by?;
                let part = Part::Column(attnum);
                Some(DropTarget {
                    kind: ObjectKind::Table,
                    oid: table,
                    part,
                })
            }
            _ => None,
        }
    }

    fn refuse_internal(&self, target: DropTarget, targets: &[DropTarget]) -> Result<()> {
        let Some(owner) = self.owner_of(target) else {
            return Ok(());
        };
        if targets
            .iter()
            .any(|t| *t == owner || (t.oid == owner.oid && t.part == Part::Whole))
        {
            return Ok(());
        }
        let (own, other) = (self.describe(target), self.describe(owner));
        Err(Error::new(
            sqlstate::DEPENDENT_OBJECTS_STILL_EXIST,
            format!("cannot drop {own} because {other} requires it"),
        )
        .with_hint(format!("You can drop {other} instead.")))
    }

    /// Lists what depends on `target`, then `target`.
    fn visit(&mut self, target: DropTarget, silent: bool, because: Option<DropTarget>) {
        let covers = |f: &Found| {
            let t = f.target;
            let column = match target.part {
                Part::Default(attnum) => t.oid == target.oid && t.part == Part::Column(attnum),
                _ => false,
            };
            column
                || t == target
                || (t.kind == target.kind && t.oid == target.oid && t.part == Part::Whole)
        };
        if let Some(known) = self.found.iter_mut().find(|f| covers(f)) {
            known.silent |= silent;
            return;
        }
        // Entered before its dependents so that a cycle ends; moved behind them below.
        self.found.push(Found {
            target,
            silent,
            because,
        });
        let mut dependents = self.dependents(target);
        dependents.sort_by(|(a, _), (b, _)| b.oid.cmp(&a.oid).then(a.part.cmp(&b.part)));
        for (dependent, kind) in dependents {
            let automatic = kind != DependencyKind::Normal;
            self.visit(dependent, automatic, Some(target));
        }
        if let Some(at) = self.found.iter().position(|f| f.target == target) {
            let own = self.found.remove(at);
            self.found.push(own);
        }
    }

    fn dependents(&self, target: DropTarget) -> Vec<(DropTarget, DependencyKind)> {
        let catalog = self.names.catalog;
        let mut out = Vec::new();
        if let Part::Default(_) = target.part {
            return out;
        }
        for (object, dependency) in catalog.dependencies_on(target.oid) {
            let concerns = match target.part {
                Part::Column(attnum) => dependency.on_sub == attnum,
                _ => true,
            };
            let own = object.oid() == target.oid && object.kind() == target.kind;
            if !concerns || (own && target.part == Part::Whole) {
                continue;
            }
            let to = DropTarget {
                kind: object.kind(),
                oid: object.oid(),
                part: dependency.from,
            };
            out.push((to, dependency.kind));
        }
        if let Some(Object::Constraint(c)) = self.object(target)
            && matches!(c.kind, ConstraintKind::Primary | ConstraintKind::Unique)
            && let Some(index) = catalog.index(c.index)
        {
            let index = DropTarget::whole(&Object::Index(index.clone()));
            out.push((index, DependencyKind::Internal));
        }
        // An automatic way to the same object wins over a normal one.
        out.sort_by_key(|(t, kind)| (*t, *kind == DependencyKind::Normal));
        out.dedup_by_key(|(t, _)| *t);
        out
    }

    fn report(
        &self,
        targets: &[DropTarget],
        cascade: bool,
    ) -> Result<Option<(String, Option<String>)>> {
        let mut lines = Vec::new();
        let mut count = 0;
        for found in self.found.iter().rev().filter(|f| !f.silent) {
            count += 1;
            if lines.len() == REPORTED_MAX {
                continue;
            }
            let own = self.describe(found.target);
            lines.push(match found.because {
                Some(other) if !cascade => format!("{own} depends on {}", self.describe(other)),
                _ => format!("drop cascades to {own}"),
            });
        }
        let hidden = count - lines.len();
        if count == 0 {
            return Ok(None);
        }
        let single = lines[0].clone();
        let mut detail = lines.join("\n");
        if hidden > 0 {
            let plural = if hidden == 1 { "object" } else { "objects" };
            detail.push_str(&format!(
                "\nand {hidden} other {plural} (see server log for list)"
            ));
        }
        if cascade {
            return Ok(Some(match count {
                1 => (single, None),
                _ => (
                    format!("drop cascades to {count} other objects"),
                    Some(detail),
                ),
            }));
        }
        let message = match targets {
            [one] => {
                format!(
                    "cannot drop {} because other objects depend on it",
                    self.describe(*one)
                )
            }
            _ => "cannot drop desired object(s) because other objects depend on them".into(),
        };
        Err(Error::new(sqlstate::DEPENDENT_OBJECTS_STILL_EXIST, message)
            .with_detail(detail)
            .with_hint("Use DROP ... CASCADE to drop the dependent objects too."))
    }

    fn changes(&self) -> DropPlan {
        let mut plan = DropPlan::default();
        let mut altered: BTreeMap<ObjectId, Arc<Table>> = BTreeMap::new();
        let whole = |oid| {
            self.found
                .iter()
                .any(|f| f.target.oid == oid && is_whole(&f.target))
        };
        for found in &self.found {
            let target = found.target;
            match (target.part, self.object(target)) {
                (Part::Whole, Some(object)) => {
                    plan.files.extend(file_of(object));
                    plan.changes
                        .push(CatalogChange::Drop(target.kind, target.oid));
                }
                (part, Some(Object::Table(table))) if !whole(table.oid) => {
                    let table = altered.entry(table.oid).or_insert_with(|| table.clone());
                    drop_part(Arc::make_mut(table), part);
                }
                _ => {}
            }
        }
        plan.changes.extend(
            altered
                .into_values()
                .map(|t| CatalogChange::Put(Object::Table(t))),
        );
        plan
    }
}

fn is_whole(target: &DropTarget) -> bool {
    target.kind == ObjectKind::Table && target.part == Part::Whole
}

fn file_of(object: &Object) -> Option<FileId> {
    let file = match object {
        Object::Table(t) => t.file,
        Object::Index(i) => i.file,
        Object::Sequence(s) => s.file,
        _ => FileId(0),
    };
    (file.0 != 0).then_some(file)
}

/// Marks a column as dropped, or takes its default away.
fn drop_part(table: &mut Table, part: Part) {
    let (attnum, whole) = match part {
        Part::Column(attnum) => (attnum, true),
        Part::Default(attnum) => (attnum, false),
        Part::Whole => return,
    };
    let at = attnum as usize - 1;
    let Some(column) = table.columns.get_mut(at) else {
        return;
    };
    column.default = None;
    column.default_oid = ObjectId(0);
    column.default_references.clear();
    if whole {
        column.name = format!("........pg.dropped.{attnum}........");
        column.dropped = true;
        column.not_null = false;
        column.identity = Identity::None;
        column.generated = false;
        column.collation = ObjectId(0);
    }
}

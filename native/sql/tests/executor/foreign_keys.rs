//! Foreign keys and their actions.

use std::sync::Arc;

use catalog::ForeignAction;
use sql::executor::{Environment, run_deferred};
use sql::ir::*;
use types::TextContext;

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

struct Family {
    memory: Memory,
    parent: Arc<TableRules>,
    child: Arc<TableRules>,
}

fn family(action: ForeignAction) -> Family {
    let key = foreign_key((2, "child", 1), (1, "parent", 0), 10, action);
    let mut parent =
        TableOf::new(1, "parent", &[("id", INT), ("x", INT)]).index(10, true, &[(0, false)]);
    parent.rules.referenced_by.push(key.clone());
    let mut child = TableOf::new(2, "child", &[("id", INT), ("parent", INT)]);
    child.rules.foreign_keys.push(key);
    child.rules.defaults[1] = Some(int(3));
    let (parent, child) = (parent.done(), child.done());
    let memory = Memory::new();
    memory.add_table(parent.clone());
    memory.add_table(child.clone());
    memory.fill(parent.table.oid, (1..=3).map(|n| vec![i(n), i(0)]));
    memory.fill(
        child.table.oid,
        [(1, 1), (2, 1), (3, 2)].map(|(a, b)| vec![i(a), i(b)]),
    );
    Family {
        memory,
        parent,
        child,
    }
}

fn insert(family: &Family, parent: Expr) -> Query {
    let mut b = Builder::default();
    let row = vec![b.id(INT), b.id(INT)];
    let plan = Plan::Insert(Box::new(Insert {
        rules: family.child.clone(),
        source: Plan::OneRow,
        values: vec![
            Assignment {
                position: 0,
                value: int(9),
            },
            Assignment {
                position: 1,
                value: parent,
            },
        ],
        on_conflict: None,
        row,
        returning: vec![],
    }));
    b.finish(plan, vec![])
}

fn delete(family: &Family, id: i32) -> Query {
    let mut b = Builder::default();
    let s = b.scan(&family.parent);
    let plan = Plan::Delete(Box::new(Delete {
        rules: family.parent.clone(),
        source: filter(s.plan.clone(), eq(s.col(0), int(id))),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        returning: vec![],
    }));
    b.finish(plan, vec![])
}

/// `UPDATE parent SET id = id + 10 WHERE id = ...`.
fn move_key(family: &Family, id: i32) -> Query {
    let mut b = Builder::default();
    let s = b.scan(&family.parent);
    let new = vec![b.id(INT), b.id(INT)];
    let plan = Plan::Update(Box::new(Update {
        rules: family.parent.clone(),
        source: filter(s.plan.clone(), eq(s.col(0), int(id))),
        row_id: s.row_id,
        old: s.ids.iter().copied().map(Some).collect(),
        assignments: vec![Assignment {
            position: 0,
            value: call(&ADD, s.col(0), int(10)),
        }],
        new,
        returning: vec![],
    }));
    b.finish(plan, vec![])
}

fn children(family: &Family) -> Vec<Vec<types::Datum>> {
    family.memory.rows(family.child.table.oid)
}

#[test]
fn a_referred_row_must_exist() {
    let f = family(ForeignAction::NoAction);
    run(&f.memory, insert(&f, int(3))).unwrap();
    run(&f.memory, insert(&f, Expr::null(INT))).unwrap();
    let error = run(&f.memory, insert(&f, int(4))).unwrap_err().into_sql();
    assert_eq!(
        error.message,
        "insert or update on table \"child\" violates foreign key constraint \"child_fkey\""
    );
    let detail = "Key (parent)=(4) is not present in table \"parent\".";
    assert_eq!(error.detail.as_deref(), Some(detail));
}

#[test]
fn no_action_and_restrict_refuse() {
    for action in [ForeignAction::NoAction, ForeignAction::Restrict] {
        let f = family(action);
        let error = run(&f.memory, delete(&f, 1)).unwrap_err().into_sql();
        assert_eq!(
            error.message,
            "update or delete on table \"parent\" violates foreign key constraint \"child_fkey\" \
             on table \"child\""
        );
        let detail = "Key (id)=(1) is still referenced from table \"child\".";
        assert_eq!(error.detail.as_deref(), Some(detail));
        let f = family(action);
        run(&f.memory, delete(&f, 3)).unwrap();
        assert!(run(&f.memory, move_key(&f, 2)).is_err());
    }
}

#[test]
fn actions_follow_the_parent() {
    let f = family(ForeignAction::Cascade);
    run(&f.memory, move_key(&f, 1)).unwrap();
    assert_eq!(children(&f), [[i(1), i(11)], [i(2), i(11)], [i(3), i(2)]]);
    run(&f.memory, delete(&f, 11)).unwrap();
    assert_eq!(children(&f), [[i(3), i(2)]]);

    let f = family(ForeignAction::SetNull);
    run(&f.memory, delete(&f, 1)).unwrap();
    assert_eq!(children(&f), [[i(1), NULL], [i(2), NULL], [i(3), i(2)]]);

    let f = family(ForeignAction::SetDefault);
    run(&f.memory, delete(&f, 1)).unwrap();
    assert_eq!(children(&f), [[i(1), i(3)], [i(2), i(3)], [i(3), i(2)]]);
    // The default itself must exist.
    assert!(run(&f.memory, delete(&f, 3)).is_err());
}

#[test]
fn a_deferred_check_waits() {
    let f = family(ForeignAction::NoAction);
    f.memory.with(|state| state.is_deferred = true);
    run(&f.memory, insert(&f, int(4))).unwrap();
    let checks = f.memory.with(|state| std::mem::take(&mut state.deferred));
    assert_eq!(checks.len(), 1);
    let text = TextContext::default();
    let environment = Environment {
        store: &f.memory,
        session: &f.memory,
        text: &text,
    };
    assert!(run_deferred(&environment, checks.clone().into_iter()).is_err());
    f.memory.fill(f.parent.table.oid, [vec![i(4), i(0)]]);
    run_deferred(&environment, checks.into_iter()).unwrap();
}

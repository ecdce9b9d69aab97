use crate::*;
use common::ObjectId;

fn table(oid: u32, name: &str) -> Table {
    let column = |attnum, name: &str| Column {
        attnum,
        name: name.into(),
        ty: TypeRef::plain(23),
        statistics_target: -1,
        ..Column::default()
    };
    Table {
        oid: ObjectId(oid),
        name: name.into(),
        schema: oid::PUBLIC,
        owner: oid::SUPERUSER,
        columns: vec![column(1, "a"), column(2, "b")],
        layouts: vec![Layout::default()],
        row_type: ObjectId(oid + 1),
        ..Table::default()
    }
}

fn filled() -> Catalog {
    let mut catalog = Catalog::default();
    catalog.apply(&bootstrap("rustydb", "rustydb"));
    catalog.put(table(16384, "t").into());
    catalog.put(
        Index {
            oid: ObjectId(16390),
            name: "t_pkey".into(),
            schema: oid::PUBLIC,
            table: ObjectId(16384),
            keys: vec![IndexKey {
                attnum: 1,
                ..IndexKey::default()
            }],
            unique: true,
            primary: true,
            ..Index::default()
        }
        .into(),
    );
    catalog
}

#[test]
fn rows_give_the_same_catalog_back() {
    let catalog = filled();
    let rows: Vec<_> = catalog.objects().map(Object::to_row).collect();
    let again = Catalog::from_rows(rows).expect("own rows are readable");
    assert!(catalog.objects().eq(again.objects()));
    assert_eq!(again.highest_oid(), ObjectId(16390));
}

#[test]
fn a_cut_row_is_an_error_not_a_panic() {
    for object in filled().objects() {
        let row = object.to_row();
        for length in 0..row.body.len() {
            assert!(Object::from_row(row.kind, &row.body[..length]).is_err());
        }
    }
}

#[test]
fn names_follow_renames_and_drops() {
    let mut catalog = filled();
    assert!(catalog.relation_by_name(oid::PUBLIC, "t_pkey").is_some());
    catalog.put(table(16384, "u").into());
    assert!(catalog.relation_by_name(oid::PUBLIC, "t").is_none());
    assert!(catalog.relation_by_name(oid::PUBLIC, "u").is_some());
    catalog.remove(ObjectKind::Table, ObjectId(16384));
    assert!(catalog.relation_by_name(oid::PUBLIC, "u").is_none());
}

#[test]
fn a_new_index_raises_its_tables_version() {
    let mut catalog = filled();
    let before = catalog.relation_version(ObjectId(16384));
    catalog.remove(ObjectKind::Index, ObjectId(16390));
    assert!(catalog.relation_version(ObjectId(16384)) > before);
    assert_eq!(catalog.indexes_of(ObjectId(16384)).count(), 0);
}

#[test]
fn a_view_keeps_its_table_from_being_dropped() {
    let mut catalog = filled();
    let view = Table {
        oid: ObjectId(16400),
        name: "v".into(),
        kind: TableKind::View,
        query_references: vec![Reference {
            object: ObjectId(16384),
            sub: 1,
        }],
        ..table(16400, "v")
    };
    catalog.put(view.into());
    let names = Describer {
        catalog: &catalog,
        path: &[oid::PG_CATALOG, oid::PUBLIC],
    };
    let target = |part| DropTarget {
        kind: ObjectKind::Table,
        oid: ObjectId(16384),
        part,
    };
    let refused = plan_drop(names, &[target(Part::Whole)], false).expect_err("a view depends");
    let refused = refused.into_sql();
    assert_eq!(
        refused.message,
        "cannot drop table t because other objects depend on it"
    );
    assert_eq!(refused.detail.as_deref(), Some("view v depends on table t"));

    let plan = plan_drop(names, &[target(Part::Column(1))], true).expect("cascades");
    assert_eq!(plan.notice, Some(("drop cascades to view v".into(), None)));
    catalog.apply(&plan.changes);
    assert!(catalog.table(ObjectId(16384)).expect("stays").columns[0].dropped);
    assert!(
        catalog.index(ObjectId(16390)).is_none(),
        "an index goes with its column"
    );
    assert!(catalog.table(ObjectId(16400)).is_none());
}

#[test]
fn a_name_that_comes_to_a_schema_raises_its_version() {
    let mut catalog = filled();
    let before = catalog.names_version(oid::PUBLIC);
    let mut changed = table(16384, "t");
    changed.columns[0].name = "other".into();
    catalog.put(changed.into());
    assert_eq!(catalog.names_version(oid::PUBLIC), before);
    catalog.put(table(16384, "renamed").into());
    let renamed = catalog.names_version(oid::PUBLIC);
    assert!(renamed > before);
    catalog.remove(ObjectKind::Table, ObjectId(16384));
    assert_eq!(catalog.names_version(oid::PUBLIC), renamed);
    catalog.put(table(16400, "t").into());
    assert_eq!(catalog.names_version(oid::PUBLIC), catalog.version());
}

//! `pg_depend`, `pg_description`, `pg_shdescription`.

use catalog::oid::class;
use catalog::{Catalog, Dependency, Object, ObjectKind, Part};
use common::ObjectId;

use super::attributes::has_default;
use super::cells::{int4, letter, number, oid, text};
use super::row_set::RowSet;

/// One row of `pg_depend`.
struct Row {
    object: (ObjectId, ObjectId, i16),
    on: (ObjectId, ObjectId, i16),
    kind: char,
}

/// The catalog that an object of a kind lies in; 0 for those that nothing refers to.
fn class_of(kind: ObjectKind) -> ObjectId {
    match kind {
        ObjectKind::Database => class::DATABASE,
        ObjectKind::Role => class::AUTHID,
        ObjectKind::Schema => class::NAMESPACE,
        ObjectKind::Table | ObjectKind::Index | ObjectKind::Sequence => class::CLASS,
        ObjectKind::Constraint => class::CONSTRAINT,
        ObjectKind::Type => class::TYPE,
        ObjectKind::Comment | ObjectKind::Statistics => ObjectId(0),
    }
}

/// What an oid that something depends on is: an object of the catalog or of the system.
fn class_of_oid(catalog: &Catalog, oid: ObjectId) -> ObjectId {
    match catalog.object(oid) {
        Some(object) => class_of(object.kind()),
        None if catalog.table(oid).is_some() => class::CLASS,
        None if types::type_info(types::TypeOid(oid.0)).is_some() => class::TYPE,
        None if catalog.table_of_row_type(oid).is_some() => class::TYPE,
        None => class::PROC,
    }
}

pub fn dependencies(catalog: &Catalog, out: &mut RowSet<'_>) {
    let mut all = Vec::new();
    for object in catalog.objects() {
        if class_of(object.kind()).0 != 0 {
            let own = object.dependencies();
            let kept = own
                .iter()
                .filter(|dependency| !is_implied(object, dependency, &own));
            all.extend(kept.map(|dependency| row(catalog, object, *dependency)));
        }
        own_parts(catalog, object, &mut all);
    }
    out.fill(all, |row, name| match name {
        "classid" => oid(row.object.0),
        "objid" => oid(row.object.1),
        "objsubid" => int4(row.object.2.into()),
        "refclassid" => oid(row.on.0),
        "refobjid" => oid(row.on.1),
        "refobjsubid" => int4(row.on.2.into()),
        "deptype" => letter(row.kind),
        _ => None,
    });
}

/// An index or constraint on columns has no row for its table as a whole; the columns have it.
fn is_implied(object: &Object, dependency: &Dependency, all: &[Dependency]) -> bool {
    matches!(object, Object::Index(_) | Object::Constraint(_))
        && object.parent() == Some(dependency.on)
        && dependency.on_sub == 0
        && all
            .iter()
            .any(|other| other.on == dependency.on && other.on_sub != 0)
}

fn row(catalog: &Catalog, object: &Object, dependency: Dependency) -> Row {
    let class = class_of(object.kind());
    let from = match (dependency.from, object) {
        (Part::Default(attnum), Object::Table(table)) => {
            let default = table
                .attribute(attnum)
                .map_or(ObjectId(0), |c| c.default_oid);
            (class::ATTRDEF, default, 0)
        }
        (Part::Column(attnum), _) => (class, object.oid(), attnum),
        // What a view's query mentions is its rule's dependency.
        (_, Object::Table(table)) if table.query.is_some() && dependency.on != table.schema => {
            (class::REWRITE, table.oid, 0)
        }
        _ => (class, object.oid(), 0),
    };
    let on = (
        class_of_oid(catalog, dependency.on),
        dependency.on,
        dependency.on_sub,
    );
    Row {
        object: from,
        on,
        kind: dependency.kind.letter(),
    }
}

/// Dependencies between an object and what PostgreSQL keeps apart from it: defaults, row types, the
/// rule of a view, the index of a constraint.
fn own_parts(catalog: &Catalog, object: &Object, out: &mut Vec<Row>) {
    let mut add = |object, on, kind| out.push(Row { object, on, kind });
    match object {
        Object::Table(table) => {
            let whole = (class::CLASS, table.oid, 0);
            for column in table.live_columns().filter(|c| has_default(c)) {
                let kind = if column.generated { 'i' } else { 'a' };
                let on = (class::CLASS, table.oid, column.attnum);
                add((class::ATTRDEF, column.default_oid, 0), on, kind);
            }
            if table.row_type.0 != 0 {
                add((class::TYPE, table.row_type, 0), whole, 'i');
            }
            if table.query.is_some() {
                add((class::REWRITE, table.oid, 0), whole, 'i');
            }
        }
        Object::Index(index) => {
            if let Some(constraint) = catalog.constraint_of_index(index) {
                let on = (class::CONSTRAINT, constraint.oid, 0);
                add((class::CLASS, index.oid, 0), on, 'i');
            }
        }
        _ => {}
    }
}

/// Comments on objects of the database, or on those that databases share.
pub fn descriptions(catalog: &Catalog, out: &mut RowSet<'_>, shared: bool) {
    let is_shared = |oid| {
        let kind = catalog.object(oid).map(Object::kind);
        matches!(kind, Some(ObjectKind::Database | ObjectKind::Role))
    };
    let comments = catalog.comments().filter(|c| is_shared(c.object) == shared);
    out.fill(comments, |comment, name| match name {
        "objoid" => oid(comment.object),
        "classoid" => number(class_of_oid(catalog, comment.object).0),
        "objsubid" => int4(comment.sub.into()),
        "description" => text(&comment.text),
        _ => None,
    });
}

//! An object of the catalog: what a row of the catalog's table holds.

use crate::depend::DependencyKind;
use crate::stored::{Reader, Stored};
use crate::{
    Column, Comment, Constraint, Database, Index, Role, Schema, Sequence, Statistics, Table,
    UserType,
};
use common::{Error, ObjectId, Result};
use std::sync::Arc;

/// A row of the catalog's table: oid, kind, body. Kind and oid together are its key: statistics
/// share the oid of their relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    pub oid: ObjectId,
    pub kind: u8,
    pub body: Vec<u8>,
}

/// A dependency of one object on another, as DROP follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The column of the dependent object that carries it, or 0.
    pub from_sub: i16,
    pub on: ObjectId,
    pub on_sub: i16,
    pub kind: DependencyKind,
}

macro_rules! objects {
    ($($(#[$meta:meta])* $variant:ident($ty:ident) = $number:literal, oid $oid:ident;)*) => {
        /// An object, shared between versions of the catalog.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Object {
            $($(#[$meta])* $variant(Arc<$ty>),)*
        }

        /// Which table of `pg_catalog` an object would lie in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ObjectKind {
            $($variant = $number,)*
        }

        impl Object {
            /// Its own oid; of statistics their relation's.
            pub fn oid(&self) -> ObjectId {
                match self {
                    $(Self::$variant(object) => object.$oid,)*
                }
            }

            pub fn kind(&self) -> ObjectKind {
                match self {
                    $(Self::$variant(_) => ObjectKind::$variant,)*
                }
            }

            pub fn to_row(&self) -> ObjectRow {
                let mut body = Vec::new();
                match self {
                    $(Self::$variant(object) => object.put(&mut body),)*
                }
                ObjectRow { oid: self.oid(), kind: self.kind() as u8, body }
            }

            /// XX001 for a kind or a body that no version of this program wrote.
            pub fn from_row(kind: u8, body: &[u8]) -> Result<Self> {
                let reader = &mut Reader::new(body);
                match kind {
                    $($number => Ok(Self::$variant(Arc::new($ty::get(reader)?))),)*
                    _ => Err(Error::corrupted(format!("unknown kind {kind} in the catalog"))),
                }
            }
        }

        $(impl From<$ty> for Object {
            fn from(object: $ty) -> Self {
                Self::$variant(Arc::new(object))
            }
        })*
    };
}

objects! {
    Database(Database) = 1, oid oid;
    Role(Role) = 2, oid oid;
    Schema(Schema) = 3, oid oid;
    Table(Table) = 4, oid oid;
    Index(Index) = 5, oid oid;
    Constraint(Constraint) = 6, oid oid;
    Sequence(Sequence) = 7, oid oid;
    Type(UserType) = 8, oid oid;
    Comment(Comment) = 9, oid oid;
    Statistics(Statistics) = 10, oid relation;
}

impl Object {
    /// The name, without schema; statistics and comments have none.
    pub fn name(&self) -> &str {
        match self {
            Self::Database(o) => &o.name,
            Self::Role(o) => &o.name,
            Self::Schema(o) => &o.name,
            Self::Table(o) => &o.name,
            Self::Index(o) => &o.name,
            Self::Constraint(o) => &o.name,
            Self::Sequence(o) => &o.name,
            Self::Type(o) => &o.name,
            Self::Comment(_) | Self::Statistics(_) => "",
        }
    }

    /// The schema it lies in, for what lies in one.
    pub fn schema(&self) -> Option<ObjectId> {
        match self {
            Self::Table(o) => Some(o.schema),
            Self::Index(o) => Some(o.schema),
            Self::Constraint(o) => Some(o.schema),
            Self::Sequence(o) => Some(o.schema),
            Self::Type(o) => Some(o.schema),
            _ => None,
        }
    }

    /// The relation that it is a part of: its changes are changes of that one's definition.
    pub fn parent(&self) -> Option<ObjectId> {
        match self {
            Self::Index(o) => Some(o.table),
            Self::Constraint(o) => Some(o.table),
            Self::Statistics(o) => Some(o.relation),
            _ => None,
        }
    }

    /// What it depends on, schemas and owners included.
    pub fn dependencies(&self) -> Vec<Dependency> {
        let mut out = Vec::new();
        let mut add = |from_sub, on, on_sub, kind| {
            out.push(Dependency {
                from_sub,
                on,
                on_sub,
                kind,
            });
        };
        use DependencyKind::{Auto, Internal, Normal};
        match self {
            Self::Table(o) => {
                add(0, o.schema, 0, Normal);
                for column in o.columns.iter().filter(|c| !c.dropped) {
                    add_column(column, &mut add);
                }
                for r in &o.query_references {
                    add(0, r.object, r.sub, Normal);
                }
            }
            Self::Index(o) => {
                for attnum in o.attnums().filter(|a| *a != 0) {
                    add(0, o.table, attnum, Auto);
                }
                add(0, o.table, 0, Auto);
                for r in &o.references {
                    let kind = if r.object == o.table { Auto } else { Normal };
                    add(0, r.object, r.sub, kind);
                }
            }
            Self::Constraint(o) => {
                add(0, o.table, 0, Auto);
                for &attnum in &o.columns {
                    add(0, o.table, attnum, Auto);
                }
                if o.foreign_table.0 != 0 {
                    for &attnum in &o.foreign_columns {
                        add(0, o.foreign_table, attnum, Normal);
                    }
                    add(0, o.index, 0, Normal);
                }
                for r in &o.references {
                    let kind = if r.object == o.table { Auto } else { Normal };
                    add(0, r.object, r.sub, kind);
                }
            }
            Self::Sequence(o) => {
                add(0, o.schema, 0, Normal);
                if let Some((table, attnum)) = o.owned_by {
                    add(0, table, attnum, if o.internal { Internal } else { Auto });
                }
            }
            Self::Type(o) => {
                add(0, o.schema, 0, Normal);
                for r in &o.references {
                    add(0, r.object, r.sub, Normal);
                }
            }
            Self::Comment(o) => add(0, o.object, o.sub, Auto),
            Self::Statistics(o) => add(0, o.relation, 0, Auto),
            Self::Database(_) | Self::Role(_) | Self::Schema(_) => {}
        }
        out
    }
}

/// A column's type and what its default mentions.
fn add_column(column: &Column, add: &mut impl FnMut(i16, ObjectId, i16, DependencyKind)) {
    if column.ty.oid >= crate::oid::FIRST_USER {
        add(column.attnum, column.ty.oid, 0, DependencyKind::Normal);
    }
    for r in &column.default_references {
        add(column.attnum, r.object, r.sub, DependencyKind::Normal);
    }
}

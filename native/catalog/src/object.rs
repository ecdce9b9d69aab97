//! An object of the catalog: what a row of the catalog's table holds.

use crate::depend::{DependencyKind, Reference};
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

/// The part of an object that has a dependency, and goes with what it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Whole,
    /// A column of a table, by number.
    Column(i16),
    /// The default of a column, by the column's number.
    Default(i16),
}

/// A dependency of one object on another, as DROP follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    pub from: Part,
    pub on: ObjectId,
    /// The column depended on, or 0.
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

    /// What it depends on, its schema included, in a fixed order.
    pub fn dependencies(&self) -> Vec<Dependency> {
        use DependencyKind::{Auto, Internal, Normal};
        let mut out = Dependencies(Vec::new());
        match self {
            Self::Table(o) => out.table(o),
            Self::Index(o) => {
                out.add(o.table, 0, Auto);
                for attnum in o.attnums().filter(|a| *a != 0) {
                    out.add(o.table, attnum, Auto);
                }
                out.own_table(o.table, &o.references);
            }
            Self::Constraint(o) => {
                out.add(o.table, 0, Auto);
                for &attnum in &o.columns {
                    out.add(o.table, attnum, Auto);
                }
                if o.foreign_table.0 != 0 {
                    for &attnum in &o.foreign_columns {
                        out.add(o.foreign_table, attnum, Normal);
                    }
                    out.add(o.index, 0, Normal);
                }
                out.own_table(o.table, &o.references);
            }
            Self::Sequence(o) => {
                out.add(o.schema, 0, Normal);
                if let Some((table, attnum)) = o.owned_by {
                    out.add(table, attnum, if o.internal { Internal } else { Auto });
                }
            }
            Self::Type(o) => {
                out.add(o.schema, 0, Normal);
                for r in &o.references {
                    out.add(r.object, r.sub, Normal);
                }
            }
            Self::Comment(o) => out.add(o.object, o.sub, Auto),
            Self::Statistics(o) => out.add(o.relation, 0, Auto),
            Self::Database(_) | Self::Role(_) | Self::Schema(_) => {}
        }
        out.0
    }
}

struct Dependencies(Vec<Dependency>);

impl Dependencies {
    fn add(&mut self, on: ObjectId, on_sub: i16, kind: DependencyKind) {
        self.0.push(Dependency {
            from: Part::Whole,
            on,
            on_sub,
            kind,
        });
    }

    fn part(&mut self, from: Part, on: ObjectId, on_sub: i16) {
        self.0.push(Dependency {
            from,
            on,
            on_sub,
            kind: DependencyKind::Normal,
        });
    }

    /// References of an expression that belongs to `table`: to its own columns they are automatic.
    fn own_table(&mut self, table: ObjectId, references: &[Reference]) {
        for r in references {
            let own = r.object == table;
            let kind = if own {
                DependencyKind::Auto
            } else {
                DependencyKind::Normal
            };
            self.add(r.object, r.sub, kind);
        }
    }

    fn table(&mut self, table: &Table) {
        self.add(table.schema, 0, DependencyKind::Normal);
        for column in table.live_columns() {
            self.column(column);
        }
        for r in &table.query_references {
            self.add(r.object, r.sub, DependencyKind::Normal);
        }
    }

    /// A generated column goes with what its expression mentions; of another only the default does.
    fn column(&mut self, column: &Column) {
        if column.ty.oid >= crate::oid::FIRST_USER {
            self.part(Part::Column(column.attnum), column.ty.oid, 0);
        }
        let part = match column.generated {
            true => Part::Column(column.attnum),
            false => Part::Default(column.attnum),
        };
        for r in &column.default_references {
            self.part(part, r.object, r.sub);
        }
    }
}

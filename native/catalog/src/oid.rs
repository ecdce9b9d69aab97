//! Oids that are fixed: PostgreSQL's own numbers where clients know them.

use common::ObjectId;

/// The first oid given to what users create (PostgreSQL's `FirstNormalObjectId`).
pub const FIRST_USER: ObjectId = ObjectId(16384);

/// The bootstrap superuser, `rustydb`.
pub const SUPERUSER: ObjectId = ObjectId(10);
/// Schema `pg_catalog`.
pub const PG_CATALOG: ObjectId = ObjectId(11);
/// Schema `pg_toast`, always empty here; clients filter by its name.
pub const PG_TOAST: ObjectId = ObjectId(99);
/// Schema `public`.
pub const PUBLIC: ObjectId = ObjectId(2200);
/// Schema `information_schema`.
pub const INFORMATION_SCHEMA: ObjectId = ObjectId(13000);
/// The database that the engine is.
pub const DATABASE: ObjectId = ObjectId(5);
/// Tablespace `pg_default`.
pub const DEFAULT_TABLESPACE: ObjectId = ObjectId(1663);
/// Role `pg_database_owner`, the owner of `public`.
pub const DATABASE_OWNER: ObjectId = ObjectId(6171);

/// Collations `default`, `C` and `POSIX`.
pub const COLLATION_DEFAULT: ObjectId = ObjectId(100);
pub const COLLATION_C: ObjectId = ObjectId(950);
pub const COLLATION_POSIX: ObjectId = ObjectId(951);

/// Access methods.
pub const AM_HEAP: ObjectId = ObjectId(2);
pub const AM_BTREE: ObjectId = ObjectId(403);
pub const AM_HASH: ObjectId = ObjectId(405);

/// Oids of the catalogs themselves, as they stand in `classoid` columns.
pub mod class {
    use common::ObjectId;
    pub const TYPE: ObjectId = ObjectId(1247);
    pub const PROC: ObjectId = ObjectId(1255);
    pub const CLASS: ObjectId = ObjectId(1259);
    pub const AUTHID: ObjectId = ObjectId(1260);
    pub const DATABASE: ObjectId = ObjectId(1262);
    pub const CONSTRAINT: ObjectId = ObjectId(2606);
    pub const ATTRDEF: ObjectId = ObjectId(2604);
    pub const NAMESPACE: ObjectId = ObjectId(2615);
    pub const REWRITE: ObjectId = ObjectId(2618);
}

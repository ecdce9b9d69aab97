//! Object ids of the built-in types: PostgreSQL's own.

/// The object id of a type, as in `pg_type.oid`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TypeOid(pub u32);

impl std::fmt::Debug for TypeOid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match crate::type_info(*self) {
            Some(info) => f.write_str(info.name),
            None => write!(f, "type {}", self.0),
        }
    }
}

impl TypeOid {
    /// No type.
    pub const INVALID: Self = Self(0);
    pub const BOOL: Self = Self(16);
    pub const BYTEA: Self = Self(17);
    pub const CHAR: Self = Self(18);
    pub const NAME: Self = Self(19);
    pub const INT8: Self = Self(20);
    pub const INT2: Self = Self(21);
    pub const INT2VECTOR: Self = Self(22);
    pub const INT4: Self = Self(23);
    pub const REGPROC: Self = Self(24);
    pub const TEXT: Self = Self(25);
    pub const OID: Self = Self(26);
    pub const TID: Self = Self(27);
    pub const XID: Self = Self(28);
    pub const CID: Self = Self(29);
    pub const OIDVECTOR: Self = Self(30);
    pub const JSON: Self = Self(114);
    pub const PG_NODE_TREE: Self = Self(194);
    pub const JSON_ARRAY: Self = Self(199);
    pub const XID8_ARRAY: Self = Self(271);
    pub const FLOAT4: Self = Self(700);
    pub const FLOAT8: Self = Self(701);
    pub const UNKNOWN: Self = Self(705);
    pub const BOOL_ARRAY: Self = Self(1000);
    pub const BYTEA_ARRAY: Self = Self(1001);
    pub const CHAR_ARRAY: Self = Self(1002);
    pub const NAME_ARRAY: Self = Self(1003);
    pub const INT2_ARRAY: Self = Self(1005);
    pub const INT2VECTOR_ARRAY: Self = Self(1006);
    pub const INT4_ARRAY: Self = Self(1007);
    pub const REGPROC_ARRAY: Self = Self(1008);
    pub const TEXT_ARRAY: Self = Self(1009);
    pub const TID_ARRAY: Self = Self(1010);
    pub const XID_ARRAY: Self = Self(1011);
    pub const CID_ARRAY: Self = Self(1012);
    pub const OIDVECTOR_ARRAY: Self = Self(1013);
    pub const BPCHAR_ARRAY: Self = Self(1014);
    pub const VARCHAR_ARRAY: Self = Self(1015);
    pub const INT8_ARRAY: Self = Self(1016);
    pub const FLOAT4_ARRAY: Self = Self(1021);
    pub const FLOAT8_ARRAY: Self = Self(1022);
    pub const OID_ARRAY: Self = Self(1028);
    pub const ACLITEM: Self = Self(1033);
    pub const ACLITEM_ARRAY: Self = Self(1034);
    pub const BPCHAR: Self = Self(1042);
    pub const VARCHAR: Self = Self(1043);
    pub const DATE: Self = Self(1082);
    pub const TIME: Self = Self(1083);
    pub const TIMESTAMP: Self = Self(1114);
    pub const TIMESTAMP_ARRAY: Self = Self(1115);
    pub const DATE_ARRAY: Self = Self(1182);
    pub const TIME_ARRAY: Self = Self(1183);
    pub const TIMESTAMPTZ: Self = Self(1184);
    pub const TIMESTAMPTZ_ARRAY: Self = Self(1185);
    pub const INTERVAL: Self = Self(1186);
    pub const INTERVAL_ARRAY: Self = Self(1187);
    pub const NUMERIC_ARRAY: Self = Self(1231);
    pub const CSTRING_ARRAY: Self = Self(1263);
    pub const TIMETZ: Self = Self(1266);
    pub const TIMETZ_ARRAY: Self = Self(1270);
    pub const NUMERIC: Self = Self(1700);
    pub const REFCURSOR: Self = Self(1790);
    pub const REFCURSOR_ARRAY: Self = Self(2201);
    pub const REGPROCEDURE: Self = Self(2202);
    pub const REGOPER: Self = Self(2203);
    pub const REGOPERATOR: Self = Self(2204);
    pub const REGCLASS: Self = Self(2205);
    pub const REGTYPE: Self = Self(2206);
    pub const REGPROCEDURE_ARRAY: Self = Self(2207);
    pub const REGOPER_ARRAY: Self = Self(2208);
    pub const REGOPERATOR_ARRAY: Self = Self(2209);
    pub const REGCLASS_ARRAY: Self = Self(2210);
    pub const REGTYPE_ARRAY: Self = Self(2211);
    pub const RECORD: Self = Self(2249);
    pub const CSTRING: Self = Self(2275);
    pub const ANY: Self = Self(2276);
    pub const ANYARRAY: Self = Self(2277);
    pub const VOID: Self = Self(2278);
    pub const TRIGGER: Self = Self(2279);
    pub const LANGUAGE_HANDLER: Self = Self(2280);
    pub const INTERNAL: Self = Self(2281);
    pub const ANYELEMENT: Self = Self(2283);
    pub const ANYNONARRAY: Self = Self(2776);
    pub const UUID: Self = Self(2950);
    pub const UUID_ARRAY: Self = Self(2951);
    pub const PG_LSN: Self = Self(3220);
    pub const PG_LSN_ARRAY: Self = Self(3221);
    pub const ANYENUM: Self = Self(3500);
    pub const JSONB: Self = Self(3802);
    pub const JSONB_ARRAY: Self = Self(3807);
    pub const REGNAMESPACE: Self = Self(4089);
    pub const REGNAMESPACE_ARRAY: Self = Self(4090);
    pub const REGROLE: Self = Self(4096);
    pub const REGROLE_ARRAY: Self = Self(4097);
    pub const REGCOLLATION: Self = Self(4191);
    pub const REGCOLLATION_ARRAY: Self = Self(4192);
    pub const XID8: Self = Self(5069);
    pub const ANYCOMPATIBLE: Self = Self(5077);
    pub const ANYCOMPATIBLEARRAY: Self = Self(5078);
    pub const ANYCOMPATIBLENONARRAY: Self = Self(5079);
}

"""Asks a PostgreSQL 15 for what each statement of a case file comes to.

Usage: python3 oracle.py CONNINFO CASES > EXPECTED. Each line of CASES is a statement; each gives one
line of EXPECTED: `ok name:type,... | $1:type,...` or `error SQLSTATE position message / detail /
hint`. Statements are only prepared, never run; the schema must have been made from schema.sql.
"""
import ctypes, sys

pq = ctypes.CDLL("libpq.so.5")
for f in ("PQconnectdb", "PQprepare", "PQdescribePrepared", "PQexecParams", "PQexec"):
    getattr(pq, f).restype = ctypes.c_void_p
for f in ("PQresultErrorField", "PQfname", "PQgetvalue", "PQerrorMessage"):
    getattr(pq, f).restype = ctypes.c_char_p
conn = ctypes.c_void_p(pq.PQconnectdb(sys.argv[1].encode()))
P = ctypes.c_void_p


def type_name(oid, mod):
    r = P(pq.PQexec(conn, f"select format_type({oid},{mod})".encode()))
    return pq.PQgetvalue(r, 0, 0).decode()


for line in open(sys.argv[2]):
    sql = line.rstrip("\n")
    if not sql or sql.startswith("--"):
        print(sql)
        continue
    r = P(pq.PQprepare(conn, b"", sql.encode(), 0, None))
    if pq.PQresultStatus(r) != 1:
        g = lambda c: (pq.PQresultErrorField(r, ord(c)) or b"").decode()
        print("error", g("C"), g("P") or "-", " / ".join([g("M"), g("D"), g("H")]).rstrip(" /"))
        continue
    r = P(pq.PQdescribePrepared(conn, b""))
    n = pq.PQnfields(r)
    cols = ",".join(
        f"{pq.PQfname(r, i).decode()}:{type_name(pq.PQftype(r, i) & 0xFFFFFFFF, pq.PQfmod(r, i))}"
        for i in range(n)
    )
    pq.PQparamtype.restype = ctypes.c_uint
    params = ",".join(type_name(pq.PQparamtype(r, i), -1) for i in range(pq.PQnparams(r)))
    print("ok", cols + (f" | {params}" if params else ""))

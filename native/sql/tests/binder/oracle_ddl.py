"""Runs DDL statements in a new database of a PostgreSQL 15 and records what each answers.

Usage: python3 oracle_ddl.py CONNINFO CASES > EXPECTED. Each statement gives one line: `ok` or
`error SQLSTATE position message / detail / hint`, with notices (`| NOTICE SQLSTATE message /
detail`) behind. After the last one: the definitions of constraints and indexes that are left.
"""
import ctypes, sys

pq = ctypes.CDLL("libpq.so.5")
for f in ("PQconnectdb", "PQexec"):
    getattr(pq, f).restype = ctypes.c_void_p
for f in ("PQresultErrorField", "PQgetvalue"):
    getattr(pq, f).restype = ctypes.c_char_p
P = ctypes.c_void_p
conn = P(pq.PQconnectdb(sys.argv[1].encode()))
notices = []


def fields(r, *codes):
    return [(pq.PQresultErrorField(P(r), ord(c)) or b"").decode() for c in codes]


@ctypes.CFUNCTYPE(None, P, P)
def receive(_, r):
    s, c, m, d = fields(r, "S", "C", "M", "D")
    notices.append(f" | {s} {c} " + " / ".join([m, d]).rstrip(" /").replace("\n", "; "))


pq.PQsetNoticeReceiver(conn, receive, None)
for line in open(sys.argv[2]):
    notices.clear()
    r = pq.PQexec(conn, line.rstrip("\n").encode())
    status = pq.PQresultStatus(P(r))
    if status in (1, 2):
        print("ok" + "".join(notices))
        continue
    c, p, m, d, h = fields(r, "C", "P", "M", "D", "H")
    text = " / ".join([m, d, h]).rstrip(" /").replace("\n", "; ")
    print(f"error {c} {p or '-'} {text}" + "".join(notices))
for sql in (
    "select conname || ': ' || pg_get_constraintdef(oid) from pg_constraint where conrelid >= 16384 order by conname collate \"C\"",
    "select indexdef from pg_indexes where schemaname = 'public' order by indexname collate \"C\"",
):
    r = P(pq.PQexec(conn, sql.encode()))
    for i in range(pq.PQntuples(r)):
        print("-- " + pq.PQgetvalue(r, i, 0).decode())

"""psycopg 3: simple and prepared statements, binary results, COPY, pipelines, errors."""

import datetime
import decimal
import sys

import psycopg

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    connection.execute("CREATE TABLE psycopg_t (id int PRIMARY KEY, n numeric, at timestamptz, b bytea)")
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
    row = (1, decimal.Decimal("12.340"), moment, b"\x00\xff")
    connection.execute("INSERT INTO psycopg_t VALUES (%s, %s, %s, %s)", row)
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            assert cursor.execute("SELECT * FROM psycopg_t").fetchone() == row
    for number in range(10):  # prepared from the fifth time on
        found = connection.execute("SELECT %s::int + 1", (number,), prepare=True).fetchone()
        assert found == (number + 1,)
    with connection.cursor() as cursor:
        with cursor.copy("COPY psycopg_t (id, n) FROM STDIN") as copy:
            for number in range(2, 102):
                copy.write_row((number, number))
        with cursor.copy("COPY (SELECT id FROM psycopg_t WHERE id <= 3 ORDER BY id) TO STDOUT") as copy:
            assert b"".join(copy) == b"1\n2\n3\n"
    with connection.pipeline():
        results = [connection.execute("SELECT count(*) FROM psycopg_t") for _ in range(5)]
        assert [result.fetchone() for result in results] == [(101,)] * 5
    try:
        connection.execute("INSERT INTO psycopg_t VALUES (1)")
        raise AssertionError("no error")
    except psycopg.errors.UniqueViolation as error:
        assert error.diag.constraint_name == "psycopg_t_pkey", error.diag.constraint_name
    with connection.transaction():
        connection.execute("DELETE FROM psycopg_t WHERE id > 1")
        with connection.transaction(force_rollback=True):
            connection.execute("DELETE FROM psycopg_t")
    assert connection.execute("SELECT id FROM psycopg_t").fetchall() == [(1,)]
    connection.execute("DROP TABLE psycopg_t")

"""asyncpg: binary parameters and results, cursors, COPY, types that it looks up, errors."""

import asyncio
import datetime
import decimal
import sys
import uuid

import asyncpg


async def main() -> None:
    connection = await asyncpg.connect(sys.argv[1])
    await connection.execute(
        "CREATE TABLE asyncpg_t (id bigint PRIMARY KEY, n numeric, d date, u uuid, tags text[], j jsonb)"
    )
    row = (1, decimal.Decimal("-0.00010"), datetime.date(2020, 2, 29), uuid.UUID(int=7), ["a", None], "{}")
    await connection.execute("INSERT INTO asyncpg_t VALUES ($1, $2, $3, $4, $5, $6)", *row)
    assert tuple(await connection.fetchrow("SELECT * FROM asyncpg_t")) == row
    await connection.executemany("INSERT INTO asyncpg_t (id) VALUES ($1)", [(n,) for n in range(2, 50)])
    records = [(n, None, None, None, None, None) for n in range(50, 101)]
    assert await connection.copy_records_to_table("asyncpg_t", records=records) == "COPY 51"
    async with connection.transaction():
        seen = [record["id"] async for record in connection.cursor("SELECT id FROM asyncpg_t ORDER BY id", prefetch=7)]
    assert seen == list(range(1, 101))
    try:
        await connection.fetchval("SELECT 1 / $1::int", 0)
        raise AssertionError("no error")
    except asyncpg.DivisionByZeroError:
        pass
    assert await connection.fetchval("SELECT $1::int[]", [1, 2, None]) == [1, 2, None]
    await connection.execute("DROP TABLE asyncpg_t")
    await connection.close()


asyncio.run(main())

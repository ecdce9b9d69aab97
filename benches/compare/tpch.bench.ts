// TPC-H against RustyDB, a PostgreSQL 15 of this machine and DuckDB: each query's ratios, and how fast
// lineitem is loaded.
//
//     npm run bench -- tpch [--scale 1] [--rounds 3] [--only 1,6]
//
// See tests/tpch/run.ts, which it is.
process.argv.push('--duckdb', '--loading');
await import('../../tests/tpch/run.ts');

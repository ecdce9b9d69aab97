// TPC-H against RustyDB and a PostgreSQL 15 of this machine, each query's ratio.
//
//     npm run bench -- tpch [--scale 1] [--rounds 3] [--only 1,6]
//
// See tests/tpch/run.ts, which it is.
import '../../tests/tpch/run.ts';

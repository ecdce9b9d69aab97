/* Chooses the kernels by what the processor has. */
#include "rustydb_simd.h"

extern "C" {
const struct rdb_kernels *rdb_scalar_kernels(void);
const struct rdb_kernels *rdb_sse42_kernels(void);
const struct rdb_kernels *rdb_avx2_kernels(void);
const struct rdb_kernels *rdb_avx512_kernels(void);

int rdb_best_level(int cap) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (cap >= RDB_AVX512 && rdb_avx512_kernels() && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return RDB_AVX512;
    if (cap >= RDB_AVX2 && rdb_avx2_kernels() && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma"))
        return RDB_AVX2;
    if (cap >= RDB_SSE42 && rdb_sse42_kernels() && __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
        return RDB_SSE42;
#endif
    (void)cap;
    return RDB_SCALAR;
}

const struct rdb_kernels *rdb_kernels_of(int level) {
    switch (level) {
    case RDB_AVX512: return rdb_avx512_kernels();
    case RDB_AVX2: return rdb_avx2_kernels();
    case RDB_SSE42: return rdb_sse42_kernels();
    default: return rdb_scalar_kernels();
    }
}
}

/* Every processor: one lane. */
#include "rustydb_simd.h"

namespace {
#define SCALAR(T, CTYPE)                                                        \
    typedef CTYPE VEC_##T;                                                      \
    enum { LANES_##T = 1 };                                                     \
    static inline CTYPE load_##T(const CTYPE *p) { return *p; }                 \
    static inline CTYPE splat_##T(CTYPE x) { return x; }                        \
    static inline uint64_t eq_##T(CTYPE a, CTYPE b) { return a == b; }          \
    static inline uint64_t lt_##T(CTYPE a, CTYPE b) { return a < b; }
SCALAR(u8, uint8_t)
SCALAR(i16, int16_t)
SCALAR(i32, int32_t)
SCALAR(i64, int64_t)
SCALAR(f32, float)
SCALAR(f64, double)
#include "kernels.inc"
}

extern "C" const struct rdb_kernels *rdb_scalar_kernels(void) { return &KERNELS; }

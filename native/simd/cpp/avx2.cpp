/* x86-64 with AVX2, BMI2 and FMA: 256 bits. */
#include "rustydb_simd.h"

#if defined(__AVX2__)
#include <immintrin.h>

namespace {
typedef __m256i VEC_u8;
typedef __m256i VEC_i16;
typedef __m256i VEC_i32;
typedef __m256i VEC_i64;
typedef __m256 VEC_f32;
typedef __m256d VEC_f64;
enum { LANES_u8 = 32, LANES_i16 = 16, LANES_i32 = 8, LANES_i64 = 4, LANES_f32 = 8, LANES_f64 = 4 };

static inline __m256i load_u8(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline __m256i load_i16(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline __m256i load_i32(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline __m256i load_i64(const int64_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline __m256 load_f32(const float *p) { return _mm256_loadu_ps(p); }
static inline __m256d load_f64(const double *p) { return _mm256_loadu_pd(p); }
static inline __m256i splat_u8(uint8_t x) { return _mm256_set1_epi8((char)x); }
static inline __m256i splat_i16(int16_t x) { return _mm256_set1_epi16(x); }
static inline __m256i splat_i32(int32_t x) { return _mm256_set1_epi32(x); }
static inline __m256i splat_i64(int64_t x) { return _mm256_set1_epi64x(x); }
static inline __m256 splat_f32(float x) { return _mm256_set1_ps(x); }
static inline __m256d splat_f64(double x) { return _mm256_set1_pd(x); }

/* Packing works within 128-bit halves, so each half gives eight of the sixteen bits. */
static inline uint64_t bits16(__m256i m) {
    uint32_t bytes = (uint32_t)_mm256_movemask_epi8(_mm256_packs_epi16(m, _mm256_setzero_si256()));
    return (bytes & 0xff) | (bytes >> 8 & 0xff00);
}
static inline uint64_t bits32(__m256i m) { return (uint64_t)_mm256_movemask_ps(_mm256_castsi256_ps(m)); }
static inline uint64_t bits64(__m256i m) { return (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(m)); }
static inline uint64_t eq_u8(__m256i a, __m256i b) { return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)); }
static inline uint64_t eq_i16(__m256i a, __m256i b) { return bits16(_mm256_cmpeq_epi16(a, b)); }
static inline uint64_t lt_i16(__m256i a, __m256i b) { return bits16(_mm256_cmpgt_epi16(b, a)); }
static inline uint64_t eq_i32(__m256i a, __m256i b) { return bits32(_mm256_cmpeq_epi32(a, b)); }
static inline uint64_t lt_i32(__m256i a, __m256i b) { return bits32(_mm256_cmpgt_epi32(b, a)); }
static inline uint64_t eq_i64(__m256i a, __m256i b) { return bits64(_mm256_cmpeq_epi64(a, b)); }
static inline uint64_t lt_i64(__m256i a, __m256i b) { return bits64(_mm256_cmpgt_epi64(b, a)); }
static inline uint64_t eq_f32(__m256 a, __m256 b) { return (uint64_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)); }
static inline uint64_t lt_f32(__m256 a, __m256 b) { return (uint64_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ)); }
static inline uint64_t eq_f64(__m256d a, __m256d b) { return (uint64_t)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_EQ_OQ)); }
static inline uint64_t lt_f64(__m256d a, __m256d b) { return (uint64_t)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ)); }
#include "kernels.inc"
}

extern "C" const struct rdb_kernels *rdb_avx2_kernels(void) { return &KERNELS; }
#else
extern "C" const struct rdb_kernels *rdb_avx2_kernels(void) { return 0; }
#endif

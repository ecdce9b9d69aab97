/* x86-64 with AVX-512 F, BW, VL and DQ: 512 bits, compares that give bits at once. */
#include "rustydb_simd.h"

#if defined(__AVX512BW__) && defined(__AVX512DQ__)
#include <immintrin.h>

namespace {
typedef __m512i VEC_u8;
typedef __m512i VEC_i16;
typedef __m512i VEC_i32;
typedef __m512i VEC_i64;
typedef __m512 VEC_f32;
typedef __m512d VEC_f64;
enum { LANES_u8 = 64, LANES_i16 = 32, LANES_i32 = 16, LANES_i64 = 8, LANES_f32 = 16, LANES_f64 = 8 };

static inline __m512i load_u8(const uint8_t *p) { return _mm512_loadu_si512(p); }
static inline __m512i load_i16(const int16_t *p) { return _mm512_loadu_si512(p); }
static inline __m512i load_i32(const int32_t *p) { return _mm512_loadu_si512(p); }
static inline __m512i load_i64(const int64_t *p) { return _mm512_loadu_si512(p); }
static inline __m512 load_f32(const float *p) { return _mm512_loadu_ps(p); }
static inline __m512d load_f64(const double *p) { return _mm512_loadu_pd(p); }
static inline __m512i splat_u8(uint8_t x) { return _mm512_set1_epi8((char)x); }
static inline __m512i splat_i16(int16_t x) { return _mm512_set1_epi16(x); }
static inline __m512i splat_i32(int32_t x) { return _mm512_set1_epi32(x); }
static inline __m512i splat_i64(int64_t x) { return _mm512_set1_epi64(x); }
static inline __m512 splat_f32(float x) { return _mm512_set1_ps(x); }
static inline __m512d splat_f64(double x) { return _mm512_set1_pd(x); }
static inline uint64_t eq_u8(__m512i a, __m512i b) { return _mm512_cmpeq_epi8_mask(a, b); }
static inline uint64_t eq_i16(__m512i a, __m512i b) { return _mm512_cmpeq_epi16_mask(a, b); }
static inline uint64_t lt_i16(__m512i a, __m512i b) { return _mm512_cmplt_epi16_mask(a, b); }
static inline uint64_t eq_i32(__m512i a, __m512i b) { return _mm512_cmpeq_epi32_mask(a, b); }
static inline uint64_t lt_i32(__m512i a, __m512i b) { return _mm512_cmplt_epi32_mask(a, b); }
static inline uint64_t eq_i64(__m512i a, __m512i b) { return _mm512_cmpeq_epi64_mask(a, b); }
static inline uint64_t lt_i64(__m512i a, __m512i b) { return _mm512_cmplt_epi64_mask(a, b); }
static inline uint64_t eq_f32(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
static inline uint64_t lt_f32(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline uint64_t eq_f64(__m512d a, __m512d b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
static inline uint64_t lt_f64(__m512d a, __m512d b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
#include "kernels.inc"
}

extern "C" const struct rdb_kernels *rdb_avx512_kernels(void) { return &KERNELS; }
#else
extern "C" const struct rdb_kernels *rdb_avx512_kernels(void) { return 0; }
#endif

/* x86-64 with SSE4.2 and POPCNT: 128 bits. */
#include "rustydb_simd.h"

#if defined(__SSE4_2__)
#include <immintrin.h>

namespace {
typedef __m128i VEC_u8;
typedef __m128i VEC_i16;
typedef __m128i VEC_i32;
typedef __m128i VEC_i64;
typedef __m128 VEC_f32;
typedef __m128d VEC_f64;
enum { LANES_u8 = 16, LANES_i16 = 8, LANES_i32 = 4, LANES_i64 = 2, LANES_f32 = 4, LANES_f64 = 2 };

static inline __m128i load_u8(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline __m128i load_i16(const int16_t *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline __m128i load_i32(const int32_t *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline __m128i load_i64(const int64_t *p) { return _mm_loadu_si128((const __m128i *)p); }
static inline __m128 load_f32(const float *p) { return _mm_loadu_ps(p); }
static inline __m128d load_f64(const double *p) { return _mm_loadu_pd(p); }
static inline __m128i splat_u8(uint8_t x) { return _mm_set1_epi8((char)x); }
static inline __m128i splat_i16(int16_t x) { return _mm_set1_epi16(x); }
static inline __m128i splat_i32(int32_t x) { return _mm_set1_epi32(x); }
static inline __m128i splat_i64(int64_t x) { return _mm_set1_epi64x(x); }
static inline __m128 splat_f32(float x) { return _mm_set1_ps(x); }
static inline __m128d splat_f64(double x) { return _mm_set1_pd(x); }

static inline uint64_t bits16(__m128i m) { return (uint64_t)_mm_movemask_epi8(_mm_packs_epi16(m, _mm_setzero_si128())); }
static inline uint64_t bits32(__m128i m) { return (uint64_t)_mm_movemask_ps(_mm_castsi128_ps(m)); }
static inline uint64_t bits64(__m128i m) { return (uint64_t)_mm_movemask_pd(_mm_castsi128_pd(m)); }
static inline uint64_t eq_u8(__m128i a, __m128i b) { return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)); }
static inline uint64_t eq_i16(__m128i a, __m128i b) { return bits16(_mm_cmpeq_epi16(a, b)); }
static inline uint64_t lt_i16(__m128i a, __m128i b) { return bits16(_mm_cmpgt_epi16(b, a)); }
static inline uint64_t eq_i32(__m128i a, __m128i b) { return bits32(_mm_cmpeq_epi32(a, b)); }
static inline uint64_t lt_i32(__m128i a, __m128i b) { return bits32(_mm_cmpgt_epi32(b, a)); }
static inline uint64_t eq_i64(__m128i a, __m128i b) { return bits64(_mm_cmpeq_epi64(a, b)); }
static inline uint64_t lt_i64(__m128i a, __m128i b) { return bits64(_mm_cmpgt_epi64(b, a)); }
static inline uint64_t eq_f32(__m128 a, __m128 b) { return (uint64_t)_mm_movemask_ps(_mm_cmpeq_ps(a, b)); }
static inline uint64_t lt_f32(__m128 a, __m128 b) { return (uint64_t)_mm_movemask_ps(_mm_cmplt_ps(a, b)); }
static inline uint64_t eq_f64(__m128d a, __m128d b) { return (uint64_t)_mm_movemask_pd(_mm_cmpeq_pd(a, b)); }
static inline uint64_t lt_f64(__m128d a, __m128d b) { return (uint64_t)_mm_movemask_pd(_mm_cmplt_pd(a, b)); }
#include "kernels.inc"
}

extern "C" const struct rdb_kernels *rdb_sse42_kernels(void) { return &KERNELS; }
#else
extern "C" const struct rdb_kernels *rdb_sse42_kernels(void) { return 0; }
#endif

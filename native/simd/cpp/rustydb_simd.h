/* The kernels' C interface.
 *
 * Bitmaps are arrays of 64-bit words, bit i of word i / 64 for value i; bits behind the last value
 * are written as zeros. Functions take any alignment, never read behind `len` values, and give the
 * same bits at every level. Floats compare as PostgreSQL does: NaN equals NaN and is the greatest.
 */
#ifndef RUSTYDB_SIMD_H
#define RUSTYDB_SIMD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rdb_level { RDB_SCALAR = 0, RDB_SSE42 = 1, RDB_AVX2 = 2, RDB_AVX512 = 3 };

enum rdb_compare { RDB_EQ = 0, RDB_NE = 1, RDB_LT = 2, RDB_LE = 3, RDB_GT = 4, RDB_GE = 5 };

/* A sum that cannot overflow: 128 bits, two's complement. */
struct rdb_sum128 {
    uint64_t low;
    int64_t high;
};

struct rdb_kernels {
    /* out = values[i] op constant */
    void (*compare_i16)(int op, const int16_t *values, size_t len, int16_t constant, uint64_t *out);
    void (*compare_i32)(int op, const int32_t *values, size_t len, int32_t constant, uint64_t *out);
    void (*compare_i64)(int op, const int64_t *values, size_t len, int64_t constant, uint64_t *out);
    void (*compare_f32)(int op, const float *values, size_t len, float constant, uint64_t *out);
    void (*compare_f64)(int op, const double *values, size_t len, double constant, uint64_t *out);
    /* out = left[i] op right[i] */
    void (*compare_columns_i32)(int op, const int32_t *left, const int32_t *right, size_t len, uint64_t *out);
    void (*compare_columns_i64)(int op, const int64_t *left, const int64_t *right, size_t len, uint64_t *out);
    void (*compare_columns_f64)(int op, const double *left, const double *right, size_t len, uint64_t *out);
    /* Aggregates over the values whose bit is set in `mask`; a null mask means all. */
    int64_t (*sum_i16)(const int16_t *values, size_t len, const uint64_t *mask);
    int64_t (*sum_i32)(const int32_t *values, size_t len, const uint64_t *mask);
    struct rdb_sum128 (*sum_i64)(const int64_t *values, size_t len, const uint64_t *mask);
    /* Return 0 when no bit is set, else 1 and the result in *out. */
    int (*min_i32)(const int32_t *values, size_t len, const uint64_t *mask, int32_t *out);
    int (*max_i32)(const int32_t *values, size_t len, const uint64_t *mask, int32_t *out);
    int (*min_i64)(const int64_t *values, size_t len, const uint64_t *mask, int64_t *out);
    int (*max_i64)(const int64_t *values, size_t len, const uint64_t *mask, int64_t *out);
    /* Bitmaps of `words` words. */
    void (*bitmap_and)(uint64_t *into, const uint64_t *other, size_t words);
    void (*bitmap_or)(uint64_t *into, const uint64_t *other, size_t words);
    void (*bitmap_and_not)(uint64_t *into, const uint64_t *other, size_t words);
    size_t (*bitmap_count)(const uint64_t *bitmap, size_t words);
    /* Writes the positions of the set bits, ascending; `out` has room for all of them and for 8
     * more. Returns how many. */
    size_t (*bitmap_positions)(const uint64_t *bitmap, size_t words, uint32_t *out);
    /* out = bytes[i] is one of the four of `set`, of which some may be equal */
    void (*find_bytes)(const uint8_t *bytes, size_t len, const uint8_t *set, uint64_t *out);
};

/* The best level of this processor that is not above `cap`. */
int rdb_best_level(int cap);

/* The kernels of a level that rdb_best_level has allowed. */
const struct rdb_kernels *rdb_kernels_of(int level);

#ifdef __cplusplus
}
#endif
#endif

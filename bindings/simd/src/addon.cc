// The kernels over JavaScript's typed arrays: the same C++ that native/simd links into the engine.
//
// Every function checks the kinds and lengths of its arrays before it touches them; a wrong one is
// a TypeError or RangeError. Nothing is kept between calls but the table of kernels, which is the
// same for every environment of the process.
#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "rustydb_simd.h"

namespace {

constexpr size_t kWordBits = 64;
constexpr const char *kLevels[] = {"scalar", "sse42", "avx2", "avx512"};

/// The level that RUSTYDB_SIMD caps, else the best one.
int ChooseLevel() {
    int cap = RDB_AVX512;
    if (const char *wanted = std::getenv("RUSTYDB_SIMD")) {
        for (int level = RDB_SCALAR; level <= RDB_AVX512; level++) {
            if (std::strcmp(wanted, kLevels[level]) == 0) cap = level;
        }
    }
    return rdb_best_level(cap);
}

const int kLevel = ChooseLevel();
const rdb_kernels &kKernels = *rdb_kernels_of(kLevel);

[[noreturn]] void Fail(const Napi::CallbackInfo &info, const std::string &message) {
    throw Napi::TypeError::New(info.Env(), message);
}

Napi::TypedArray ArrayAt(const Napi::CallbackInfo &info, size_t index) {
    if (index >= info.Length() || !info[index].IsTypedArray()) {
        Fail(info, "argument " + std::to_string(index) + " is no typed array");
    }
    return info[index].As<Napi::TypedArray>();
}

template <typename T>
const T *Data(const Napi::TypedArray &array) {
    auto *start = static_cast<const uint8_t *>(array.ArrayBuffer().Data());
    return reinterpret_cast<const T *>(start + array.ByteOffset());
}

/// A BigUint64Array with room for `words` words.
Napi::TypedArray BitmapAt(const Napi::CallbackInfo &info, size_t index, size_t words) {
    Napi::TypedArray array = ArrayAt(info, index);
    if (array.TypedArrayType() != napi_biguint64_array) {
        Fail(info, "argument " + std::to_string(index) + " is no BigUint64Array");
    }
    if (array.ElementLength() < words) {
        throw Napi::RangeError::New(info.Env(), "a bitmap of " + std::to_string(array.ElementLength()) +
                                                    " words, needs " + std::to_string(words));
    }
    return array;
}

size_t WordsOf(size_t len) { return (len + kWordBits - 1) / kWordBits; }

/// The mask at `index`, or null where there is none.
const uint64_t *MaskAt(const Napi::CallbackInfo &info, size_t index, size_t len) {
    if (index >= info.Length() || info[index].IsUndefined()) return nullptr;
    return Data<uint64_t>(BitmapAt(info, index, WordsOf(len)));
}

int64_t BigIntAt(const Napi::CallbackInfo &info, size_t index) {
    if (index >= info.Length() || !info[index].IsBigInt()) Fail(info, "the constant is no bigint");
    bool lossless = false;
    int64_t value = info[index].As<Napi::BigInt>().Int64Value(&lossless);
    if (!lossless) throw Napi::RangeError::New(info.Env(), "the constant is out of range");
    return value;
}

double NumberAt(const Napi::CallbackInfo &info, size_t index) {
    if (index >= info.Length() || !info[index].IsNumber()) Fail(info, "the constant is no number");
    return info[index].As<Napi::Number>().DoubleValue();
}

template <typename T>
T IntegerAt(const Napi::CallbackInfo &info, size_t index) {
    double value = NumberAt(info, index);
    if (!(value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max()) ||
        value != static_cast<double>(static_cast<T>(value))) {
        throw Napi::RangeError::New(info.Env(), "the constant is out of range");
    }
    return static_cast<T>(value);
}

int OperatorAt(const Napi::CallbackInfo &info, size_t index) {
    int op = IntegerAt<int16_t>(info, index);
    if (op < RDB_EQ || op > RDB_GE) throw Napi::RangeError::New(info.Env(), "no such comparison");
    return op;
}

Napi::Value Level(const Napi::CallbackInfo &info) {
    return Napi::String::New(info.Env(), kLevels[kLevel]);
}

/// compare(op, values, constant, out)
void Compare(const Napi::CallbackInfo &info) {
    int op = OperatorAt(info, 0);
    Napi::TypedArray values = ArrayAt(info, 1);
    size_t len = values.ElementLength();
    auto *out = const_cast<uint64_t *>(Data<uint64_t>(BitmapAt(info, 3, WordsOf(len))));
    switch (values.TypedArrayType()) {
        case napi_int16_array:
            return kKernels.compare_i16(op, Data<int16_t>(values), len, IntegerAt<int16_t>(info, 2), out);
        case napi_int32_array:
            return kKernels.compare_i32(op, Data<int32_t>(values), len, IntegerAt<int32_t>(info, 2), out);
        case napi_bigint64_array:
            return kKernels.compare_i64(op, Data<int64_t>(values), len, BigIntAt(info, 2), out);
        case napi_float32_array:
            return kKernels.compare_f32(op, Data<float>(values), len,
                                        static_cast<float>(NumberAt(info, 2)), out);
        case napi_float64_array:
            return kKernels.compare_f64(op, Data<double>(values), len, NumberAt(info, 2), out);
        default:
            Fail(info, "cannot compare arrays of this kind");
    }
}

Napi::Value BigInt128(Napi::Env env, rdb_sum128 sum) {
    bool negative = sum.high < 0;
    uint64_t low = sum.low;
    uint64_t high = static_cast<uint64_t>(sum.high);
    if (negative) {
        low = ~low + 1;
        high = ~high + (low == 0 ? 1 : 0);
    }
    uint64_t words[] = {low, high};
    return Napi::BigInt::New(env, negative ? 1 : 0, 2, words);
}

/// sum(values, mask?) -> bigint
Napi::Value Sum(const Napi::CallbackInfo &info) {
    Napi::TypedArray values = ArrayAt(info, 0);
    size_t len = values.ElementLength();
    const uint64_t *mask = MaskAt(info, 1, len);
    switch (values.TypedArrayType()) {
        case napi_int16_array:
            return Napi::BigInt::New(info.Env(), kKernels.sum_i16(Data<int16_t>(values), len, mask));
        case napi_int32_array:
            return Napi::BigInt::New(info.Env(), kKernels.sum_i32(Data<int32_t>(values), len, mask));
        case napi_bigint64_array:
            return BigInt128(info.Env(), kKernels.sum_i64(Data<int64_t>(values), len, mask));
        default:
            Fail(info, "cannot add up arrays of this kind");
    }
}

/// min(values, mask?), max(values, mask?) -> number, bigint or undefined
template <bool kIsMax>
Napi::Value Extreme(const Napi::CallbackInfo &info) {
    Napi::TypedArray values = ArrayAt(info, 0);
    size_t len = values.ElementLength();
    const uint64_t *mask = MaskAt(info, 1, len);
    if (values.TypedArrayType() == napi_int32_array) {
        auto kernel = kIsMax ? kKernels.max_i32 : kKernels.min_i32;
        int32_t out = 0;
        if (!kernel(Data<int32_t>(values), len, mask, &out)) return info.Env().Undefined();
        return Napi::Number::New(info.Env(), out);
    }
    if (values.TypedArrayType() == napi_bigint64_array) {
        auto kernel = kIsMax ? kKernels.max_i64 : kKernels.min_i64;
        int64_t out = 0;
        if (!kernel(Data<int64_t>(values), len, mask, &out)) return info.Env().Undefined();
        return Napi::BigInt::New(info.Env(), out);
    }
    Fail(info, "no extremes of arrays of this kind");
}

/// bitmapAnd(into, other) and its like
template <void (*rdb_kernels::*kKernel)(uint64_t *, const uint64_t *, size_t)>
void Combine(const Napi::CallbackInfo &info) {
    Napi::TypedArray into = BitmapAt(info, 0, 0);
    size_t words = into.ElementLength();
    Napi::TypedArray other = BitmapAt(info, 1, words);
    (kKernels.*kKernel)(const_cast<uint64_t *>(Data<uint64_t>(into)), Data<uint64_t>(other), words);
}

/// bitmapCount(bitmap) -> number
Napi::Value Count(const Napi::CallbackInfo &info) {
    Napi::TypedArray bitmap = BitmapAt(info, 0, 0);
    size_t count = kKernels.bitmap_count(Data<uint64_t>(bitmap), bitmap.ElementLength());
    return Napi::Number::New(info.Env(), static_cast<double>(count));
}

/// bitmapPositions(bitmap, out) -> how many; `out` has room for all of them and 8 more
Napi::Value Positions(const Napi::CallbackInfo &info) {
    Napi::TypedArray bitmap = BitmapAt(info, 0, 0);
    size_t words = bitmap.ElementLength();
    Napi::TypedArray out = ArrayAt(info, 1);
    if (out.TypedArrayType() != napi_uint32_array) Fail(info, "argument 1 is no Uint32Array");
    size_t needed = kKernels.bitmap_count(Data<uint64_t>(bitmap), words) + 8;
    if (out.ElementLength() < needed) {
        throw Napi::RangeError::New(info.Env(), "room for " + std::to_string(out.ElementLength()) +
                                                    " positions, needs " + std::to_string(needed));
    }
    auto *to = const_cast<uint32_t *>(Data<uint32_t>(out));
    size_t count = kKernels.bitmap_positions(Data<uint64_t>(bitmap), words, to);
    return Napi::Number::New(info.Env(), static_cast<double>(count));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
    exports.Set("level", Napi::Function::New(env, Level));
    exports.Set("compare", Napi::Function::New(env, Compare));
    exports.Set("sum", Napi::Function::New(env, Sum));
    exports.Set("min", Napi::Function::New(env, Extreme<false>));
    exports.Set("max", Napi::Function::New(env, Extreme<true>));
    exports.Set("bitmapAnd", Napi::Function::New(env, Combine<&rdb_kernels::bitmap_and>));
    exports.Set("bitmapOr", Napi::Function::New(env, Combine<&rdb_kernels::bitmap_or>));
    exports.Set("bitmapAndNot", Napi::Function::New(env, Combine<&rdb_kernels::bitmap_and_not>));
    exports.Set("bitmapCount", Napi::Function::New(env, Count));
    exports.Set("bitmapPositions", Napi::Function::New(env, Positions));
    return exports;
}

}  // namespace

NODE_API_MODULE(rustydb_simd, Init)

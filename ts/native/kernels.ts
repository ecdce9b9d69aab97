import { createRequire } from 'node:module';

/** Columns that the kernels take. */
export type IntegerColumn = Int16Array | Int32Array | BigInt64Array;
export type Column = IntegerColumn | Float32Array | Float64Array;

/** Bit i of word i / 64 stands for value i; bits behind the last value are zeros. */
export type Bitmap = BigUint64Array;

/** The comparisons, as the kernels number them. */
export const COMPARE = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 } as const;

export type Comparison = (typeof COMPARE)[keyof typeof COMPARE];

/**
 * The SIMD kernels of the engine over typed arrays, without a copy. Wrong kinds of arrays are
 * TypeErrors, too short ones RangeErrors. Floats compare as in PostgreSQL: NaN equals NaN and is the
 * greatest.
 */
export interface Kernels {
  /** What the processor has: `scalar`, `sse42`, `avx2` or `avx512`; RUSTYDB_SIMD caps it. */
  level(): string;
  /** Sets bit i of `out` where `values[i] op constant`; bigint columns take a bigint constant. */
  compare(op: Comparison, values: Column, constant: number | bigint, out: Bitmap): void;
  /** The exact sum of the values whose bit is set, of all without a mask. */
  sum(values: IntegerColumn, mask?: Bitmap): bigint;
  /** The least value whose bit is set; undefined where none is. */
  min(values: Int32Array | BigInt64Array, mask?: Bitmap): number | bigint | undefined;
  max(values: Int32Array | BigInt64Array, mask?: Bitmap): number | bigint | undefined;
  bitmapAnd(into: Bitmap, other: Bitmap): void;
  bitmapOr(into: Bitmap, other: Bitmap): void;
  bitmapAndNot(into: Bitmap, other: Bitmap): void;
  bitmapCount(bitmap: Bitmap): number;
  /** Writes the positions of the set bits, ascending; `out` needs room for all and 8 more. */
  bitmapPositions(bitmap: Bitmap, out: Uint32Array): number;
}

/** The kernels addon, or undefined where the set-up could not build it. */
export function loadKernels(): Kernels | undefined {
  try {
    return createRequire(import.meta.url)('../../bindings/simd/rustydb_simd.node') as Kernels;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

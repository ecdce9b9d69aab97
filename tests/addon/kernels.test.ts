// The kernels addon against plain JavaScript. Where the set-up could not build it, that is a
// failure here: every tool that it needs is one of the set-up's own.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {
  type Bitmap,
  COMPARE,
  type Comparison,
  type Kernels,
  loadKernels,
} from '../../ts/native/kernels.ts';

const loaded = loadKernels();

function kernels(): Kernels {
  if (loaded === undefined)
    throw new Error('the kernels addon is not built: node scripts/setup.js');
  return loaded;
}

function emptyBitmap(length: number): Bitmap {
  return new BigUint64Array(Math.ceil(length / 64));
}

function bitmapOf(bits: readonly boolean[]): Bitmap {
  const bitmap = emptyBitmap(bits.length);
  for (const [index, bit] of bits.entries()) {
    if (bit) bitmap[index >> 6] = (bitmap[index >> 6] ?? 0n) | (1n << BigInt(index & 63));
  }
  return bitmap;
}

const HOLDS: Readonly<Record<keyof typeof COMPARE, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/** PostgreSQL's order of floats: NaN equals NaN and is the greatest. */
function order(left: number | bigint, right: number | bigint): number {
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  return left < right ? -1 : Number(left > right);
}

const operators = Object.keys(COMPARE) as (keyof typeof COMPARE)[];

function compares<T extends number | bigint>(
  column: { from(values: readonly T[]): Parameters<Kernels['compare']>[1] },
  values: readonly T[],
  constant: T,
): boolean {
  return operators.every((name) => {
    const out = emptyBitmap(values.length).fill(~0n & 0xffff_ffff_ffff_ffffn);
    kernels().compare(COMPARE[name], column.from(values), constant, out);
    const expected = bitmapOf(values.map((value) => HOLDS[name](order(value, constant))));
    return out.every((word, index) => word === expected[index]);
  });
}

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test('comparisons are those of JavaScript, NaN apart', (t) => {
  const int = fc.integer();
  const small = fc.integer({ min: -32768, max: 32767 });
  fc.assert(fc.property(fc.array(int), int, (v, c) => compares(Int32Array, v, c)));
  fc.assert(fc.property(fc.array(small), small, (v, c) => compares(Int16Array, v, c)));
  fc.assert(fc.property(fc.array(i64), i64, (v, c) => compares(BigInt64Array, v, c)));
  fc.assert(
    fc.property(fc.array(fc.double()), fc.double(), (v, c) => compares(Float64Array, v, c)),
  );
  fc.assert(fc.property(fc.array(fc.float()), fc.float(), (v, c) => compares(Float32Array, v, c)));
  t.pass();
});

test('sums are exact beyond 64 bits, extremes heed the mask', (t) => {
  const k = kernels();
  fc.assert(
    fc.property(fc.array(fc.tuple(i64, fc.boolean())), (pairs) => {
      const column = BigInt64Array.from(pairs.map(([value]) => value));
      const mask = bitmapOf(pairs.map(([, bit]) => bit));
      const taken = pairs.filter(([, bit]) => bit).map(([value]) => value);
      const sorted = taken.toSorted((a, b) => order(a, b));
      return (
        k.sum(column, mask) === taken.reduce((sum, value) => sum + value, 0n) &&
        k.sum(column) === column.reduce((sum, value) => sum + value, 0n) &&
        k.min(column, mask) === sorted[0] &&
        k.max(column, mask) === sorted.at(-1)
      );
    }),
  );
  t.is(k.sum(BigInt64Array.of(-(2n ** 63n), -(2n ** 63n))), -(2n ** 64n));
  t.is(k.sum(Int32Array.of(-5, 3)), -2n);
  t.is(k.max(Int32Array.of(-5, 3)), 3);
});

test('bitmaps are combined, counted and listed', (t) => {
  const k = kernels();
  const left = bitmapOf([true, true, false, false]);
  const right = bitmapOf([true, false, true, false]);
  const combined = (call: 'bitmapAnd' | 'bitmapOr' | 'bitmapAndNot') => {
    const into = left.slice();
    k[call](into, right);
    return into[0];
  };
  t.deepEqual(
    [combined('bitmapAnd'), combined('bitmapOr'), combined('bitmapAndNot')],
    [1n, 7n, 2n],
  );
  t.is(k.bitmapCount(left), 2);
  const out = new Uint32Array(10);
  t.is(k.bitmapPositions(bitmapOf([false, true, false, true]), out), 2);
  t.deepEqual([...out.subarray(0, 2)], [1, 3]);
});

test('wrong arguments are errors, never a read behind the end', (t) => {
  const k = kernels();
  const wrong = (call: () => unknown, message: RegExp) => t.throws(call, { message });
  const column = new Int32Array(65);
  wrong(() => k.compare(0, column, 1, new BigUint64Array(1)), /1 words, needs 2/);
  wrong(() => k.compare(9 as Comparison, column, 1, emptyBitmap(65)), /no such comparison/);
  wrong(() => k.compare(0, column, 1n, emptyBitmap(65)), /no number/);
  wrong(() => k.compare(0, column, 0.5, emptyBitmap(65)), /out of range/);
  wrong(() => k.compare(0, new BigInt64Array(1), 2n ** 63n, emptyBitmap(1)), /out of range/);
  wrong(() => k.sum(column, new BigUint64Array(1)), /needs 2/);
  wrong(() => k.sum([] as unknown as Int32Array), /no typed array/);
  wrong(() => k.sum(new Float64Array(1) as unknown as Int32Array), /of this kind/);
  wrong(() => k.bitmapAnd(emptyBitmap(65), emptyBitmap(1)), /needs 2/);
  wrong(() => k.bitmapPositions(bitmapOf([true]), new Uint32Array(8)), /needs 9/);
});

test('RUSTYDB_SIMD caps the level', (t) => {
  const module = new URL('../../ts/native/kernels.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then((m) => console.log(m.loadKernels().level()))`;
  const env = { ...process.env, RUSTYDB_SIMD: 'scalar' };
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env });
  t.is(stdout.trim(), 'scalar');
});

// The kernels addon beside a plain loop: a filter over a column, and the sum of what passes.
import Benchmark from 'benchmark';
import { COMPARE, loadKernels } from '../../ts/native/kernels.ts';

const ROWS = 100_000;

const kernels = loadKernels();
if (kernels === undefined) throw new Error('the kernels addon is not built');

const column = Int32Array.from({ length: ROWS }, (_, index) => (index * 2_654_435_761) % 1000);
const mask = new BigUint64Array(Math.ceil(ROWS / 64));

function plainLoop(): number {
  let sum = 0;
  for (let index = 0; index < column.length; index += 1) {
    const value = column[index] ?? 0;
    if (value < 500) sum += value;
  }
  return sum;
}

const rates: number[] = [];
const suite = new Benchmark.Suite();
suite.add('plain loop', plainLoop);
suite.add(`kernels (${kernels.level()})`, () => {
  kernels.compare(COMPARE.lt, column, 500, mask);
  return kernels.sum(column, mask);
});
suite.on('cycle', (event: Benchmark.Event) => {
  const { name, hz, stats } = event.target as unknown as Benchmark;
  rates.push(hz ?? Number.NaN);
  const millions = ((hz ?? 0) * ROWS) / 1e6;
  process.stdout.write(`${name}: ${millions.toFixed(0)} M rows/s +-${stats?.rme.toFixed(1)} %\n`);
});
suite.on('complete', () => {
  const [loop = Number.NaN, addon = Number.NaN] = rates;
  process.stdout.write(`ratio: ${(addon / loop).toFixed(2)}x the plain loop\n`);
});
suite.run();

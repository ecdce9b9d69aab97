import test from 'ava';
import { BufferedPrinter, HELD_ROWS_MAX } from '../../../ts/terminal/print/buffered-printer.ts';
import { cellLines } from '../../../ts/terminal/print/cell-lines.ts';
import { displayWidth } from '../../../ts/terminal/print/display-width.ts';
import { makePrinter } from '../../../ts/terminal/print/make-printer.ts';
import { defaultPrintOptions } from '../../../ts/terminal/print/print-options.ts';
import type { Cell, Column } from '../../../ts/terminal/print/table-printer.ts';

const COLUMNS: readonly Column[] = [
  { name: 'n', typeOid: 1700 },
  { name: 't', typeOid: 25 },
];

function sink() {
  const written = { text: '' };
  const write = (text: string): void => {
    written.text += text;
  };
  return { written, write };
}

test('widths: wide characters take two columns, combining ones none', (t) => {
  t.is(displayWidth('abc'), 3);
  t.is(displayWidth('漢字'), 4);
  t.is(displayWidth('e\u0301'), 1);
  t.is(displayWidth('😀'), 2);
});

test('cells: lines, tabs, what cannot be printed', (t) => {
  t.deepEqual(cellLines('a\tb\r\nc\x1b\u0085'), [
    { text: 'a       b\\r', width: 11 },
    { text: 'c\\x1B\\u0085', width: 11 },
  ]);
});

test('aligned output holds back a bounded number of rows, then keeps its widths', (t) => {
  const out = sink();
  const printer = new BufferedPrinter(defaultPrintOptions(), COLUMNS, out, 0);
  const row: readonly Cell[] = ['1', 'x'];
  for (let index = 0; index < HELD_ROWS_MAX - 1; index += 1) printer.row(row);
  t.is(out.written.text, '');
  printer.row(row);
  t.true(out.written.text.startsWith(' n | t \n---+---\n 1 | x\n'));
  const before = out.written.text.length;
  printer.row(['22', 'wider than the column']);
  t.is(out.written.text.slice(before), ' 22 | wider than the column\n');
  printer.finish();
  t.true(out.written.text.endsWith(`(${HELD_ROWS_MAX + 1} rows)\n\n`));
});

test('unaligned, CSV and JSON write each row at once', (t) => {
  for (const [format, expected] of [
    ['unaligned', ['n|t', '\n1.50|a', '\n|"b', '\n(2 rows)\n']],
    ['csv', ['n,t\n', '1.50,a\n', ',"""b"\n', '']],
    ['json', ['', '[{"n":1.50,"t":"a"}', ',\n {"n":null,"t":"\\"b"}', ']\n']],
  ] as const) {
    const out = sink();
    const steps: string[] = [];
    const step = () => {
      steps.push(out.written.text);
      out.written.text = '';
    };
    const printer = makePrinter({ ...defaultPrintOptions(), format }, COLUMNS, out, 0);
    step();
    printer.row(['1.50', 'a']);
    step();
    printer.row([null, '"b']);
    step();
    printer.finish();
    step();
    t.deepEqual(steps, [...expected], format);
  }
});

test('JSON: what is no number of JSON is text', (t) => {
  const out = sink();
  const columns = [
    { name: 'a', typeOid: 701 },
    { name: 'b', typeOid: 16 },
    { name: 'c', typeOid: 3802 },
    { name: 'd', typeOid: 20 },
  ];
  const printer = makePrinter({ ...defaultPrintOptions(), format: 'json' }, columns, out, 0);
  printer.row(['NaN', 't', '{"k": 1}', '9007199254740993']);
  printer.finish();
  t.is(out.written.text, '[{"a":"NaN","b":true,"c":{"k": 1},"d":9007199254740993}]\n');
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createLogger } from '../../../ts/monitoring/index.ts';
import { BUILT_IN } from '../../../ts/services/monitoring/alert-rule.ts';
import { AlertService } from '../../../ts/services/monitoring/alert-service.ts';
import { parseExpression } from '../../../ts/services/monitoring/metric-expression.ts';
import { MetricSample } from '../../../ts/services/monitoring/metric-sample.ts';
import { systemClock } from '../../../ts/util/clock.ts';

let nowMs = 0;
const clock = { ...systemClock, monotonicMs: () => nowMs, wallMs: () => nowMs };
const log = createLogger({ level: 'critical', format: 'json', sink: { write() {} } });

function sampleOf(values: Readonly<Record<string, number>>): MetricSample {
  const families = Object.entries(values).map(([metricName, value]) => ({
    name: metricName,
    help: '',
    type: 'gauge',
    values: [
      { metricName, labels: { kind: 'a' }, value },
      { metricName, labels: { kind: 'b' }, value: 1 },
    ],
  }));
  return new MetricSample(clock, families);
}

function service(path?: string): AlertService {
  let ids = 0;
  const readFile = (at: string) => (existsSync(at) ? readFileSync(at, 'utf8') : undefined);
  const newId = () => {
    ids += 1;
    return `alert-${ids}`;
  };
  return new AlertService({ clock, log, newId, path, readFile });
}

const RULE = {
  id: 'many',
  expression: 'depth{kind="a"}',
  comparison: '>',
  threshold: 10,
  forSecs: 5,
  severity: 'warning',
  description: '',
} as const;

const has = (name: string): boolean => name === 'depth';

test('an alert is pending, fires, is acknowledged, is resolved, and may come again', async (t) => {
  const alerts = service();
  await alerts.addRule(RULE, has);
  const judge = (atMs: number, depth: number) => {
    nowMs = atMs;
    alerts.evaluate({ now: sampleOf({ depth }), before: undefined });
    return alerts.list().map(({ id, state, value }) => [id, state, value]);
  };
  t.deepEqual(judge(1000, 10), []);
  t.deepEqual(judge(2000, 11), [['alert-1', 'pending', 11]]);
  // Over before its time: nothing was to be told.
  t.deepEqual(judge(3000, 3), []);
  t.deepEqual(judge(4000, 12), [['alert-2', 'pending', 12]]);
  t.deepEqual(judge(9000, 13), [['alert-2', 'firing', 13]]);
  t.is(alerts.firing, 1);
  t.is(alerts.acknowledge('alert-2', 'ann').acknowledgedBy, 'ann');
  t.deepEqual(judge(10_000, 1), [['alert-2', 'resolved', 13]]);
  t.is(alerts.list()[0]?.acknowledgedBy, 'ann');
  t.throws(() => alerts.acknowledge('alert-2', 'bob'), { message: /is resolved/ });
  t.throws(() => alerts.acknowledge('alert-9', 'bob'), { message: /not found/ });
  t.deepEqual(
    judge(11_000, 20).map(([id]) => id),
    ['alert-3', 'alert-2'],
  );
});

test('rules outlive the process; one that goes takes its alert with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-alerts-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'rules.json');
  await service(path).addRule(RULE, has);
  const alerts = service(path);
  t.deepEqual(alerts.rules(), [...BUILT_IN, RULE]);
  nowMs = 0;
  alerts.evaluate({ now: sampleOf({ depth: 99 }), before: undefined });
  await alerts.removeRule('many');
  t.deepEqual(alerts.list(), []);
  t.deepEqual(service(path).rules(), BUILT_IN);
  await t.throwsAsync(alerts.removeRule('many'), { message: /not found/ });
  await t.throwsAsync(alerts.removeRule('writing-stopped'), { message: /in use/ });
});

test('expressions are what they look like', (t) => {
  nowMs = 0;
  const before = sampleOf({ depth: 10, width: 4 });
  nowMs = 2000;
  const now = sampleOf({ depth: 30, width: 2 });
  const value = (text: string) => parseExpression(text).evaluate({ now, before });
  t.is(value('1 + 2 * 3 - 4 / 2'), 5);
  t.is(value('(1 + 2) * 3'), 9);
  t.is(value('depth'), 31);
  t.is(value('depth{kind="a"} / width{kind="a",}'), 15);
  t.is(value('rate(depth{kind="a"})'), 10);
  // A counter that began anew has not gone back.
  t.is(value('rate(width{kind="a"})'), 0);
  t.is(value('none'), undefined);
  t.is(value('1 / (depth - depth)'), undefined);
  t.is(parseExpression('rate(depth)').evaluate({ now, before: undefined }), undefined);
  for (const text of [
    '',
    '1 +',
    'depth{',
    'depth{kind=a}',
    '1 1',
    'rate(1)',
    '$',
    'x'.repeat(501),
  ]) {
    t.throws(() => parseExpression(text), { message: /^invalid request: expression/ }, text);
  }
});

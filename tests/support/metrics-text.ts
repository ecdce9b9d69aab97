// The text format of Prometheus, read strictly: what is not as its specification says throws.

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*",?)*)\\})? ([^ ]+)$`,
);

export interface TextFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Name with labels -> value. */
  readonly samples: ReadonlyMap<string, number>;
}

const VALUES: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
  Nan: Number.NaN,
};

function numberOf(text: string, line: string): number {
  const value = VALUES[text] ?? Number(text);
  if (text === '' || (Number.isNaN(value) && !(text in VALUES)))
    throw new Error(`no value: ${line}`);
  return value;
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** The metrics of a text, in order. */
export function parseMetrics(text: string): readonly TextFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, TextFamily & { samples: Map<string, number> }>();
  let help: RegExpExecArray | null = null;
  let family: (TextFamily & { samples: Map<string, number> }) | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
      if (help === null) throw new Error(`no help: ${line}`);
      continue;
    }
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary)$`).exec(line);
    if (type !== null) {
      const name = type[1] ?? '';
      if (help?.[1] !== name) throw new Error(`a type without help: ${line}`);
      if (families.has(name)) throw new Error(`twice: ${name}`);
      family = { name, type: type[2] ?? '', help: help[2] ?? '', samples: new Map() };
      families.set(name, family);
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null || family === undefined) throw new Error(`no sample: ${line}`);
    const { name, type: kind, samples } = family;
    const names = (SUFFIXES[kind] ?? ['']).map((suffix) => `${name}${suffix}`);
    if (!names.includes(sample[1] ?? '')) throw new Error(`none of ${name}: ${line}`);
    const key = `${sample[1]}{${sample[2] ?? ''}}`;
    if (samples.has(key)) throw new Error(`twice: ${key}`);
    samples.set(key, numberOf(sample[3] ?? '', line));
  }
  return [...families.values()];
}

import test from 'ava';
import fc from 'fast-check';
import { loadConfig, type Sources } from '../../../ts/config/index.ts';
import { RustyError } from '../../../ts/errors/index.ts';

const GIB = 1024 ** 3;

function sources(change: Partial<Sources> & { file?: string } = {}): Sources {
  const { file, ...rest } = change;
  return {
    flags: [],
    environment: {},
    readFile: (path) => (path === './rustydb.toml' ? file : undefined),
    memoryBytes: 8 * GIB,
    ...rest,
  };
}

function refusal(change: Parameters<typeof sources>[0]): string {
  try {
    loadConfig(sources(change));
  } catch (error) {
    if (error instanceof RustyError && error.code === 'CONFIGURATION_ERROR') return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

test('defaults stand where nothing is set', (t) => {
  const { config, setBy } = loadConfig(sources());
  t.is(config.network.port, 5432);
  t.is(config.network.connectionTimeoutMs, 30_000);
  t.is(config.network.maxMessageBytes, 64 * 1024 ** 2);
  t.is(config.data.bufferPoolBytes, 2 * GIB);
  t.is(config.environment, 'development');
  t.is(config.network.unixSocket, undefined);
  t.deepEqual(setBy, {});
  t.true(Object.isFrozen(config) && Object.isFrozen(config.network));
});

test('a quarter of little memory is still a pool of 64 MiB', (t) => {
  t.is(loadConfig(sources({ memoryBytes: 10 })).config.data.bufferPoolBytes, 64 * 1024 ** 2);
});

test('file < environment < flags, each named as the source', (t) => {
  const file = '[network]\nport = 1\nmax_connections = 2\n[data]\npath = "a"\n';
  const environment = { RUSTYDB_PORT: '3', RUSTYDB_DATA_PATH: 'b', PATH: '/bin' };
  const { config, setBy } = loadConfig(sources({ file, environment, flags: [['data.path', 'c']] }));
  t.is(config.network.maxConnections, 2);
  t.is(config.network.port, 3);
  t.is(config.data.path, 'c');
  t.deepEqual(setBy, {
    'network.port': 'environment RUSTYDB_PORT',
    'network.max_connections': 'file ./rustydb.toml',
    'data.path': 'flag --data.path',
  });
});

test('/etc comes before the working folder, a named file before both', (t) => {
  const readFile = (path: string) => `[data]\npath = "${path}"`;
  t.is(loadConfig(sources({ readFile })).config.data.path, '/etc/rustydb/config.toml');
  t.is(loadConfig(sources({ readFile, configPath: 'x.toml' })).config.data.path, 'x.toml');
  t.is(refusal({ configPath: 'x.toml' }), '--config = "x.toml": no such file');
});

test('aliases and seconds', (t) => {
  const file = '[network]\nconnection_timeout_secs = 7\nmax_request_size = "2MiB"\n';
  const { config } = loadConfig(sources({ file }));
  t.is(config.network.connectionTimeoutMs, 7000);
  t.is(config.network.maxRequestBytes, 2 * 1024 ** 2);
  t.is(
    loadConfig(sources({ environment: { RUSTYDB_POOL_TIMEOUT: '2s' } })).config.pool
      .acquireTimeoutMs,
    2000,
  );
  t.is(
    loadConfig(sources({ flags: [['monitoring.slow_query_ms', '250']] })).config.monitoring
      .slowQueryMs,
    250,
  );
});

test('NODE_ENV=production makes it production', (t) => {
  t.is(
    loadConfig(sources({ environment: { NODE_ENV: 'production' } })).config.environment,
    'production',
  );
});

test('a refusal is one line that names key, value, what is allowed and the source', (t) => {
  t.is(
    refusal({ flags: [['network.port', '70000']] }),
    'network.port = "70000" (flag --network.port): allowed is an integer from 0 to 65535',
  );
  t.is(
    refusal({ environment: { RUSTYDB_PORT: 'abc' } }),
    'network.port = "abc" (environment RUSTYDB_PORT): allowed is an integer from 0 to 65535',
  );
  t.is(
    refusal({ file: '[network]\nprot = 1' }),
    'network.prot = 1 (file ./rustydb.toml): no such key in this version; did you mean network.port?',
  );
  t.is(
    refusal({ environment: { RUSTYDB_PROT: '1' } }),
    'RUSTYDB_PROT = "1" (environment): no such key in this version; did you mean RUSTYDB_PORT?',
  );
  t.is(
    refusal({
      flags: [
        ['pool.min_size', '50'],
        ['pool.max_size', '20'],
        ['pool.initial_size', '1'],
      ],
    }),
    'pool.min_size = 50 (flag --pool.min_size): allowed is at most pool.max_size (pool.max_size = 20)',
  );
  t.is(
    refusal({ flags: [['api.max_page_size', '20']] }),
    'api.default_page_size = the default (default): allowed is at most api.max_page_size (api.max_page_size = 20)',
  );
  t.is(
    refusal({ flags: [['network.connection_timeout', '30']] }),
    'network.connection_timeout = "30" (flag --network.connection_timeout): allowed is a duration from 0 to 2147483647ms, such as 30s or 5m',
  );
  t.regex(refusal({ file: 'a = [' }), /^\.\/rustydb\.toml:1:\d+: not TOML: [^\n]+$/);
  t.regex(refusal({ file: '[network]\nport = [1]' }), /^network\.port = 1 \(file/);
});

test('what this version cannot honour is refused', (t) => {
  t.regex(refusal({ flags: [['network.listen_addr', '0.0.0.0']] }), /a loopback address/);
  t.regex(refusal({ flags: [['security.require_auth', 'true']] }), /no authentication/);
  const password = refusal({ environment: { RUSTYDB_PASSWORD: 'hunter2' } });
  t.regex(password, /RUSTYDB_PASSWORD .*no passwords/);
  t.notRegex(password, /hunter2/);
  t.regex(refusal({ flags: [['data.engine', 'postgresql://u:secret@h/d']] }), /u:\[redacted\]@h/);
  for (const address of ['::1', 'localhost', '127.9.9.9', '[::1]']) {
    t.notThrows(() => loadConfig(sources({ flags: [['network.listen_addr', address]] })), address);
  }
});

test('no text of a flag makes anything but a configuration or a one-line refusal', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, value) => {
      try {
        loadConfig(sources({ flags: [[name, value]] }));
      } catch (error) {
        if (!(error instanceof RustyError)) throw error;
      }
    }),
  );
  t.pass();
});

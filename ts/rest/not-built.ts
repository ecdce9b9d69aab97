// What the contract names and this version does not have: it answers 501, and is not in OpenAPI.

/** Paths under /api/v1, each a prefix of whole segments. */
const PREFIXES = [
  'stream',
  'procedures',
  'functions',
  'triggers',
  'rpc',
  'transactions',
  'locks',
  'deadlocks',
  'mvcc',
  'wal',
  'auth',
  'admin',
  'pool',
  'sessions',
  'network/protocol',
  'network/loadbalancer',
  'network/ports',
  'network/listeners',
  'network/nat',
  'network/firewall',
  'network/resolver',
  'network/health',
  'network/cluster',
  'gateway/routes',
  'gateway/services',
  'gateway/metrics',
  'gateway/stats',
  'gateway/policies',
  'gateway/audit',
  'monitoring',
  'websocket',
  'storage',
  'buffer-pool',
  'memory',
  'simd',
  'inmemory',
  'optimizer',
  'cluster',
  'backup',
  'replication',
  'rac',
  'security',
  'ml',
  'analytics',
  'graph',
  'documents',
  'spatial',
  'tenants',
  'blockchain',
  'autonomous',
  'cep',
  'flashback',
  'streams',
  'resource-manager',
  'workload',
  'enterprise',
  'orchestration',
] as const;

/** Paths below objects that are there. */
const BELOW = /^\/api\/v1\/indexes\/[^/]+\/(?:stats|rebuild)$/;

/** Methods of paths that have others. */
const METHODS = [{ path: /^\/api\/v1\/databases(?:\/|$)/, methods: ['POST', 'DELETE'] }] as const;

/** Paths at the root. */
const ROOT_PREFIXES = ['graphql', 'ws', '.well-known', 'console', 'docs'] as const;

/** The part of the contract that a request belongs to, or undefined where it names nothing. */
export function notBuilt(method: string, path: string): string | undefined {
  const known = METHODS.find((one) => one.path.test(path));
  const methods: readonly string[] = known?.methods ?? [];
  if (methods.includes(method)) return `${method} ${path.slice('/api/v1'.length)}`;
  if (BELOW.test(path)) return path.slice('/api/v1'.length);
  const inApi = path.startsWith('/api/v1/');
  const place = path.slice(inApi ? '/api/v1/'.length : 1);
  const prefixes: readonly string[] = inApi ? PREFIXES : ROOT_PREFIXES;
  const found = prefixes.find((prefix) => place === prefix || place.startsWith(`${prefix}/`));
  return found === undefined ? undefined : `/${found}`;
}

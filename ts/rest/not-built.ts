// What the contract names and this version does not have: it answers 501, and is not in OpenAPI.

/** Paths under /api/v1, each a prefix of whole segments. */
const PREFIXES = [
  'stream',
  'databases',
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
  'pools',
  'pool',
  'connections',
  'sessions',
  'network',
  'gateway',
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

/** Paths at the root. */
const ROOT_PREFIXES = ['graphql', 'ws', '.well-known', 'console', 'docs'] as const;

/** The part of the contract that a path belongs to, or undefined where it names nothing. */
export function notBuilt(path: string): string | undefined {
  if (BELOW.test(path)) return path.slice('/api/v1'.length);
  const inApi = path.startsWith('/api/v1/');
  const first = path.slice(inApi ? '/api/v1/'.length : 1).split('/')[0] ?? '';
  const prefixes: readonly string[] = inApi ? PREFIXES : ROOT_PREFIXES;
  return prefixes.includes(first) ? `/${first}` : undefined;
}

// What a client does with the API: one call of every operation, through the functions and types that
// a public generator has made of the OpenAPI document (`api.ts`, which stands beside this file only
// while tests/rest/generated-client.test.ts runs). It is compiled with them: an operation that is
// not called here, or an answer without a member that is read here, is an error of the compiler.
import { deepEqual, equal, ok } from 'node:assert/strict';
import * as api from './api.ts';

/** The functions of the client. */
type Operation = {
  [Name in keyof typeof api]: (typeof api)[Name] extends (...args: never[]) => Promise<unknown>
    ? Name
    : never;
}[keyof typeof api];

interface Answer {
  readonly status: number;
}

/** What an answer of a status has in its body. */
type DataOf<A extends Answer, Status extends A['status']> =
  Extract<A, { status: Status }> extends { data: infer Data } ? Data : undefined;

/** The body of an answer, which must have the status. */
async function answered<A extends Answer, const Status extends A['status']>(
  call: Promise<A>,
  status: Status,
): Promise<DataOf<A, Status>> {
  const answer = await call;
  equal(answer.status, status, JSON.stringify(answer));
  return (answer as { data?: unknown }).data as DataOf<A, Status>;
}

const csv = (text: string): Blob => new Blob([text], { type: 'text/csv' });

const ENDLESS = 'SELECT count(*) FROM generate_series(1, 1000000000000)';

async function findEndless(): Promise<string> {
  for (;;) {
    const { items } = await answered(api.listQueries({ limit: 100 }), 200);
    const found = items.find(({ sql }) => sql === ENDLESS);
    if (found !== undefined) return found.id;
  }
}

async function findFiring() {
  for (;;) {
    const { items } = await answered(api.listAlerts({ state: 'firing' }), 200);
    const found = items.find(({ ruleId }) => ruleId === 'always');
    if (found !== undefined) return found;
  }
}

/** Each leaves the database as the next one needs it. */
export const CALLS: { readonly [Name in Operation]: () => Promise<void> } = {
  async health() {
    const { status, checks, uptimeSeconds } = await answered(api.health(), 200);
    equal(status, 'healthy');
    equal(checks.database, 'ok');
    ok(uptimeSeconds >= 0);
  },
  async healthLive() {
    equal((await answered(api.healthLive(), 200)).status, 'alive');
  },
  async healthReady() {
    equal((await answered(api.healthReady(), 200)).checks?.storage, 'ok');
  },
  async healthStartup() {
    equal((await answered(api.healthStartup(), 200)).status, 'started');
  },
  async version() {
    equal((await answered(api.version(), 200)).postgresql, '15');
  },
  async config() {
    ok('api' in (await answered(api.config(), 200)));
  },
  async metrics() {
    const text = await answered(api.metrics(), 200);
    ok(text.includes('rustydb_api_requests_total'));
  },
  async openapi() {
    equal((await answered(api.openapi(), 200)).openapi, '3.1.0');
  },

  async networkStatus() {
    const { doors } = await answered(api.networkStatus(), 200);
    equal(doors.map(({ protocol }) => protocol).join(), 'postgresql,http');
  },
  async listProtocols() {
    const { items } = await answered(api.listProtocols(), 200);
    deepEqual(items[1], { name: 'postgresql', versions: ['3.0'], enabled: true });
  },
  async setProtocols() {
    const { total } = await answered(api.setProtocols({ postgresql: { enabled: true } }), 200);
    equal(total, 2);
  },
  async listNetworkConnections() {
    const { items } = await answered(api.listNetworkConnections({ limit: 9 }), 200);
    ok(items.some(({ protocol, state }) => protocol === 'http' && state === 'working'));
  },
  async getNetworkConnection() {
    const { items } = await answered(api.listNetworkConnections(), 200);
    const id = items.find(({ state }) => state === 'working')?.id ?? '';
    equal((await answered(api.getNetworkConnection(id), 200)).id, id);
  },
  async closeNetworkConnection() {
    equal((await api.closeNetworkConnection('none')).status, 404);
  },
  async setCircuitBreaker() {
    const policy = { failureThreshold: 3, state: 'open' } as const;
    equal((await answered(api.setCircuitBreaker('hook', policy), 200)).state, 'open');
  },
  async listCircuitBreakers() {
    equal((await answered(api.listCircuitBreakers(), 200)).items[0]?.name, 'hook');
  },
  async getCircuitBreaker() {
    const { policy, isTripped } = await answered(api.getCircuitBreaker('hook'), 200);
    equal(policy.failureThreshold, 3);
    ok(isTripped);
  },
  async testCircuitBreaker() {
    const { probed, breaker } = await answered(api.testCircuitBreaker('hook'), 200);
    ok(!probed);
    equal(breaker.state, 'half-open');
  },
  async resetCircuitBreaker() {
    equal((await answered(api.resetCircuitBreaker('hook'), 200)).state, 'closed');
  },
  async getCircuitBreakerHistory() {
    const { items } = await answered(api.getCircuitBreakerHistory('hook'), 200);
    deepEqual(
      items.map(({ reason }) => reason),
      ['reset', 'tested', 'tripped'],
    );
  },
  async createFilter() {
    const asked = { addresses: '198.51.100.7/24', action: 'deny' } as const;
    const made = await answered(api.createFilter(asked), 201);
    equal(made.addresses, '198.51.100.0/24');
  },
  async listFilters() {
    equal((await answered(api.listFilters(), 200)).items[0]?.action, 'deny');
  },
  async getFilter() {
    const id = (await answered(api.listFilters(), 200)).items[0]?.id ?? '';
    equal((await answered(api.getFilter(id), 200)).source, 'api');
  },
  async deleteFilter() {
    const id = (await answered(api.listFilters(), 200)).items[0]?.id ?? '';
    await answered(api.deleteFilter(id), 204);
    equal((await answered(api.listFilters(), 200)).total, 0);
  },

  async query() {
    const answer = await answered(
      api.query({ sql: 'SELECT $1::int + 1 AS two', params: [1] }),
      200,
    );
    ok(!('error' in answer));
    deepEqual(answer.columns, [{ name: 'two', type: 'integer', nullable: true }]);
    deepEqual(answer.rows, [{ two: 2 }]);
    equal(answer.rowCount, 1);
    const failed = await api.query({ sql: 'SELECT 1 +' });
    ok(failed.status !== 200 && failed.status !== 304);
    equal((failed.data as api.Error).error.code, 'SYNTAX_ERROR');
    equal((failed.data as api.Error).error.position, 11);
  },
  async explainQuery() {
    const plan = await answered(api.explainQuery({ sql: 'SELECT 1', analyze: true }), 200);
    equal(plan.length, 1);
  },
  async listQueries() {
    const { items, total } = await answered(api.listQueries({ limit: 1, offset: 0 }), 200);
    deepEqual([items.length, total], [0, 0]);
  },
  async cancelQuery() {
    const running = api.query({ sql: ENDLESS });
    await answered(api.cancelQuery(await findEndless()), 204);
    equal((await running).status, 499);
  },
  async batch() {
    const statements = ['SELECT 1 AS one', { sql: 'SELECT $1::text AS a', params: ['b'] }];
    const { results } = await answered(api.batch({ statements, atomic: true }), 200);
    equal(results.length, 2);
  },

  async createSchema() {
    const made = await answered(api.createSchema('shop'), 201);
    deepEqual([made.name, made.tables], ['shop', []]);
  },
  async listSchemas() {
    const { items } = await answered(api.listSchemas({ limit: 10 }), 200);
    deepEqual(
      items.map(({ name }) => name),
      ['public', 'shop'],
    );
  },
  async getSchema() {
    equal((await answered(api.getSchema('shop'), 200)).owner, 'rustydb');
  },
  async getDefaultSchema() {
    equal((await answered(api.getDefaultSchema(), 200)).name, 'public');
  },

  async listDatabases() {
    equal((await answered(api.listDatabases(), 200)).items[0]?.name, 'rustydb');
  },
  async getDatabase() {
    equal((await answered(api.getDatabase('rustydb'), 200)).encoding, 'UTF8');
  },

  async createTable() {
    const made = await answered(
      api.createTable({
        name: 'customers',
        columns: [
          { name: 'id', type: 'int', primaryKey: true },
          { name: 'name', type: 'text', nullable: false },
        ],
      }),
      201,
    );
    deepEqual(made.primaryKey, ['id']);
  },
  async createNamedTable() {
    const made = await answered(
      api.createNamedTable('orders', {
        columns: [
          { name: 'id', type: 'bigint', primaryKey: true, identity: 'by default' },
          { name: 'customer_id', type: 'int', references: { table: 'customers' } },
          { name: 'amount', type: 'numeric(10,2)', default: 0 },
        ],
        checks: ['amount >= 0'],
      }),
      201,
    );
    equal(made.constraints.find(({ kind }) => kind === 'foreign')?.target?.table, 'customers');
  },
  async changeTable() {
    const changed = await answered(
      api.changeTable('orders', { add: [{ name: 'note', type: 'text' }] }),
      200,
    );
    equal(changed.columns.at(-1)?.name, 'note');
  },
  async listTables() {
    const first = await answered(api.listTables({ schema: 'public', limit: 1 }), 200);
    const { nextCursor } = first;
    ok(nextCursor !== undefined);
    const second = await answered(api.listTables({ limit: 1, cursor: nextCursor }), 200);
    deepEqual([first.total, second.items[0]?.name], [2, 'orders']);
  },
  async getTable() {
    const { columns, rowEstimate } = await answered(api.getTable('public.customers'), 200);
    deepEqual([columns[1]?.nullable, rowEstimate], [false, null]);
  },

  async insertRows() {
    const rows = [
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
      { id: 3, name: 'Cid' },
    ];
    const prefer = 'return=representation';
    deepEqual(await answered(api.insertRows('customers', rows, { prefer }), 201), rows);
  },
  async listRows() {
    const found = await answered(
      api.listRows('customers', { filters: { id: ['gte.1', 'lt.3'] }, order: 'id.desc' }),
      200,
    );
    deepEqual(
      found.map(({ name }) => name),
      ['Bob', 'Ann'],
    );
    const page = await api.listRows('customers', { range: '0-0', prefer: 'count=exact' });
    equal(page.status, 206);
  },
  async getRow() {
    deepEqual(await answered(api.getRow('customers', '1', { select: 'name' }), 200), {
      name: 'Ann',
    });
  },
  async updateRow() {
    await answered(api.updateRow('customers', '1', { name: 'Anna' }), 204);
  },
  async updateRows() {
    const filters = { name: 'like.B*' };
    const prefer = 'return=representation';
    const changed = api.updateRows('customers', { name: 'Bert' }, { filters, prefer });
    deepEqual(await answered(changed, 200), [{ id: 2, name: 'Bert' }]);
  },
  async deleteRow() {
    await answered(api.deleteRow('customers', '3'), 204);
  },
  async deleteRows() {
    await answered(api.deleteRows('customers', { filters: { id: 'eq.2' } }), 204);
  },

  async importTable() {
    const file = csv('id,name\n7,Gil\nx,Hal\n');
    const loaded = await answered(api.importTable('customers', file, { onError: 'skip' }), 200);
    equal(loaded.accepted, 1);
    deepEqual(loaded.rejected, [
      {
        line: 3,
        column: 'id',
        sqlstate: '22P02',
        reason: 'invalid input syntax for type integer: "x"',
      },
    ]);
  },
  async listJobs() {
    const file = csv('id,name\n8,Hal\n');
    const prefer = 'respond-async';
    const { jobId } = await answered(api.importTable('customers', file, { prefer }), 202);
    const { items } = await answered(api.listJobs({ limit: 1 }), 200);
    deepEqual([items[0]?.id, items[0]?.kind], [jobId, 'import']);
  },
  async getJob() {
    const [{ id } = { id: '' }] = (await answered(api.listJobs(), 200)).items;
    for (;;) {
      const { state, progress, error, result } = await answered(api.getJob(id), 200);
      if (state === 'running') continue;
      deepEqual([state, progress, error, result?.accepted], ['succeeded', 1, null, 1]);
      return;
    }
  },
  async cancelJob() {
    const [{ id } = { id: '' }] = (await answered(api.listJobs(), 200)).items;
    await answered(api.cancelJob(id), 204);
    equal((await api.getJob(id)).status, 404);
  },
  async exportTable() {
    const file = await answered(api.exportTable('customers', { format: 'csv' }), 200);
    equal(file, 'id,name\n1,Anna\n7,Gil\n8,Hal\n');
  },

  async createView() {
    const made = api.createView({ name: 'names', query: 'SELECT name FROM customers' });
    equal((await answered(made, 201)).name, 'names');
  },
  async listViews() {
    equal((await answered(api.listViews(), 200)).total, 1);
  },
  async getView() {
    ok((await answered(api.getView('names'), 200)).definition.includes('customers'));
  },
  async createMaterializedView() {
    const body = { name: 'kept', query: 'SELECT name FROM customers', withData: false };
    equal((await answered(api.createMaterializedView(body), 201)).populated, false);
  },
  async refreshMaterializedView() {
    equal((await answered(api.refreshMaterializedView('kept'), 200)).populated, true);
  },
  async listMaterializedViews() {
    equal((await answered(api.listMaterializedViews(), 200)).items[0]?.name, 'kept');
  },
  async getMaterializedView() {
    equal((await answered(api.getMaterializedView('kept'), 200)).schema, 'public');
  },
  async createIndex() {
    const body = { name: 'by_name', table: 'customers', columns: ['name'] };
    equal((await answered(api.createIndex(body), 201)).valid, true);
  },
  async listIndexes() {
    const { items } = await answered(api.listIndexes(), 200);
    equal(items.filter(({ primary }) => primary).length, 2);
  },
  async getIndex() {
    equal((await answered(api.getIndex('by_name'), 200)).table, 'customers');
  },
  async createSequence() {
    equal((await answered(api.createSequence({ name: 'numbers', start: 5 }), 201)).start, 5);
  },
  async listSequences() {
    equal((await answered(api.listSequences(), 200)).total, 2);
  },
  async getSequence() {
    equal((await answered(api.getSequence('numbers'), 200)).increment, 1);
  },

  async getConfig() {
    const { version, keys } = await answered(api.getConfig(), 200);
    equal(version, 1);
    ok(keys.some(({ key, source }) => key === 'data.path' && source.startsWith('flag')));
  },
  async changeConfig() {
    const change = { version: 1, pool: { acquire_timeout: '10s' } };
    const { changed } = await answered(api.changeConfig(change), 200);
    deepEqual(changed, [{ key: 'pool.acquire_timeout', from: '30s', to: '10s', effect: 'now' }]);
  },
  async rollbackConfig() {
    equal((await answered(api.rollbackConfig({ to: 1 }), 200)).version, 3);
  },
  async listConfigVersions() {
    const { items } = await answered(api.listConfigVersions(), 200);
    deepEqual(
      items.map(({ origin }) => origin),
      ['rollback', 'request', 'start'],
    );
  },
  async getConfigVersion() {
    deepEqual((await answered(api.getConfigVersion(3, { since: 1 }), 200)).changed, []);
  },
  async listAudit() {
    const { items } = await answered(api.listAudit({ action: 'config_change' }), 200);
    equal(items.length, 2);
  },
  async listGatewayAudit() {
    await answered(api.listGatewayAudit({ limit: 1 }), 200);
  },
  async listSecurityAudit() {
    await answered(api.listSecurityAudit({ limit: 1 }), 200);
  },
  async listMetrics() {
    const { metrics } = await answered(api.listMetrics(), 200);
    ok(metrics.some(({ name }) => name === 'rustydb_audit_records_total'));
  },
  async prometheusMetrics() {
    ok((await answered(api.prometheusMetrics(), 200)).includes('# TYPE rustydb_sessions gauge'));
  },
  async listLogs() {
    const { items } = await answered(api.listLogs({ level: 'info', limit: 1000 }), 200);
    ok(items.some(({ message }) => message === 'ready'));
  },
  async listQueryStats() {
    const { items } = await answered(api.listQueryStats({ limit: 1000 }), 200);
    const found = items.find(({ sql }) => sql === 'SELECT $1::int + 1 AS two');
    deepEqual([found?.type, found?.calls, found?.failures], ['select', 1, 0]);
  },
  async listSlowQueries() {
    await answered(api.changeConfig({ monitoring: { slow_query_ms: 0 } }), 200);
    await answered(api.query({ sql: 'SELECT 1 AS slow' }), 200);
    const { items } = await answered(api.listSlowQueries(), 200);
    ok(items.some(({ sql }) => sql === 'SELECT 1 AS slow'));
  },
  async getPerformance() {
    ok((await answered(api.getPerformance(), 200)).residentBytes > 0);
  },
  async getSessionStats() {
    ok((await answered(api.getSessionStats(), 200)).pool.total > 0);
  },
  async getDashboards() {
    equal((await answered(api.getDashboards(), 200)).dashboards.length, 5);
  },
  async getDashboard() {
    const { panels } = await answered(api.getDashboard('connection-pool'), 200);
    equal(panels[0]?.expression, 'rustydb_pool_total_connections');
  },
  async createAlertRule() {
    const rule = { id: 'always', expression: 'rustydb_sessions', threshold: -1 };
    equal((await answered(api.createAlertRule(rule), 201)).severity, 'warning');
    // From now on it is judged quickly.
    await answered(api.changeConfig({ monitoring: { sample_interval: '100ms' } }), 200);
  },
  async listAlertRules() {
    const { items } = await answered(api.listAlertRules(), 200);
    ok(items.some(({ id, builtIn }) => id === 'always' && !builtIn));
  },
  async listAlerts() {
    equal((await findFiring()).state, 'firing');
  },
  async acknowledgeAlert() {
    const { id } = await findFiring();
    equal((await answered(api.acknowledgeAlert(id), 200)).acknowledgedBy, 'rustydb');
  },
  async deleteAlertRule() {
    await answered(api.deleteAlertRule('always'), 204);
    const { items } = await answered(api.listAlerts({ state: 'resolved' }), 200);
    equal(items.length, 1);
  },
  async maintain() {
    const { jobId } = await answered(api.maintain({ operation: 'analyze' }), 202);
    equal((await answered(api.getJob(jobId), 200)).kind, 'maintenance');
  },

  async deleteSequence() {
    await answered(api.deleteSequence('numbers'), 204);
  },
  async deleteIndex() {
    await answered(api.deleteIndex('by_name'), 204);
  },
  async deleteMaterializedView() {
    await answered(api.deleteMaterializedView('kept'), 204);
  },
  async deleteView() {
    await answered(api.deleteView('names', { ifExists: 'true' }), 204);
  },
  async deleteTable() {
    await answered(api.deleteTable('customers', { cascade: 'true' }), 204);
  },
  async deleteSchema() {
    await answered(api.deleteSchema('shop'), 204);
  },
  async createRateLimit() {
    const rule = {
      id: 'all',
      key: 'address',
      algorithm: 'sliding_window',
      windowSecs: 60,
    } as const;
    const made = await answered(api.createRateLimit({ ...rule, requests: 100_000 }), 201);
    equal(made.source, 'rules');
  },
  async listRateLimits() {
    const { items } = await answered(api.listRateLimits({ limit: 10 }), 200);
    deepEqual(
      items.map(({ id }) => id),
      ['all', 'api'],
    );
  },
  async getRateLimit() {
    equal((await answered(api.getRateLimit('all'), 200)).requests, 100_000);
  },
  async replaceRateLimit() {
    const rule = { key: 'address', algorithm: 'token_bucket', windowSecs: 1 } as const;
    const match = { route: ['/query', '/tables/*'] };
    const body = { ...rule, requests: 5000, burst: 9000, match };
    deepEqual((await answered(api.replaceRateLimit('all', body), 200)).match, match);
  },
  async deleteRateLimit() {
    await answered(api.deleteRateLimit('all'), 204);
    equal((await api.getRateLimit('all')).status, 404);
  },
  async createQuota() {
    const quota = { id: 'monthly', key: 'user', period: 'month', limit: 1_000_000 } as const;
    deepEqual(await answered(api.createQuota(quota), 201), quota);
  },
  async listQuotas() {
    equal((await answered(api.listQuotas(), 200)).items[0]?.period, 'month');
  },
  async replaceQuota() {
    const body = { key: 'user', period: 'day', limit: 500_000, cost: 2 } as const;
    equal((await answered(api.replaceQuota('monthly', body), 200)).cost, 2);
  },
  async deleteQuota() {
    await answered(api.deleteQuota('monthly'), 204);
    equal((await answered(api.listQuotas(), 200)).total, 0);
  },
  async listPools() {
    equal((await answered(api.listPools(), 200)).items[0]?.id, 'default');
  },
  async getPool() {
    equal((await answered(api.getPool('default'), 200)).state, 'running');
  },
  async changePool() {
    const { settings } = await answered(api.changePool('default', { acquireTimeoutMs: 9000 }), 200);
    equal(settings.acquireTimeoutMs, 9000);
  },
  async getPoolStats() {
    equal((await answered(api.getPoolStats('default'), 200)).waiting, 0);
  },
  async pausePool() {
    equal((await answered(api.pausePool('default'), 200)).state, 'paused');
  },
  async drainPool() {
    equal((await answered(api.drainPool('default'), 200)).statistics.total, 0);
  },
  async resumePool() {
    equal((await answered(api.resumePool('default'), 200)).state, 'running');
  },
  async resizePool() {
    const { settings } = await answered(api.resizePool('default', { maxSize: 50 }), 200);
    equal(settings.maxSize, 50);
  },
  async getPoolLifecycle() {
    equal((await answered(api.getPoolLifecycle('default'), 200)).leakReclaim, false);
  },
  async changePoolLifecycle() {
    const changed = api.changePoolLifecycle('default', { idleTimeoutMs: 1_000_000 });
    equal((await answered(changed, 200)).idleTimeoutMs, 1_000_000);
  },
  async recyclePool() {
    equal((await answered(api.recyclePool('default'), 200)).id, 'default');
  },
  async getPoolLifecycleStats() {
    ok((await answered(api.getPoolLifecycleStats('default'), 200)).created > 0);
  },
  async createPoolPartition() {
    const made = api.createPoolPartition('default', { name: 'reports', maxSize: 5 });
    equal((await answered(made, 201)).maxSize, 5);
  },
  async listPoolPartitions() {
    const { items } = await answered(api.listPoolPartitions('default'), 200);
    deepEqual(
      items.map(({ name }) => name),
      ['default', 'reports'],
    );
  },
  async getPoolPartition() {
    equal((await answered(api.getPoolPartition('default', 'reports'), 200)).lends, true);
  },
  async changePoolPartition() {
    const changed = api.changePoolPartition('default', 'reports', { mayBorrow: true });
    equal((await answered(changed, 200)).mayBorrow, true);
  },
  async getPoolPartitionStats() {
    equal((await answered(api.getPoolPartitionStats('default', 'reports'), 200)).granted, 0);
  },
  async deletePoolPartition() {
    await answered(api.deletePoolPartition('default', 'reports'), 204);
  },
  async listPoolWaiters() {
    equal((await answered(api.listPoolWaiters('default'), 200)).total, 0);
  },
  async getPoolWaitStats() {
    equal((await answered(api.getPoolWaitStats('default'), 200)).longestMs, 0);
  },
  async clearPoolWaiters() {
    equal((await answered(api.clearPoolWaiters('default'), 200)).cleared, 0);
  },
  async listPoolLeaks() {
    equal((await answered(api.listPoolLeaks('default'), 200)).total, 0);
  },
  async clearPoolLeaks() {
    equal((await answered(api.clearPoolLeaks('default'), 200)).cleared, 0);
  },
  async listPoolConnections() {
    ok((await answered(api.listPoolConnections({ limit: 5 }), 200)).total > 0);
  },
  async getPoolConnection() {
    equal((await answered(api.getPoolConnection(0), 200)).id, 0);
  },
  async closePoolConnection() {
    equal((await api.closePoolConnection(0)).status, 409);
  },
  /** The last one. */
  async shutdown() {
    equal((await answered(api.shutdown(), 202)).status, 'stopping');
  },
};

/** Sends all calls to a server. */
export function use(baseUrl: string, send: typeof fetch): void {
  api.defaults.baseUrl = baseUrl;
  api.defaults.fetch = send;
}

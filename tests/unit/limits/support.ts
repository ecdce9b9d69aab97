import type { ClientAttributes, RateLimit } from '../../../ts/limits/index.ts';

export const ATTRIBUTES: ClientAttributes = {
  protocol: 'rest',
  method: 'POST',
  route: '/query',
  address: '127.0.0.1',
  user: 'one',
  isProved: false,
  database: 'd',
  application: 'a',
};

/** A rule that time does not help: nothing of it comes back while a test runs. */
export const rule = (id: string, requests: number, more: Partial<RateLimit> = {}): RateLimit => ({
  id,
  key: 'user',
  algorithm: 'fixed_window',
  requests,
  windowSecs: 86_400,
  ...more,
});

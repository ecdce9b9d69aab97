// What `/network/status` and `/network/protocols` say of the doors.
import type { Config } from '../config/index.ts';
import type { ConnectionReport, DoorControl, DoorPolicy, DoorProtocol } from '../gateway/index.ts';
import type { AllConnections } from './all-connections.ts';
import type { HttpCounts } from './http-counts.ts';

interface DoorReport {
  readonly protocol: DoorProtocol;
  readonly address: string;
  readonly port: number;
  readonly threads: number;
  readonly isOpen: boolean;
  readonly connections: number;
  readonly maxConnections: number;
}

export interface NetworkStatus {
  readonly doors: readonly DoorReport[];
  readonly connectionsInWork: number;
  readonly maxConnectionsInWork: number;
  readonly refusedByFilters: number;
}

export type NetworkReport = () => Promise<NetworkStatus>;

export interface NetworkReportOptions {
  readonly config: Config;
  readonly connections: AllConnections;
  readonly counts: HttpCounts;
  readonly policy: DoorPolicy;
  /** Those that were bound. */
  readonly ports: () => Readonly<Record<DoorProtocol, number>>;
  readonly threads: number;
}

export function networkReport(options: NetworkReportOptions): NetworkReport {
  const { config, connections, counts, policy, ports, threads } = options;
  const doorOf = (
    protocol: DoorProtocol,
    address: string,
    all: readonly ConnectionReport[],
  ): DoorReport => ({
    protocol,
    address,
    port: ports()[protocol],
    threads,
    isOpen: !policy.rules.closed.includes(protocol),
    connections: all.filter((one) => one.protocol === protocol).length,
    maxConnections: config.network.maxConnections,
  });
  return async () => {
    const all = await connections.list();
    return {
      doors: [
        doorOf('postgresql', config.network.listenAddr, all),
        doorOf('http', config.api.listenAddr, all),
      ],
      connectionsInWork: counts.inWork.total,
      maxConnectionsInWork: counts.inWork.cap,
      refusedByFilters: policy.refused,
    };
  };
}

/** The protocols that the server speaks. */
export class Protocols {
  readonly #control: DoorControl;

  constructor(control: DoorControl) {
    this.#control = control;
  }

  list(): { readonly items: readonly object[]; readonly total: number } {
    const items = [
      { name: 'http', versions: ['1.0', '1.1'], enabled: !this.#control.isClosed('http') },
      { name: 'postgresql', versions: ['3.0'], enabled: !this.#control.isClosed('postgresql') },
    ];
    return { items, total: items.length };
  }

  set(protocol: DoorProtocol, { enabled }: { readonly enabled: boolean }): void {
    this.#control.setOpen(protocol, enabled);
  }
}

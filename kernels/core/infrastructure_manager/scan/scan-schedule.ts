import { isHoldfastError } from '@holdfast/contracts';
import type { InfrastructureContext } from '../config.ts';
import type { HostRegistry } from '../hosts/host-registry.ts';
import type { Scanner } from './scan-host.ts';

const PARALLEL_SCANS = 4;
const LONGEST_REST_MS = 5_000;

export interface ScanSchedule {
  /** Scans the host at the next occasion instead of when its time has come. */
  scanSoon(host: string): void;
  /** Scans every connected host each scan interval until the signal aborts. */
  run(): Promise<void>;
}

export interface ScanGuards {
  isConnected(host: string): boolean;
  /** A step is changing the host: what a scan saw now would be neither before nor after. */
  isBusy(host: string): boolean;
}

export const createScanSchedule = (
  { clock, config, log, signal }: InfrastructureContext,
  hosts: HostRegistry,
  scanner: Scanner,
  guards: ScanGuards,
): ScanSchedule => {
  const intervalMs = config.scan_interval_s * 1000;
  const restMs = Math.min(LONGEST_REST_MS, intervalMs);
  const lastMs = new Map<string, number>();
  let rest = new AbortController();

  const isDue = (host: string): boolean =>
    guards.isConnected(host) &&
    !guards.isBusy(host) &&
    clock.now() - (lastMs.get(host) ?? Number.NEGATIVE_INFINITY) >= intervalMs;

  const scan = async (host: string): Promise<void> => {
    lastMs.set(host, clock.now());
    try {
      await scanner.scan(host);
    } catch (error) {
      if (signal.aborted) return;
      if (isHoldfastError(error, 'agent_offline') || isHoldfastError(error, 'agent_timeout'))
        log.warn({ host, code: error.code }, 'scan failed');
      else log.error({ err: error, host }, 'scan failed');
    }
  };

  const scanAll = async (due: string[]): Promise<void> => {
    const worker = async (): Promise<void> => {
      for (let host = due.pop(); host !== undefined && !signal.aborted; host = due.pop())
        await scan(host);
    };
    await Promise.all(Array.from({ length: PARALLEL_SCANS }, worker));
  };

  return {
    scanSoon(host) {
      lastMs.delete(host);
      rest.abort();
    },
    async run() {
      signal.addEventListener('abort', () => rest.abort(), { once: true });
      while (!signal.aborted) {
        rest = new AbortController();
        await scanAll(
          hosts
            .all()
            .map(({ record }) => record.id)
            .filter(isDue),
        );
        if (!signal.aborted) await clock.sleep(restMs, rest.signal);
      }
    },
  };
};

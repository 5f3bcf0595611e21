import { policyHostOf } from '@holdfast/change';
import { EVENT_TYPES, type Host } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { SELF, type PolicyContext } from '../config.ts';
import type { InForce } from '../sets/in-force.ts';
import { violationOf, type Violation } from './limit-words.ts';

const PAGE = 500;
/** Hosts of these states report nothing that could be held against a limit. */
const SILENT: readonly Host['status'][] = ['offline', 'unknown'];

const violationEvent = (host: Host, violations: Violation[], timestamp: string): EventDraft => ({
  type: EVENT_TYPES.policyViolation,
  subject: host.id,
  actor: SELF,
  priority: 'high',
  data: { host_id: host.id, os_type: host.os_type, violations, timestamp },
});

/** Holds what hosts report against the limits in force. */
export interface LimitsWatch {
  /** One look at all hosts. One event for a host whose exceeded limits are others than before. */
  check(): Promise<void>;
  run(): Promise<void>;
}

export const createLimitsWatch = (context: PolicyContext, inForce: InForce): LimitsWatch => {
  const { needs, clock, log, signal, config } = context;
  const told = new Map<string, string>();

  /** The event about a host, when there is news. A host that recovered may be told about again. */
  const look = (host: Host): EventDraft[] => {
    const { set } = inForce.now();
    if (!set || SILENT.includes(host.status)) return [];
    const measured = policyHostOf(host);
    const exceeded = set.violations(measured);
    const names = exceeded.map(({ id }) => id).join(' ');
    if ((told.get(host.id) ?? '') === names) return [];
    if (names === '') told.delete(host.id);
    else told.set(host.id, names);
    const violations = exceeded.map((statement) => violationOf(statement, measured));
    return names === '' ? [] : [violationEvent(host, violations, clock.iso())];
  };

  const check = async (): Promise<void> => {
    const events: EventDraft[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await needs.infrastructure.listHosts(
        cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor },
        { signal },
      );
      events.push(...page.items.flatMap(look));
      cursor = page.next_cursor;
    }
    if (events.length > 0) await context.commit([], events);
  };

  return {
    check,
    async run() {
      while (!signal.aborted) {
        await clock.sleep(config.limits_interval_s * 1000, signal);
        if (signal.aborted) return;
        await check().catch((error: unknown) => {
          if (!signal.aborted) log.warn({ err: error }, 'holding hosts against their limits');
        });
      }
    },
  };
};

import { fitForLedger } from '@holdfast/change';
import { EVENT_TYPES, type Drift } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { firstItems } from '../first-items.ts';
import type { HostRecord } from '../hosts/host-registry.ts';

export interface ScanNews {
  readonly record: HostRecord;
  readonly drift: Drift;
  /** Fingerprint of the drift now; empty when there is none. */
  readonly fingerprint: string;
  /** Fingerprint that was published last; empty when the last word was that there is none. */
  readonly published: string;
  /** Digest of what the scan found, when it differs from the last scan. */
  readonly found: string | undefined;
  readonly scan: string;
  readonly actor: string;
  readonly time: string;
}

/**
 * The events of a scan and the fingerprint that is published from then on: one drift event for each new set of
 * differences, one in-sync event when there is none any more. What is unknown is neither. Lists hold their first items
 * only, beside their full length.
 */
export const scanEvents = (news: ScanNews): { events: EventDraft[]; published: string } => {
  const { record, drift, fingerprint } = news;
  const of = (type: string, data: Record<string, unknown>, priority?: 'high'): EventDraft => ({
    type,
    subject: record.id,
    actor: news.actor,
    correlation: news.scan,
    priority,
    data: fitForLedger({
      host_id: record.id,
      hostname: record.hostname,
      os_type: record.os_type,
      ...data,
      timestamp: news.time,
    }),
  });
  const coverage = firstItems(drift.coverage);
  const detected =
    news.found === undefined
      ? []
      : [
          of(EVENT_TYPES.dependenciesScanned, {
            inventory_digest: news.found,
            inventories: coverage,
            inventories_total: drift.coverage.length,
          }),
        ];
  const base = { baseline_revision: drift.baseline_revision, coverage };
  if (drift.status === 'drift' && fingerprint !== news.published) {
    const data = {
      entries: firstItems(drift.entries),
      entries_total: drift.entries.length,
      fingerprint,
      ...base,
    };
    return {
      events: [...detected, of(EVENT_TYPES.dependencyDrift, data, 'high')],
      published: fingerprint,
    };
  }
  if (drift.status === 'in_sync' && news.published !== '')
    return { events: [...detected, of(EVENT_TYPES.dependencyInSync, base)], published: '' };
  return { events: detected, published: news.published };
};

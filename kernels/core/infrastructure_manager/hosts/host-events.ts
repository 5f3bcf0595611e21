import { fitForLedger } from '@holdfast/change';
import { EVENT_TYPES, type Host } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { HostStatus } from './host-health.ts';
import type { HostRecord } from './host-registry.ts';

/** The actor of what the kernel does by itself. */
export const SELF = 'kernel:infrastructure_manager';

export const hostRegistered = (host: Host, actor: string): EventDraft => ({
  type: EVENT_TYPES.hostRegistered,
  subject: host.id,
  actor,
  data: fitForLedger({ host_id: host.id, ...host }),
});

export const hostStatusChanged = (
  record: HostRecord,
  status: HostStatus,
  reason: string,
  time: string,
): EventDraft => ({
  type: EVENT_TYPES.hostStatusChanged,
  subject: record.id,
  actor: SELF,
  priority: status === 'healthy' ? 'normal' : 'high',
  data: {
    host_id: record.id,
    hostname: record.hostname,
    os_type: record.os_type,
    old_status: record.status,
    new_status: status,
    reason,
    timestamp: time,
  },
});

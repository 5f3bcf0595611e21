import type { Incident, IssueType, PlaybookId, ProcessName, Severity } from '@holdfast/contracts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { Timepiece } from '../journal/timepiece.ts';
import { incidentEvent } from './healing-events.ts';
import { incidentId } from './incident-id.ts';
import { playbookName } from './playbooks/playbook-names.ts';

export interface Outage {
  readonly component: ProcessName;
  readonly port: number | null;
  readonly failureMode: IssueType;
  readonly severity: Severity;
  readonly description: string;
  /** Of the process that is down, when there was one. */
  readonly pid?: number;
}

/** What ended an outage; without a playbook the component came back by itself. */
export interface Repair {
  readonly playbook?: PlaybookId;
  readonly action: string;
  readonly pid?: number;
}

/** Goes into the same line of the journal as the incident: both are there or neither. */
export type With = (
  incident: Incident,
  elapsedMs: number,
) => Pick<JournalEntry, 'healing' | 'events'>;

export interface IncidentFilter {
  readonly component?: string;
  readonly status?: Incident['status'];
  readonly limit: number;
}

/**
 * Outages of components: at most one open at a time for each, and each in the journal once. Where no outage of the
 * component is open, everything but `open` does nothing and answers undefined.
 */
export interface IncidentBook {
  /** Begins an outage, or joins the one that is open. */
  open(outage: Outage): Incident;
  current(component: string): Incident | undefined;
  openComponents(): string[];
  attempt(component: string, action: string, extra?: With): Incident | undefined;
  note(component: string, action: string, extra?: With): Incident | undefined;
  escalate(component: string, why: string, extra?: With): Incident | undefined;
  resolve(component: string, repair: Repair, extra?: With): Incident | undefined;
  /** Ends an outage that nobody waits for any more: it was not repaired and counts in no mean. */
  abandon(component: string, why: string): Incident | undefined;
  list(filter: IncidentFilter): { readonly total: number; readonly incidents: Incident[] };
}

/** Of a crash loop the last ones are kept; `attempts` counts them all. */
const KEPT_ACTIONS = 50;

const isoAt = (ms: number): string => new Date(ms).toISOString();

const asDetected = (outage: Outage, id: string, now: number): Incident => ({
  incident_id: id,
  component: outage.component,
  port: outage.port,
  failure_mode: outage.failureMode,
  severity: outage.severity,
  status: 'detected',
  description: outage.description,
  detected_at: isoAt(now),
  resolved_at: null,
  playbook_id: null,
  playbook_name: null,
  actions_taken: [],
  attempts: 0,
  escalated: false,
  success: null,
  error: null,
  mttr_seconds: null,
  metadata: outage.pid === undefined ? {} : { pid: outage.pid },
});

export const createIncidentBook = (journal: Journal, timepiece: Timepiece): IncidentBook => {
  const { state } = journal;
  const isTaken = (id: string): boolean => state.open.has(id) || state.closed.has(id);
  const find = (component: string) =>
    [...state.open.values()].find((one) => one.incident.component === component);

  const change = (
    component: string,
    to: (was: Incident, elapsedMs: number) => Partial<Incident>,
    extra?: With,
  ): Incident | undefined => {
    const found = find(component);
    if (found === undefined) return undefined;
    const { incident: was, since } = found;
    const elapsedMs = timepiece.since(since, Date.parse(was.detected_at));
    const incident = { ...was, ...to(was, elapsedMs) };
    const { healing, events = [] } = extra?.(incident, elapsedMs) ?? {};
    const told = incident.status !== was.status && incident.status !== 'remediating';
    const all = [...events, ...(told ? [incidentEvent(incident)] : [])];
    journal.append({ incident, since, events: all, ...(healing === undefined ? {} : { healing }) });
    return incident;
  };
  const withAction = (was: Incident, action: string): string[] =>
    [...was.actions_taken, action].slice(-KEPT_ACTIONS);
  const ended = (was: Incident, elapsedMs: number): Partial<Incident> => ({
    resolved_at: isoAt(Date.parse(was.detected_at) + elapsedMs),
  });

  return {
    open(outage) {
      const open = find(outage.component)?.incident;
      if (open !== undefined) return open;
      const now = timepiece.now();
      const incident = asDetected(outage, incidentId(now, isTaken), now);
      const events = [incidentEvent(incident)];
      journal.append({ incident, since: timepiece.moment(), events });
      return incident;
    },
    current: (component) => find(component)?.incident,
    openComponents: () => [...state.open.values()].map((one) => one.incident.component),
    attempt: (component, action, extra) =>
      change(
        component,
        (was) => ({
          // Once a person was asked for, later attempts do not take that back.
          status: was.escalated ? was.status : 'remediating',
          attempts: was.attempts + 1,
          actions_taken: withAction(was, action),
        }),
        extra,
      ),
    note: (component, action, extra) =>
      change(component, (was) => ({ actions_taken: withAction(was, action) }), extra),
    escalate: (component, why, extra) =>
      change(
        component,
        (was) => ({
          status: 'failed',
          escalated: true,
          success: false,
          error: why,
          actions_taken: withAction(was, `escalated: ${why}`),
        }),
        extra,
      ),
    resolve: (component, { playbook = null, action, pid }, extra) =>
      change(
        component,
        (was, elapsedMs) => ({
          ...ended(was, elapsedMs),
          status: 'resolved',
          success: true,
          error: null,
          playbook_id: playbook,
          playbook_name: playbook === null ? null : playbookName(playbook),
          mttr_seconds: elapsedMs / 1_000,
          actions_taken: withAction(was, action),
          metadata: pid === undefined ? was.metadata : { ...was.metadata, new_pid: pid },
        }),
        extra,
      ),
    abandon: (component, why) =>
      change(component, (was, elapsedMs) => ({
        ...ended(was, elapsedMs),
        status: 'failed',
        success: false,
        error: why,
        actions_taken: withAction(was, why),
      })),
    list({ component, status, limit }) {
      const matches = (tags: { component: string; status: string }): boolean =>
        (component === undefined || tags.component === component) &&
        (status === undefined || tags.status === status);
      const open = [...state.open.values()].map((one) => one.incident).filter(matches);
      const closed = state.closed.find(matches, limit);
      const newest = [...open, ...closed.found].sort((a, b) =>
        b.detected_at < a.detected_at ? -1 : Number(b.detected_at > a.detected_at),
      );
      return { total: open.length + closed.total, incidents: newest.slice(0, limit) };
    },
  };
};

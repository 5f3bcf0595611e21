import type { HealingRecord, Incident } from '@holdfast/contracts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import type { JournalLine, SnapshotLine, ToldSettings } from './journal-entry.ts';
import { createRecent, type Recent } from './recent.ts';
import type { Moment } from './timepiece.ts';
import { EMPTY_TOTALS, countHealing, countIncident, type Totals } from './totals.ts';

export interface OpenIncident {
  readonly incident: Incident;
  readonly since?: Moment;
}

/** What the lines of a journal amount to. Reading a line twice changes nothing. */
export interface JournalState {
  readonly totals: Totals;
  readonly healings: Recent<HealingRecord>;
  /** Those that are over. */
  readonly closed: Recent<Incident>;
  readonly open: ReadonlyMap<string, OpenIncident>;
  readonly queue: EventQueue;
  readonly settings: ToldSettings;
  apply(line: JournalLine | SnapshotLine): void;
  /** The same state as lines, for a file that replaces all lines so far. */
  lines(): IterableIterator<string>;
}

const KEPT = 1_000;
const QUEUED = 5_000;

export const createJournalState = (): JournalState => {
  let totals = EMPTY_TOTALS;
  const healings = createRecent<HealingRecord>(KEPT);
  const closed = createRecent<Incident>(KEPT);
  const open = new Map<string, OpenIncident>();
  const queue = createEventQueue(QUEUED);
  let settings: ToldSettings = {};

  const drop = (events: number): void => {
    if (events > 0) totals = { ...totals, droppedEvents: totals.droppedEvents + events };
  };
  const applyHealing = (record: HealingRecord, counted: boolean): void => {
    if (healings.has(record.healing_id)) return;
    if (!counted) totals = countHealing(totals, record);
    const status = record.success ? 'success' : 'failed';
    healings.put(record.healing_id, { component: record.component, status }, record);
  };
  const applyIncident = (incident: Incident, since: Moment | undefined, counted: boolean): void => {
    const { incident_id: id, component, status } = incident;
    if (closed.has(id)) return;
    if (!counted) totals = countIncident(totals, open.get(id)?.incident, incident);
    if (incident.resolved_at === null) {
      open.set(id, { incident, since });
    } else {
      open.delete(id);
      closed.put(id, { component, status }, incident);
    }
  };

  return {
    get totals() {
      return totals;
    },
    healings,
    get settings() {
      return settings;
    },
    closed,
    open,
    queue,
    apply(line) {
      if ('totals' in line) {
        totals = line.totals;
        queue.startAt(line.next_event);
        return;
      }
      const counted = line.counted === true;
      if (line.healing !== undefined) applyHealing(line.healing, counted);
      if (line.incident !== undefined) applyIncident(line.incident, line.since, counted);
      settings = { ...settings, ...line.settings };
      for (const one of line.events ?? []) drop(queue.put(one).dropped);
      if (line.acked === undefined) return;
      queue.ack(line.acked);
      drop(line.dropped ?? 0);
    },
    *lines() {
      const waiting = queue.all();
      const first: SnapshotLine = { totals, next_event: waiting[0]?.n ?? queue.next };
      yield JSON.stringify(first);
      yield JSON.stringify({ settings });
      for (const text of healings.texts()) yield `{"counted":true,"healing":${text}}`;
      for (const text of closed.texts()) yield `{"counted":true,"incident":${text}}`;
      for (const one of open.values()) yield JSON.stringify({ counted: true, ...one });
      for (const { n, text } of waiting) yield `{"events":[{"n":${n},"event":${text}}]}`;
    },
  };
};

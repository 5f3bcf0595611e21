import type { Event, HealingRecord, Incident } from '@holdfast/contracts';
import type { EventDraft } from './guardian-event.ts';
import type { Moment } from './timepiece.ts';
import type { Totals } from './totals.ts';

/** An event for the bus. Numbers grow by one in the order of the journal and are never reused. */
export interface QueuedEvent {
  readonly n: number;
  readonly event: Event;
}

/** Which settings were told to be written and to be in force last, by revision and change. */
export interface ToldSettings {
  readonly written?: string;
  readonly in_force?: string;
}

/**
 * One line of the journal. What stands in one line happened together: a line is there as a whole or not at all.
 * Of the lines with one incident the last one holds.
 */
export interface JournalLine {
  readonly healing?: HealingRecord;
  readonly incident?: Incident;
  /** When the incident was noticed, by the steady clock. */
  readonly since?: Moment;
  readonly settings?: ToldSettings;
  readonly events?: readonly QueuedEvent[];
  /** The bus has every event up to this number. */
  readonly acked?: number;
  /** How many of those were given up because the bus refuses them. */
  readonly dropped?: number;
  /** Of a snapshot: the record is in the totals already. */
  readonly counted?: true;
}

/** First line of a snapshot. */
export interface SnapshotLine {
  readonly totals: Totals;
  readonly next_event: number;
}

/** What a writer hands in. */
export interface JournalEntry {
  readonly healing?: HealingRecord;
  readonly incident?: Incident;
  readonly since?: Moment;
  readonly settings?: ToldSettings;
  readonly events?: readonly EventDraft[];
}

import type { Change, Event, Plan, Run } from '@holdfast/contracts';
import type { Rows } from '../store/rows.ts';
import type { Installed } from '../world/hosts.ts';
import type { Effect } from '../world/owner.ts';
import type { Heard } from '../world/operators.ts';

/** A change as governance keeps it. */
export interface KeptChange {
  readonly change: Change;
  readonly notes: Readonly<Record<string, unknown>>;
}

/** A run as the workflow engine keeps it. */
export interface KeptRun {
  readonly run: Run;
  readonly plan: Plan;
}

/** An event that a kernel committed with its state. */
export interface Announced {
  readonly kernel: string;
  readonly at: number;
  readonly event: Event;
}

export interface SwitchMove {
  readonly at: number;
  readonly on: boolean;
}

export interface HandedOut {
  readonly at: number;
  /** Run and step. */
  readonly id: string;
}

/** What really happened, seen from outside: beside what the kernels say about it. */
export interface Evidence {
  readonly effects: Effect[];
  readonly announced: Announced[];
  readonly switched: SwitchMove[];
  /** Every call that asked an owner for a step. */
  readonly handedOut: HandedOut[];
  /** The packages of the host before the first effect of a run. */
  readonly before: Map<string, Installed>;
  /** The packages of the host when a change was announced in a final state. */
  readonly after: Map<string, Installed>;
  readonly drifted: Set<string>;
  readonly problems: string[];
  heard: Heard;
}

export const parseChange = (row: Record<string, unknown>): KeptChange => ({
  change: JSON.parse(String(row['body'])) as Change,
  notes: JSON.parse(String(row['notes'])) as KeptChange['notes'],
});

export const changesOf = (rows: Rows): KeptChange[] =>
  rows.read('SELECT body, notes FROM changes ORDER BY seq').map(parseChange);

export const runOf = (rows: Rows, id: string): KeptRun | undefined => {
  const [row] = rows.read('SELECT body FROM runs WHERE id = ?', [id]);
  return row && (JSON.parse(String(row['body'])) as KeptRun);
};

export const newEvidence = (): Evidence => ({
  effects: [],
  announced: [],
  switched: [],
  handedOut: [],
  before: new Map(),
  after: new Map(),
  drifted: new Set(),
  problems: [],
  heard: { acknowledged: [], frozen: [], approvals: [] },
});

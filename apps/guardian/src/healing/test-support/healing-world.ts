import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import type { GuardianLog } from '../../logs/guardian-log.ts';
import { openJournal, type Journal } from '../../journal/journal.ts';
import { createTimepiece, type Timepiece } from '../../journal/timepiece.ts';
import { createHealing, type HealingParts } from '../healing.ts';
import { createFakeComponents, type FakeComponents } from './fake-components.ts';

export const silentLog: GuardianLog = { info: () => {}, warn: () => {}, error: () => {} };

export interface HealingWorld extends HealingParts {
  readonly home: string;
  readonly path: string;
  readonly journal: Journal;
  readonly components: FakeComponents;
  readonly timepiece: Timepiece;
  /** Every event that waits for the bus. */
  events(): Event[];
  /** Ends this guardian in order and opens the home again. */
  reopen(): Promise<HealingWorld>;
  dispose(): Promise<void>;
}

interface Options {
  readonly home?: string;
  readonly components?: FakeComponents;
  readonly timepiece?: Timepiece;
}

/** A journal on disk and the healer over it; only the processes are made up. */
export const createHealingWorld = async (options: Options = {}): Promise<HealingWorld> => {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'holdfast-healing-')));
  const path = join(home, 'guardian', 'journal.jsonl');
  const components = options.components ?? createFakeComponents();
  const timepiece = options.timepiece ?? createTimepiece();
  const journal = await openJournal({ path, log: silentLog, now: timepiece.now });
  const parts = createHealing({ components, journal, timepiece, home, portOffset: 0 });
  return {
    ...parts,
    home,
    path,
    journal,
    components,
    timepiece,
    events: () => journal.unpublished(10_000, Infinity).map((one) => one.event),
    async reopen() {
      await journal.close();
      return createHealingWorld({ ...options, home, components });
    },
    async dispose() {
      await journal.close();
      await rm(home, { recursive: true, force: true });
    },
  };
};

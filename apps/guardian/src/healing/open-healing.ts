import { join } from 'node:path';
import type { Components } from './components.ts';
import { createGuardianHandlers } from './handlers.ts';
import type { GuardianHandlers, StackHandlers } from './handlers/handler-types.ts';
import { createHealing, type HealingParts } from './healing.ts';
import type { PortsView } from './ports-view.ts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { createEventRelay } from '../journal/event-relay.ts';
import { openJournal, type Journal } from '../journal/journal.ts';

/** The healer of a stack, over its journal. */
export interface StackHealing extends HealingParts {
  readonly journal: Journal;
  handlers(parts: {
    readonly ports: PortsView;
    readonly stack: StackHandlers;
    readonly mttrTargetS: number;
  }): GuardianHandlers;
  /** `stopped`: the stack ends; otherwise another guardian goes on with what is open. */
  close(stopped: boolean): Promise<void>;
}

interface Options {
  readonly home: string;
  readonly portOffset: number;
  readonly secret: string;
  readonly log: GuardianLog;
  readonly components: Components;
  /** Where the bus answers now. */
  busPort(): number | undefined;
}

export const openHealing = async (options: Options): Promise<StackHealing> => {
  const { home, portOffset, secret, log, components, busPort } = options;
  const journal = await openJournal({ path: join(home, 'guardian', 'journal.jsonl'), log });
  const parts = createHealing({ components, journal, home, portOffset });
  const relay = createEventRelay({ journal, log, secret, busPort });
  return {
    ...parts,
    journal,
    handlers: (more) => createGuardianHandlers({ ...parts, ...more, components, journal }),
    async close(stopped) {
      if (stopped) parts.watch.stopped();
      await relay.stop();
      await journal.close();
    },
  };
};

import { GATEWAY_PORT, isKernelId, type KernelId, type ProcessName } from '@holdfast/contracts';
import type { Journal } from '../journal/journal.ts';
import { createTimepiece, type Timepiece } from '../journal/timepiece.ts';
import { createHealer, type Healer } from './healer.ts';
import { createIncidentBook, type IncidentBook } from './incident-book.ts';
import type { PlaybookContext } from './playbooks/playbook.ts';
import { createRestartWatch, type RestartWatch } from './restart-watch.ts';

export interface HealingParts {
  readonly book: IncidentBook;
  readonly healer: Healer;
  readonly watch: RestartWatch;
}

/** The parts of the healer, put together over one journal. */
export const createHealing = (
  options: PlaybookContext & { readonly journal: Journal; readonly timepiece?: Timepiece },
): HealingParts => {
  const { journal, components, portOffset } = options;
  const timepiece = options.timepiece ?? createTimepiece();
  const book = createIncidentBook(journal, timepiece);
  const portOf = (name: ProcessName): number | undefined => {
    if (isKernelId(name)) return components.portOf(name);
    return name === 'agent' ? undefined : GATEWAY_PORT + portOffset;
  };
  const isHealing = (name: string): boolean => healer.active().has(name as KernelId);
  const watch = createRestartWatch({ book, timepiece, portOf, isHealing });
  const healer = createHealer({ ...options, book, timepiece, ended: watch.healEnded });
  return { book, healer, watch };
};

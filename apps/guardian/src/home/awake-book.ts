import { join } from 'node:path';
import type { KernelState } from '@holdfast/contracts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { readIfPresent, writePrivateFile } from './private-file.ts';

/**
 * Which processes are awake, over the end of the stack: what runs while it has work of its own (a loop, a timer) has to
 * run again after a start, though nobody calls it. One that has none falls asleep again after its idle time.
 */
export interface AwakeBook {
  /** Whether it was awake when the last stack of this home ended, however that ended. */
  wasAwake(name: string): boolean;
  /** Takes in how a process is; only falling asleep ends being awake, being stopped does not. */
  note(name: string, status: KernelState): void;
}

const UNSAID = new Set<KernelState>(['not_started', 'stopping', 'stopped']);

const namesIn = (text: string | undefined): string[] => {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
};

/** `$HOME/guardian/awake.json`. What cannot be written is told in the log: then a start is as if everything had slept. */
export const openAwakeBook = async (home: string, log: GuardianLog): Promise<AwakeBook> => {
  const path = join(home, 'guardian', 'awake.json');
  const before = new Set(namesIn(await readIfPresent(path)));
  const awake = new Set(before);
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    const content = `${JSON.stringify([...awake].toSorted())}\n`;
    writing = writing
      .then(() => writePrivateFile(path, content, { durable: true }))
      .catch((error: Error) => {
        log.warn('could not record which processes are awake', { error: error.message });
      });
  };
  return {
    wasAwake: (name) => before.has(name),
    note(name, status) {
      const isAwake = status !== 'idle';
      if (UNSAID.has(status) || awake.has(name) === isAwake) return;
      if (isAwake) awake.add(name);
      else awake.delete(name);
      write();
    },
  };
};

import { EVENT_TYPES, type ActiveConfig } from '@holdfast/contracts';
import type { Journal } from '../journal/journal.ts';
import { plainConfig } from './active-file.ts';
import type { SettingsBook } from './settings-book.ts';

/**
 * What the guardian says about settings, each once: that they were written, and that they are in force. What was said is
 * in the journal, so that the next guardian says what the one before it could not.
 */
export interface SettingsNews {
  /** Settings that somebody put there while no guardian ran are told as written by `local`. */
  catchUp(): void;
  written(actor: string): void;
  inForce(replaced: readonly string[]): void;
  isInForceTold(): boolean;
}

const DEFAULT_PROFILE = 'user';

const nameOf = ({ revision, change }: ActiveConfig): string => `${revision} ${change ?? 'local'}`;

export const createSettingsNews = (journal: Journal, book: SettingsBook): SettingsNews => {
  const written = (actor: string): void =>
    journal.append({
      settings: { written: nameOf(book.active) },
      events: [{ type: EVENT_TYPES.settingsWritten, actor, data: { ...book.active } }],
    });
  const isNeverTold = (): boolean => {
    const { written: told } = journal.state.settings;
    // A home that was never set to anything has nothing to tell.
    if (told === undefined) return book.active.revision !== plainConfig(DEFAULT_PROFILE).revision;
    return told !== nameOf(book.active);
  };
  return {
    written,
    catchUp() {
      if (isNeverTold()) written('local');
    },
    inForce(replaced) {
      const { revision, change } = book.active;
      const data = { revision, change, replaced: [...replaced] };
      journal.append({
        settings: { in_force: nameOf(book.active) },
        events: [{ type: EVENT_TYPES.settingsInForce, data }],
      });
    },
    isInForceTold: () =>
      journal.state.settings.written === undefined ||
      journal.state.settings.in_force === nameOf(book.active),
  };
};

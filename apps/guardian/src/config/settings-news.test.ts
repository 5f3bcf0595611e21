import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES, type ActiveConfig } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal, type Journal } from '../journal/journal.ts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { plainConfig } from './active-file.ts';
import type { SettingsBook } from './settings-book.ts';
import { createSettingsNews } from './settings-news.ts';

const quiet = { info() {}, warn() {}, error() {} } as unknown as GuardianLog;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-news-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const told = (journal: Journal): [string, unknown][] =>
  journal
    .unpublished(100, 1_000_000)
    .map(({ event }): [string, unknown] => [event.type, event.data['profile'] ?? event.actor]);

/** One life of a guardian with these settings: catches up, and says that they are in force when that was not said. */
const live = async (active: ActiveConfig): Promise<[string, unknown][]> => {
  const journal = await openJournal({ path: join(folder, 'journal.jsonl'), log: quiet });
  const news = createSettingsNews(journal, { active } as SettingsBook);
  news.catchUp();
  if (!news.isInForceTold()) news.inForce([]);
  await journal.flush();
  const all = told(journal);
  await journal.close();
  return all;
};

test('a home that was never set to anything has nothing to tell', async () => {
  expect(await live(plainConfig('user'))).toEqual([]);
});

test('a profile that was put there while no guardian ran is told once, however often one starts', async () => {
  const written = EVENT_TYPES.settingsWritten;
  const first = await live(plainConfig('pro'));
  expect(first.map(([type]) => type)).toEqual([written, EVENT_TYPES.settingsInForce]);
  expect(first[0]).toEqual([written, 'pro']);
  expect(await live(plainConfig('pro'))).toEqual(first);
  const back = await live(plainConfig('user'));
  expect(back.slice(2).map(([type]) => type)).toEqual([written, EVENT_TYPES.settingsInForce]);
  expect(back[2]).toEqual([written, 'user']);
});

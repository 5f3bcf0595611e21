import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES, eventSchema, type HealingRecord, type Incident } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJournalFile, type JournalFile } from './journal-file.ts';
import { openJournal, type Journal, type JournalOptions } from './journal.ts';

let folder: string;
let path: string;
const said: string[] = [];
const log = {
  info: (msg: string) => void said.push(msg),
  warn: (msg: string) => void said.push(msg),
  error: (msg: string) => void said.push(msg),
};
const opened: Journal[] = [];

const open = async (options: Partial<JournalOptions> = {}): Promise<Journal> => {
  const journal = await openJournal({ path, log, ...options });
  opened.push(journal);
  return journal;
};

const healing = (n: number, success = true): HealingRecord => ({
  healing_id: `heal_${n}`,
  trigger: n % 2 === 0 ? 'automatic' : 'requested',
  actor: 'kernel:guardian',
  component: n % 3 === 0 ? 'scheduler' : 'librarian_kernel',
  port: 8130,
  issue_type: 'process_crashed',
  severity: 'medium',
  started_at: '2026-01-01T00:00:00.000Z',
  healed_at: '2026-01-01T00:00:01.000Z',
  duration_seconds: 1,
  result: {
    issue: { component: 'librarian_kernel', port: 8130, type: 'process_crashed' },
    playbooks_executed: ['restart_component'],
    results: [
      {
        playbook: 'restart_component',
        success,
        action_taken: 'component_restarted',
        steps: [],
        duration_ms: 1_000,
        details: {},
      },
    ],
    overall_success: success,
  },
  success,
  error: success ? null : 'no',
});

const incident = (n: number, change: Partial<Incident> = {}): Incident => ({
  incident_id: `inc_${n}`,
  component: `kernel_${n}`,
  port: 8130,
  failure_mode: 'process_crashed',
  severity: 'medium',
  status: 'detected',
  description: 'gone',
  detected_at: '2026-01-01T00:00:00.000Z',
  resolved_at: null,
  playbook_id: null,
  playbook_name: null,
  actions_taken: [],
  attempts: 0,
  escalated: false,
  success: null,
  error: null,
  mttr_seconds: null,
  metadata: {},
  ...change,
});

const resolved: Partial<Incident> = {
  status: 'resolved',
  resolved_at: '2026-01-01T00:00:02.000Z',
  mttr_seconds: 2,
  playbook_id: 'restart_component',
};

const draft = (n: number) => ({ type: EVENT_TYPES.incident, data: { n } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-journal-'));
  path = join(folder, 'guardian', 'journal.jsonl');
  said.length = 0;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await rm(folder, { recursive: true, force: true });
});

test('counts, history, incidents and waiting events survive a restart', async () => {
  const first = await open();
  first.append({ healing: healing(1), events: [draft(1)] });
  first.append({ healing: healing(2, false) });
  first.append({ incident: incident(1) });
  first.append({ incident: incident(1, resolved), events: [draft(2)] });
  first.append({ incident: incident(2) });
  expect(await first.flush()).toBe(true);
  const second = await open();
  expect(second.state.totals).toEqual(first.state.totals);
  expect(second.state.totals).toMatchObject({
    healings: 2,
    successful: 1,
    automatic: 1,
    incidents: 2,
    mttr: { count: 1, sum: 2, min: 2, max: 2 },
    playbooks: { restart_component: { executions: 2, successes: 1, failures: 1 } },
  });
  expect(second.state.healings.find(() => true, 10).found.map((one) => one.healing_id)).toEqual([
    'heal_2',
    'heal_1',
  ]);
  expect([...second.state.open.keys()]).toEqual(['inc_2']);
  expect(second.state.closed.get('inc_1')?.mttr_seconds).toBe(2);
  expect(second.unpublished(10, 1e6).map((one) => [one.n, one.event.data.n])).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test('the file and its folder are for their owner alone', async () => {
  const journal = await open();
  journal.append({ healing: healing(1) });
  await journal.flush();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'guardian'))).mode & 0o777).toBe(0o700);
});

test('events are complete and numbered without a gap, and none is sent before it is on disk', async () => {
  const journal = await open({ now: () => Date.parse('2026-01-01T00:00:00Z') });
  journal.append({ events: [draft(1), draft(2)] });
  expect(journal.unpublished(10, 1e6)).toEqual([]);
  expect(journal.health()).toEqual({ ok: true, unpublished: 2 });
  await journal.flush();
  const events = journal.unpublished(10, 1e6).map((one) => eventSchema.parse(one.event));
  expect(events.map((one) => [one.source, one.actor, one.time])).toEqual([
    ['guardian', 'kernel:guardian', '2026-01-01T00:00:00.000Z'],
    ['guardian', 'kernel:guardian', '2026-01-01T00:00:00.000Z'],
  ]);
  expect(new Set(events.map((one) => one.id)).size).toBe(2);
  journal.acked(1);
  await journal.close();
  const again = await open();
  expect(again.unpublished(10, 1e6).map((one) => one.n)).toEqual([2]);
  again.append({ events: [draft(3)] });
  await again.flush();
  expect(again.unpublished(10, 1e6).map((one) => one.n)).toEqual([2, 3]);
});

test('a torn last line is left out and never joined with the next one', async () => {
  const first = await open();
  first.append({ healing: healing(1) });
  first.append({ healing: healing(2) });
  await first.close();
  await truncate(path, (await stat(path)).size - 5);
  const second = await open();
  expect(second.state.totals.healings).toBe(1);
  second.append({ healing: healing(3) });
  await second.close();
  const third = await open();
  expect(third.state.totals.healings).toBe(2);
  expect(said).toEqual([]);
});

test('lines that stand there twice, as after a sync that failed, count once', async () => {
  const first = await open();
  first.append({ healing: healing(1), events: [draft(1)] });
  first.append({ incident: incident(1) });
  first.append({ incident: incident(1, resolved) });
  await first.close();
  await appendFile(path, await readFile(path));
  const second = await open();
  expect([...second.state.lines()]).toEqual([...first.state.lines()]);
  expect(second.state.open.size).toBe(0);
});

test('a line that cannot be read is left out and told of', async () => {
  const first = await open();
  first.append({ healing: healing(1) });
  await first.close();
  await appendFile(path, `${'\0'.repeat(40)}\n{"healing"\n`);
  const second = await open();
  expect(second.state.totals.healings).toBe(1);
  expect(said).toEqual(['left out lines of the journal']);
});

test('what stands in its place and cannot be read is moved aside, not overwritten', async () => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'precious'), 'kept');
  const journal = await open();
  journal.append({ healing: healing(1) });
  expect(await journal.flush()).toBe(true);
  const names = await readdir(join(folder, 'guardian'));
  const aside = names.find((name) => name.startsWith('journal.jsonl.unreadable-'));
  expect(await readFile(join(folder, 'guardian', aside!, 'precious'), 'utf8')).toBe('kept');
  expect((await open()).state.totals.healings).toBe(1);
});

test('without a folder to write to it remembers in memory and says so', async () => {
  const blocked = join(folder, 'blocked');
  await writeFile(blocked, 'not a folder');
  const journal = await open({ path: join(blocked, 'journal.jsonl') });
  journal.append({ healing: healing(1) });
  expect(await journal.flush()).toBe(false);
  expect(journal.health().ok).toBe(false);
  expect(journal.state.totals.healings).toBe(1);
  expect(await readFile(blocked, 'utf8')).toBe('not a folder');
});

/** A disk that can be full. */
const fillable = (): JournalFile & { full: boolean } => {
  const inner = createJournalFile(path);
  const check = (): void => {
    if (disk.full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  };
  const disk = {
    full: false,
    get size() {
      return inner.size;
    },
    load: inner.load,
    async append(text: string) {
      if (disk.full) await appendFile(path, text.slice(0, 10));
      check();
      await inner.append(text);
    },
    async replace(lines: Iterable<string>) {
      check();
      await inner.replace(lines);
    },
    close: inner.close,
  };
  return disk;
};

test('a full disk costs nothing: everything is kept and written when there is room again', async () => {
  const disk = fillable();
  const journal = await open({ file: disk });
  journal.append({ healing: healing(1) });
  await journal.flush();
  disk.full = true;
  for (let n = 2; n <= 20; n += 1) journal.append({ healing: healing(n), events: [draft(n)] });
  expect(await journal.flush()).toBe(false);
  expect(journal.health()).toEqual({ ok: false, unpublished: 19 });
  expect(journal.unpublished(10, 1e6)).toEqual([]);
  disk.full = false;
  expect(await journal.flush()).toBe(true);
  expect(journal.health().ok).toBe(true);
  expect(journal.unpublished(100, 1e6)).toHaveLength(19);
  expect(said).toEqual(['could not write the journal', 'the journal is written again']);
});

test('a disk that is really full is survived', async (context) => {
  if (process.platform !== 'linux') context.skip('SKIPPED: /dev/full is of Linux');
  const full = createJournalFile('/dev/full');
  const { append, replace, close } = full;
  const file = { size: 0, load: async () => {}, append, replace, close };
  const journal = await open({ file });
  journal.append({ healing: healing(1) });
  expect(await journal.flush()).toBe(false);
  expect(journal.state.totals.healings).toBe(1);
});

test('what waits for a disk takes a bounded amount of memory, and none of it is lost', async () => {
  const disk = fillable();
  const journal = await open({ file: disk });
  disk.full = true;
  for (let n = 1; n <= 3_000; n += 1) journal.append({ healing: healing(n) });
  expect(await journal.flush()).toBe(false);
  disk.full = false;
  expect(await journal.flush()).toBe(true);
  const again = await open();
  expect(again.state.totals.healings).toBe(3_000);
  expect(again.state.healings.find(() => true, 5_000).total).toBe(1_000);
});

test('a large journal is replaced by a snapshot that says the same', async () => {
  const journal = await open({ compactBytes: 64 * 1024 });
  for (let n = 1; n <= 1_500; n += 1) {
    journal.append({ healing: healing(n, n % 5 !== 0), events: [draft(n)] });
    journal.append({ incident: incident(n), since: { boot: 'b', ms: n } });
    if (n < 1_490) journal.append({ incident: incident(n, resolved) });
    if (n % 50 === 0) {
      await journal.flush();
      journal.acked(n - 10);
    }
  }
  await journal.flush();
  const names = await readdir(join(folder, 'guardian'));
  expect(names).toEqual(['journal.jsonl']);
  const again = await open();
  expect(again.state.totals).toEqual(journal.state.totals);
  expect(again.state.totals).toMatchObject({ healings: 1_500, incidents: 1_500 });
  expect([...again.state.lines()]).toEqual([...journal.state.lines()]);
  expect(again.state.open.get('inc_1495')?.since).toEqual({ boot: 'b', ms: 1_495 });
  expect(again.state.closed.find(() => true, 2_000).total).toBe(1_000);
  expect(again.unpublished(100, 1e6).map((one) => one.n)).toEqual([
    1491, 1492, 1493, 1494, 1495, 1496, 1497, 1498, 1499, 1500,
  ]);
});

test('a file that somebody removed is written anew, with everything', async () => {
  const journal = await open();
  journal.append({ healing: healing(1) });
  await journal.flush();
  await rm(path);
  journal.append({ healing: healing(2) });
  if (!(await journal.flush())) await journal.flush();
  expect(journal.health().ok).toBe(true);
  const again = await open();
  expect(again.state.totals.healings).toBe(2);
});

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal, type StepTask } from './journal.ts';
import { parseJournal } from './journal-lines.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = () => join(dir, 'journal.jsonl');
const task: StepTask = {
  type: 'apply_step',
  step_key: 'a',
  action: { driver: 'pip', action: 'packages.apply', params: {} },
  timeout_ms: 1000,
};
const result = (id: string) => ({ task_id: id, ok: true });

test('what was written is there after a restart: tasks, their children, results, acknowledgements', async () => {
  const first = await openJournal(dir);
  await first.received('t1', task, 5);
  await first.spawned({ id: 't1', pid: 7, start_time: '9' });
  await first.received('t2', task, 6);
  await first.finished('t2', result('t2'));
  await first.received('t3', task, 7);
  await first.finished('t3', result('t3'));
  await first.acked('t3');
  await first.close();

  const second = await openJournal(dir);
  expect(second.entries()).toMatchObject([
    { id: 't1', receivedMs: 5, children: [{ pid: 7, start_time: '9' }], result: undefined },
    { id: 't2', result: result('t2') },
  ]);
  expect(second.find('t3')).toBe('acked');
  expect(second.find('t4')).toBeUndefined();
  await second.close();
});

test('a last line that was cut off is dropped, and what follows is readable', async () => {
  const first = await openJournal(dir);
  await first.received('t1', task, 5);
  await first.close();
  appendFileSync(path(), '{"t":"result","id":"t1","resu');
  const second = await openJournal(dir);
  expect(second).toMatchObject({ damaged: 0 });
  expect(second.find('t1')).toMatchObject({ result: undefined });
  await second.finished('t1', result('t1'));
  await second.close();
  const third = await openJournal(dir);
  expect(third.find('t1')).toMatchObject({ result: result('t1') });
  await third.close();
});

test('a damaged line inside is counted and costs nothing else', async () => {
  writeFileSync(path(), '\u0000\u0000garbage\n{"t":"acked","id":"t9"}\n');
  const journal = await openJournal(dir);
  expect(journal.damaged).toBe(1);
  expect(journal.find('t9')).toBe('acked');
  await journal.close();
});

test('a task that was received twice is one entry, as it was at first', async () => {
  const journal = await openJournal(dir);
  await journal.received('t1', task, 5);
  await journal.received('t1', { ...task, step_key: 'b' }, 6);
  expect(journal.entries()).toMatchObject([{ receivedMs: 5, task: { step_key: 'a' } }]);
  await journal.close();
});

test('the file does not grow with what is over, and only its owner may read it', async () => {
  const journal = await openJournal(dir);
  for (let index = 0; index < 50; index += 1) {
    await journal.received(`t${index}`, task, index);
    await journal.finished(`t${index}`, result(`t${index}`));
    await journal.acked(`t${index}`);
  }
  await journal.close();
  const before = statSync(path()).size;
  const again = await openJournal(dir);
  expect(statSync(path()).size).toBeLessThan(before / 3);
  expect(readFileSync(path(), 'utf8').split('\n').filter(Boolean)).toHaveLength(50);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(again.find('t49')).toBe('acked');
  await again.close();
});

test('any prefix of a journal can be read, and no whole line of it is lost', () => {
  const lines = Array.from({ length: 6 }, (_, index) =>
    JSON.stringify({ t: 'acked', id: `task-${index}` }),
  );
  const text = `${lines.join('\n')}\n`;
  fc.assert(
    fc.property(fc.nat({ max: text.length }), (length) => {
      const cut = text.slice(0, length);
      const whole = cut.split('\n').length - 1;
      const parsed = parseJournal(cut);
      expect(parsed.damaged).toBe(0);
      expect(parsed.lines).toHaveLength(whole);
    }),
  );
});

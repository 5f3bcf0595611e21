import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRecorder, type RawRecorder } from './raw-recorder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-recorder-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a recorder', () => {
  test('is none where no recording is asked for', async () => {
    expect(await openRecorder({})).toBeUndefined();
  });

  test('writes as many lines as it is given, in order', async () => {
    const recordTo = join(folder, 'lines.jsonl');
    const recorder = (await openRecorder({ recordTo })) as RawRecorder;
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} \u00e4`);
    for (const line of lines) await recorder.line(line);
    expect(await recorder.close()).toEqual({ path: recordTo, lines_written: 20_000 });
    expect(await readFile(recordTo, 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  test('ends a last line that was left open, once', async () => {
    const recordTo = join(folder, 'open.jsonl');
    const recorder = (await openRecorder({ recordTo })) as RawRecorder;
    await recorder.write(Buffer.from('a\nb'));
    await recorder.write(Buffer.from('c'));
    expect((await recorder.close()).lines_written).toBe(2);
    expect((await recorder.close()).lines_written).toBe(2);
    expect(await readFile(recordTo, 'utf8')).toBe('a\nbc\n');
  });

  test('of a path that is a folder says so and takes lines all the same', async () => {
    const recorder = (await openRecorder({ recordTo: folder })) as RawRecorder;
    await recorder.line('x');
    expect(await recorder.close()).toEqual({
      path: folder,
      lines_written: 0,
      error: `cannot record to '${folder}': it is a directory`,
    });
  });
});

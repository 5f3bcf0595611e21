import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../input-error.ts';
import { observeFile } from './observe-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-telemetry-'));
});
afterAll(() => rm(folder, { recursive: true }));

const observe = async (name: string, content: string | Buffer) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return observeFile(path);
};
const linesOf = (rows: readonly unknown[]) =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('a file of JSON lines', () => {
  test('gives samples, the window between them, and no throughput', async () => {
    const { series, window_s, ingest } = await observe(
      'plain.jsonl',
      linesOf([
        { ts: 1_700_000_030, step_time_ms: 120.5, loss: 1.5, worker_latencies_ms: [1, 9, 2, 3] },
        { ts: 1_700_000_000_500, step_time_ms: '80', loss: null, worker_latencies_ms: '[4, "6"]' },
        { ts: '2023-11-14T22:13:50Z', step_time_ms: 90, loss: '', worker_latencies_ms: [] },
        { ts: 1_700_000_001, step_time_ms: 70, worker_latencies_ms: [1, null], step: 7 },
      ]),
    );
    const column = (
      name: 'timestamp_ms' | 'latency_ms' | 'loss' | 'worker_max' | 'worker_median',
    ) => [0, 1, 2, 3].map((row) => series.value(name, row));
    expect(column('timestamp_ms')).toEqual([
      1_700_000_030_000, 1_700_000_000_500, 1_700_000_030_000, 1_700_000_001_000,
    ]);
    expect(column('latency_ms')).toEqual([120.5, 80, 90, 70]);
    expect(column('loss')).toEqual([1.5, undefined, undefined, undefined]);
    expect(column('worker_max')).toEqual([9, 6, 90, 70]);
    expect(column('worker_median')).toEqual([2.5, 5, 90, 70]);
    expect(series.value('throughput', 0)).toBe(0);
    expect(series.value('step', 3)).toBe(7);
    expect(window_s).toBe(29.5);
    expect(ingest).toMatchObject({ rows_read: 4, dropped_total: 0 });
  });

  test.each([
    [{ gpu_util_pct: 91 }, 91, undefined],
    [{ gpu_util: '92 %' }, 92, undefined],
    [{ gpu_usage_pct: '93%' }, 93, undefined],
    [{ gpu_usage: 94 }, 94, undefined],
    [{ gpu_util_pct: null, gpu_usage: 94 }, 94, undefined],
    [{ gpu_util_pct: 'n/a', gpu_util: 95 }, 95, undefined],
    [{ gpu_mem_util: 50 }, undefined, 50],
    [{ gpu_mem_pct: '51%' }, undefined, 51],
    [{ gpu_mem_used_mb: '20 MB', gpu_mem_total_mb: '80MiB' }, undefined, 25],
    [{ gpu_mem_used: 40, gpu_mem_total_mib: 80 }, undefined, 50],
    [{ gpu_mem_used_mib: 40, gpu_mem_total: 0 }, undefined, undefined],
    [{ gpu_mem_util_pct: 10, gpu_mem_used: 40, gpu_mem_total: 80 }, undefined, 10],
    [{ gpu_mem_used: 40 }, undefined, undefined],
  ])('reads the GPU figures of %j', async (fields, util, memory) => {
    const { series } = await observe('gpu.jsonl', linesOf([{ ts: 1, step_time_ms: 1, ...fields }]));
    expect(series.value('gpu_util_pct', 0)).toBe(util);
    expect(series.value('gpu_mem_util_pct', 0)).toBe(memory);
  });

  test('trims the names of nodes and GPUs', async () => {
    const { series } = await observe(
      'names.jsonl',
      linesOf([
        { ts: 1, step_time_ms: 1, node: ' b ', gpu_name: 'H200' },
        { ts: 2, step_time_ms: 1, node: '', node_name: 'a', gpu_model: ' A100 ' },
      ]),
    );
    expect(series.nodes).toEqual(['a', 'b']);
    expect(series.gpuModels).toEqual(['A100', 'H200']);
  });

  test('counts what it drops by reason, and blank lines only as read', async () => {
    const { series, ingest } = await observe(
      'drops.jsonl',
      [
        '{"ts":1,"step_time_ms":2}',
        '',
        '   ',
        'no json',
        '{"ts":1,"step_time_ms":2',
        '[1]',
        '3',
        'null',
        '{}',
        '{"ts":1}',
        '{"ts":"soon","step_time_ms":2}',
        '{"ts":1,"step_time_ms":"slow"}',
        '{"ts":1,"step_time_ms":-2}',
        '{"ts":true,"step_time_ms":2}',
        '{"ts":1,"step_time_ms":2,"loss":"much"}',
        '{"ts":1,"step_time_ms":1e999}',
      ].join('\n'),
    );
    expect(series.length).toBe(1);
    expect(ingest).toEqual({
      rows_read: 16,
      dropped_total: 13,
      dropped_invalid_json: 2,
      dropped_invalid_shape: 3,
      dropped_missing_fields: 8,
    });
  });

  test('reads the NaN and Infinity of Python as no figure', async () => {
    const { series, ingest } = await observe(
      'python.jsonl',
      '{"ts":1,"step_time_ms":2,"loss":NaN,"node":"NaN \\"NaN"}\n{"ts":1,"step_time_ms":-Infinity}\n',
    );
    expect(series.value('loss', 0)).toBeUndefined();
    expect(series.nodes).toEqual(['NaN "NaN']);
    expect(ingest).toMatchObject({ dropped_total: 1, dropped_missing_fields: 1 });
  });

  test('reads a byte order mark, carriage returns and a last line without an end', async () => {
    const { series } = await observe(
      'windows.jsonl',
      '\ufeff{"ts":1,"step_time_ms":2}\r\n{"ts":2,"step_time_ms":3}',
    );
    expect([...series.values('latency_ms')]).toEqual([2, 3]);
  });

  test('gives nothing for an empty file', async () => {
    const { series, window_s, ingest } = await observe('empty.jsonl', '');
    expect([series.length, window_s, ingest?.rows_read]).toEqual([0, 0, 0]);
  });

  test('reads lines of any length across the borders of its blocks', async () => {
    const lengths = [10, 300_000, 5, 70_000, 262_144, 262_143, 600_000, 0, 65_536];
    const rows = lengths.map((length, i) => ({ ts: i, note: 'x'.repeat(length), step_time_ms: i }));
    const short = Array.from({ length: 20_000 }, (_, i) => ({ ts: 100 + i, step_time_ms: i }));
    const { series, ingest } = await observe('long.jsonl', linesOf([...rows, ...short]));
    expect(ingest).toMatchObject({ rows_read: 20_009, dropped_total: 0 });
    const expected = [...rows, ...short].map((row) => row.step_time_ms);
    expect([...series.values('latency_ms')]).toEqual(expected);
  });

  test('refuses a line that never ends', async () => {
    const path = join(folder, 'endless.jsonl');
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024, 0x20));
    await expect(observeFile(path)).rejects.toMatchObject({ code: 'line_too_long' });
  });

  test('replays the recorded log of a pod', async () => {
    const { series, ingest } = await observe(
      'pod.jsonl',
      '2024-01-01T00:00:01.5Z {"step_time_ms":12}\n2024-01-01T00:00:02Z step_time=13ms\n2024-01-01T00:00:03Z hello\n',
    );
    expect([...series.values('latency_ms')]).toEqual([12, 13]);
    expect(ingest).toMatchObject({ rows_read: 3, dropped_total: 1, dropped_invalid_json: 1 });
  });
});

describe('a CSV file', () => {
  test('gives the samples that the same rows give as JSON lines', async () => {
    const { series, ingest } = await observe(
      'plain.csv',
      [
        '\ufefftime_unknown, ts ,step_time_ms,loss,worker_latencies_ms,node,gpu_util',
        'x,1,100.25,1.5,"[1, 2, 9]",007,50 %',
        '"a ""b"", c",2023-11-14T22:13:50Z,"110",,,"n ""1""",',
        '',
        'y,2,nope,,,,',
        'y,3,,,,,',
        'z,4,130\r',
      ].join('\n'),
    );
    expect(series.length).toBe(3);
    expect([...series.values('latency_ms')]).toEqual([100.25, 110, 130]);
    expect([series.value('worker_max', 0), series.value('worker_median', 0)]).toEqual([9, 2]);
    expect(series.value('loss', 1)).toBeUndefined();
    expect(series.value('gpu_util_pct', 0)).toBe(50);
    expect(series.nodes).toEqual(['007', 'n "1"']);
    expect(ingest).toEqual({
      rows_read: 5,
      dropped_total: 2,
      dropped_invalid_json: 0,
      dropped_invalid_shape: 0,
      dropped_missing_fields: 2,
    });
  });

  test('keeps a field in quotes together over lines and blocks', async () => {
    const note = '"line, one\nline ""two""\n"';
    const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${note},${i + 0.5}`);
    const { series, ingest } = await observe(
      'notes.csv',
      `ts,note,step_time_ms\n${rows.join('\n')}`,
    );
    expect(ingest).toMatchObject({ rows_read: 30_000, dropped_total: 0 });
    expect(series.value('latency_ms', 29_999)).toBe(29_999.5);
  });

  test('ends an open quote with the file', async () => {
    const { ingest } = await observe('open.csv', 'ts,step_time_ms\n1,"2\n3,4\n');
    expect(ingest).toMatchObject({ rows_read: 1, dropped_missing_fields: 1 });
  });

  test('drops every record where a required column has no header', async () => {
    const { ingest } = await observe('headless.csv', '1,2\n3,4\n5,6\n');
    expect(ingest).toMatchObject({ rows_read: 2, dropped_missing_fields: 2 });
  });
});

describe('a file that cannot be read', () => {
  test.each(['x.txt', 'x', 'x.json', 'jsonl', 'x.jsonl.gz', ''])(
    '%j has no known type',
    async (name) => {
      await expect(observeFile(name)).rejects.toThrow(
        `cannot read '${name}': expected a .jsonl or .csv file`,
      );
    },
  );

  test('is one line of text: no such file, a folder, a null byte', async () => {
    const path = join(folder, 'folder.csv');
    await mkdir(path);
    const missing = join(folder, 'none.jsonl');
    await expect(observeFile(missing)).rejects.toThrow(`cannot read '${missing}': no such file`);
    await expect(observeFile(path)).rejects.toThrow(`cannot read '${path}': it is a directory`);
    const error = await observeFile('a\0\n.csv').catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe("cannot read 'a .csv': the path has a null byte");
  });
});

describe('a recording of a file', () => {
  const content = '{"ts":1,"step_time_ms":2}\r\n\ngarbage\n{"ts":2,"step_time_ms":3}';

  test('holds its lines as they were and replays to the same samples', async () => {
    const source = join(folder, 'source.jsonl');
    const recordTo = join(folder, 'recorded.jsonl');
    await writeFile(source, content);
    const first = await observeFile(source, { recordTo });
    expect(first.record).toEqual({ path: recordTo, lines_written: 4 });
    expect(await readFile(recordTo, 'utf8')).toBe(`${content}\n`);
    const replayed = await observeFile(recordTo);
    expect(replayed.ingest).toEqual(first.ingest);
    expect([...replayed.series.values('latency_ms')]).toEqual([2, 3]);
  });

  test('starts anew, or goes on behind what is there', async () => {
    const source = join(folder, 'source.jsonl');
    const recordTo = join(folder, 'again.jsonl');
    await writeFile(source, content);
    await observeFile(source, { recordTo });
    await observeFile(source, { recordTo });
    expect(await readFile(recordTo, 'utf8')).toBe(`${content}\n`);
    await observeFile(source, { recordTo, append: true });
    expect(await readFile(recordTo, 'utf8')).toBe(`${content}\n${content}\n`);
  });

  test('replays a CSV recording that was added to as one file', async () => {
    const source = join(folder, 'source.csv');
    const recordTo = join(folder, 'twice.csv');
    await writeFile(source, 'ts,step_time_ms\n1,2\n3,4');
    await observeFile(source, { recordTo });
    await observeFile(source, { recordTo, append: true });
    const { series, ingest } = await observeFile(recordTo);
    expect([...series.values('latency_ms')]).toEqual([2, 4, 2, 4]);
    expect(ingest).toMatchObject({ rows_read: 4, dropped_total: 0 });
  });

  test('that cannot be written does not stop the observation', async () => {
    const source = join(folder, 'source.jsonl');
    await writeFile(source, content);
    const recordTo = join(folder, 'no', 'such', 'folder.jsonl');
    const { series, record } = await observeFile(source, { recordTo });
    expect(series.length).toBe(2);
    expect(record).toEqual({
      path: recordTo,
      lines_written: 0,
      error: `cannot record to '${recordTo}': no such file`,
    });
  });

  test('never overwrites the file that is read', async () => {
    const source = join(folder, 'precious.jsonl');
    await writeFile(source, content);
    const linked = join(folder, 'linked.jsonl');
    await link(source, linked);
    for (const recordTo of [source, linked]) {
      const { series, record } = await observeFile(source, { recordTo });
      expect(series.length).toBe(2);
      expect(record?.error).toContain('it is the file that is read');
    }
    expect(await readFile(source, 'utf8')).toBe(content);
  });
});

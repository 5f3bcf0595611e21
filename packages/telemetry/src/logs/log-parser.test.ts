import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLogParser } from './log-parser.ts';

const STAMP = '2024-05-01T10:00:00.123456789Z';
const AT = Date.parse('2024-05-01T10:00:00.123Z');
const parser = createLogParser('default', { node: 'node-a' });
const jsonl = createLogParser('stdout-jsonl', { node: 'node-a' });

describe('a line of a pod in the default format', () => {
  test('reads key=value behind the stamp of kubectl', () => {
    expect(parser.line(`${STAMP} step_time_ms=120 loss=1.5 gpu_util=50 step=7`)).toEqual({
      timestamp_ms: AT,
      latency_ms: 120,
      throughput: 0,
      loss: 1.5,
      step: 7,
      node: 'node-a',
      gpu_model: undefined,
      gpu_util_pct: 50,
      gpu_mem_util_pct: undefined,
      worker_latencies_ms: [120],
    });
  });

  test.each([
    ['step_time_ms=120, loss=1.5', 120],
    ['level=info msg="a b=c step_time=1s" took=35ms', 35],
    ["msg='it took=5' latency=0.25s", 250],
    ['latency=250us', 0.25],
    ['latency=250\u00b5s', 0.25],
    ['latency=250\u03bcs', 0.25],
    ['latency=1500ns', 0.0015],
    ['elapsed=12', 12],
    ['duration="1.5 s"', 1500],
    ['worker_latencies_ms=[10,30,20] step_time=20', 20],
    ['http.resp.took_ms=17', 17],
    ['{"http":{"resp":{"took_ms":18}}}', 18],
    ['{"latency":"19ms","duration":1}', 19],
    ['{"latency":null,"duration_ms":21}', 21],
    ['{"latency":"unknown","took":22}', 22],
    ['[default0]:{"step_time":20}', 20],
    ['INFO train.py:12 {"latency":"21ms"}', 21],
    ['state={open took=22ms}', 22],
    ['{"msg":"step done in 23.5 ms"}', 23.5],
    ['GET /steps 200 24ms and 99ms more', 24],
    ['took 1.5s (2ms each)', 1500],
    ['latency=-5 then 8ms', 8],
  ])('reads the latency of %j', (payload, latency) => {
    expect(parser.line(`${STAMP} ${payload}`)?.latency_ms).toBe(latency);
  });

  test.each([
    'started',
    'loss=1.5',
    '{"loss":1}',
    'v12ms',
    '12 messages',
    'a 5minutes',
    '',
    '{"a":',
    'took=-1',
  ])('takes no sample from %j', (payload) =>
    expect(parser.line(`${STAMP} ${payload}`)).toBeUndefined(),
  );

  test.each(['ts', 't', 'timestamp', 'time', '@timestamp'])('prefers the time in %s', (key) => {
    const line = JSON.stringify({ [key]: '2024-01-01T00:00:00Z', step_time_ms: 1 });
    expect(parser.line(`${STAMP} ${line}`)?.timestamp_ms).toBe(Date.UTC(2024, 0, 1));
    expect(parser.line(line)?.timestamp_ms).toBe(Date.UTC(2024, 0, 1));
    expect(parser.line(`${key}=1700000000 latency=5ms`)?.timestamp_ms).toBe(1.7e12);
  });

  test('without any time gives no sample', () => {
    expect(parser.line('step_time_ms=120')).toBeUndefined();
    expect(parser.line('2024-99-01T10:00:00Z step_time_ms=120')).toBeUndefined();
  });

  test('keeps the node that the line names, its workers and its throughput', () => {
    const line =
      '{"latency":9,"node_name":" b ","gpu_name":"H200","worker_latencies_ms":[1,2],"throughput":88,"gpu_mem_used_mb":1,"gpu_mem_total_mb":4}';
    expect(parser.line(`${STAMP} ${line}`)).toMatchObject({
      node: 'b',
      gpu_model: 'H200',
      worker_latencies_ms: [1, 2],
      throughput: 88,
      gpu_mem_util_pct: 25,
    });
  });

  test('never throws, and gives only finite figures', () => {
    const anything = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc
        .dictionary(fc.constantFrom('ts', 'latency', '__proto__', 'step'), fc.string())
        .map((fields) =>
          Object.entries(fields)
            .map(([key, value]) => `${key}=${value}`)
            .join(' '),
        ),
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (payload, stamped) => {
        for (const each of [parser, jsonl]) {
          const sample = each.line(stamped ? `${STAMP} ${payload}` : payload);
          if (sample)
            expect([sample.timestamp_ms, sample.latency_ms].every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });
});

describe('a line of a pod that writes JSON lines to its output', () => {
  const line = (fields: object) => `${STAMP} ${JSON.stringify(fields)}`;

  test('is found behind the stamp of kubectl', () => {
    const text = line({ ts: 1_700_000_000, step: 3, samples_per_sec: 8, loss: 0.5 });
    expect(jsonl.line(text)).toMatchObject({
      timestamp_ms: 1.7e12,
      step: 3,
      throughput: 8,
      latency_ms: 125,
      loss: 0.5,
      node: 'node-a',
    });
    expect(jsonl.line(text.slice(STAMP.length + 1))?.latency_ms).toBe(125);
  });

  test('is found behind the rank that a launcher puts before it', () => {
    expect(jsonl.line(`${STAMP} [rank3]: {"step":1,"throughput":8}`)?.latency_ms).toBe(125);
  });

  test.each([
    [{ step: 1, throughput: 10 }, 100],
    [{ step: 1, samples_sec: '20' }, 50],
    [{ step: 1, throughput: 0, samples_sec: 4 }, 250],
    [{ step: 1, throughput: 10, step_time_ms: 7 }, 7],
    [{ step: 1, throughput: 10, latency: '0.5s' }, 500],
  ])('%j took %d ms', (fields, latency) => {
    expect(jsonl.line(line(fields))?.latency_ms).toBe(latency);
  });

  test.each([
    [{ throughput: 10 }],
    [{ step: 1 }],
    [{ step: 1.5, throughput: 10 }],
    [{ step: '1', throughput: 10 }],
    [{ step: true, throughput: 10 }],
    [{ step: 1, throughput: 0 }],
    [{ step: 1, throughput: -3 }],
    [{ step: 1, throughput: 'fast' }],
  ])('%j is no sample', (fields) => expect(jsonl.line(line(fields))).toBeUndefined());

  test('is JSON and nothing else', () => {
    expect(jsonl.line(`${STAMP} step=1 throughput=10`)).toBeUndefined();
    expect(jsonl.line('{"step":1,"throughput":10}')).toBeUndefined();
  });
});

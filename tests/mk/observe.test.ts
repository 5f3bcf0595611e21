import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMkWorld, eventsOf, type MkWorld } from './support/mk-world.ts';

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

const lines = (count: number, latency: (index: number) => number): string =>
  Array.from(
    { length: count },
    (_, index) => `{"ts":${1_700_000_000 + index},"step_time_ms":${latency(index)},"loss":1}\n`,
  ).join('');

describe('observe', () => {
  it('looks at the baseline by default, and writes a report and its latest copy', async () => {
    const { code } = await world.mk('observe --duration 60s --out o');
    expect(code).toBe(0);
    expect(world.files('o')).toEqual([
      'explain.jsonl',
      'observe_latest.json',
      expect.stringMatching(/^report_\d{8}_\d{6}\.json$/),
    ]);
    expect(world.read('o/observe_latest.json')).toMatchObject({
      schema_version: 'v0',
      mode: 'OBSERVE_ONLY',
      sample_count: 60,
      signals: { stable: true },
      summary: { money_leak_risk: 'low', top_symptoms: [], estimated_impact: 'unknown' },
      environment: { unstable: false },
    });
    expect(eventsOf(world, 'o')).toEqual([
      'observe_start',
      'observe_source',
      'observe_signals',
      'observe_summary',
      'observe_report',
      'observe_stop',
    ]);
  });

  it('reads a file, counts what it drops, and records the raw lines', async () => {
    const text = `${lines(20, (index) => (index === 9 ? 500 : 100))}not json\n\n[1]\n{"ts":1}\n`;
    world.write('samples.jsonl', text);
    const { code } = await world.mk(
      'observe --source file --path samples.jsonl --record-raw raw.jsonl --out o',
    );
    expect(code).toBe(0);
    expect(world.read('o/observe_latest.json')).toMatchObject({
      sample_count: 20,
      signals: { burst: true },
      observe_ingest: {
        rows_read: 24,
        dropped_total: 3,
        dropped_invalid_json: 1,
        dropped_invalid_shape: 1,
        dropped_missing_fields: 1,
      },
      observe_record_raw_path: 'raw.jsonl',
      observe_record_raw_lines_written: 24,
    });
    expect(world.text('raw.jsonl')).toBe(text);
  });

  it('replays a recording to the same signals', async () => {
    world.write(
      'samples.jsonl',
      lines(20, (index) => (index === 9 ? 500 : 100)),
    );
    await world.mk('observe --source file --path samples.jsonl --record-raw raw.jsonl --out a');
    await world.mk('observe --source file --path raw.jsonl --out b');
    expect(world.read('b/observe_latest.json')['signals']).toEqual(
      world.read('a/observe_latest.json')['signals'],
    );
  });

  it('reads the log of the pod, and takes its node for that of the samples', async () => {
    world.change((state) => {
      state.logs['default/trainer-1'] = Array.from(
        { length: 15 },
        (_, index) =>
          `2026-01-01T00:00:${String(index).padStart(2, '0')}.000000000Z {"step_time_ms":${100 + index},"loss":1}`,
      );
    });
    const { code } = await world.mk(
      'observe --source k8s --container trainer --duration 2m --out o',
    );
    expect(code).toBe(0);
    expect(world.read('o/observe_latest.json')).toMatchObject({
      environment: { nodes_seen: ['node-a'] },
    });
    expect(world.calls()).toContainEqual([
      ...['logs', '-n', 'default', 'trainer-1', '-c', 'trainer'],
      ...['--timestamps', '--since', '120s'],
    ]);
  });

  it('gives no samples and 0 where the cluster does not answer, and says why in the log', async () => {
    const { code } = await world.mk('observe --source k8s --out o', { KUBECTL: '/nowhere' });
    expect(code).toBe(0);
    expect(world.read('o/observe_latest.json')).toMatchObject({
      sample_count: 0,
      signals: { stable: true, notes: ['no_samples'] },
    });
    const source = world.lines('o/explain.jsonl').find(({ event }) => event === 'observe_source');
    expect(source).toMatchObject({ payload: { error: expect.stringMatching(/./) } });
  });
});

describe('the sources of metrics', () => {
  it('reads OTLP metrics from a file', async () => {
    const point = (index: number) => ({
      timeUnixNano: `${1_700_000_000 + index}000000000`,
      asDouble: index === 9 ? 0.5 : 0.1,
    });
    world.write('metrics.jsonl', {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'step.time',
                  unit: 's',
                  gauge: { dataPoints: Array.from({ length: 20 }, (_, index) => point(index)) },
                },
              ],
            },
          ],
        },
      ],
    });
    const { code, stderr } = await world.mk(
      'closed-loop run --observe-source otlp --observe-path metrics.jsonl --metric latency_ms=step.time --out cl',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(world.read('cl/closed_loop_latest.json')).toMatchObject({
      sample_count: 20,
      signals: { burst: true },
      sources_seen: ['metrics_telemetry', 'metrics_window'],
    });
  });

  it('asks for what they need', async () => {
    const { code, stderr } = await world.mk('observe --source prometheus --out o');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ERROR: --prometheus-url is required when --source prometheus\n',
    });
  });

  it('gives no samples where a Prometheus does not answer', async () => {
    const { code } = await world.mk(
      'observe --source prometheus --prometheus-url http://127.0.0.1:1 --metric latency_ms=up --out o',
    );
    expect(code).toBe(0);
    expect(world.read('o/observe_latest.json')).toMatchObject({ sample_count: 0 });
  });
});

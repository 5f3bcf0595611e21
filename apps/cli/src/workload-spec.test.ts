import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, type CliError } from './cli-error.ts';
import { readWorkloadSpec, type WorkloadFlags } from './workload-spec.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(folder, 'spec.json');
  writeFileSync(path, text);
  return path;
};
const refusal = (flags: WorkloadFlags, id = 'trainer'): CliError => {
  try {
    readWorkloadSpec(id, flags);
  } catch (error) {
    return error as CliError;
  }
  throw new Error('nothing was refused');
};

describe('the record of a workload', () => {
  it('is a Deployment of the name of the id, watched by its pod logs, unless told otherwise', () => {
    expect(readWorkloadSpec('trainer', {})).toEqual({
      id: 'trainer',
      context: null,
      ref: { kind: 'Deployment', namespace: 'default', name: 'trainer' },
      source: { pod_logs: { container: null, format: 'default' } },
      policy: 'chord',
      mode: 'observe',
      interval_s: null,
      window_s: null,
      cooldown_s: 0,
      max_delta_per_step: 0,
      approve_advanced: false,
    });
  });

  it('is what the flags say', () => {
    const flags = {
      name: 'job-1',
      namespace: 'ml',
      kind: 'PyTorchJob',
      context: 'kind',
      file: 'steps.jsonl',
      policy: 'scalar',
      mode: 'propose',
      interval: '5m',
      window: '90',
      cooldown: '1h',
      maxDelta: '4',
      approveAdvanced: true,
    };
    expect(readWorkloadSpec('a', flags)).toMatchObject({
      context: 'kind',
      ref: { kind: 'PyTorchJob', namespace: 'ml', name: 'job-1' },
      source: { file: { path: 'steps.jsonl' } },
      policy: 'scalar',
      mode: 'propose',
      interval_s: 300,
      window_s: 90,
      cooldown_s: 3600,
      max_delta_per_step: 4,
      approve_advanced: true,
    });
  });

  it('comes whole from a file that is named', () => {
    const source = { prometheus: { url: 'http://127.0.0.1:9090', latency_ms: { metric: 'step' } } };
    const spec = file(JSON.stringify({ ref: { name: 'other' }, source }));
    expect(readWorkloadSpec('trainer', { spec })).toMatchObject({
      id: 'trainer',
      ref: { name: 'other' },
      source,
    });
  });

  it.each([
    [{ kind: 'DaemonSet' }, /expected one of Deployment/],
    [{ mode: 'apply' }, /expected one of observe, propose/],
    [{ namespace: 'A b' }, /ref\.namespace/],
    [{ maxDelta: 'many' }, /expected a number/],
    [{ interval: '1w' }, /expected 1s to 24h/],
    [{ file: 'a.jsonl', container: 'c' }, /exclude each other/],
    [{ spec: '/nowhere/at/all.json' }, /ENOENT/],
  ] as const)('is refused as misuse for %j', (flags, words) => {
    const error = refusal(flags);
    expect([error.exit, error.message]).toEqual([EXIT.usage, expect.stringMatching(words)]);
  });

  it('is refused for a file that is none, or says what nobody knows', () => {
    expect(refusal({ spec: file('[]') }).message).toContain('expected a JSON object');
    expect(refusal({ spec: file('{') }).message).toContain('not valid JSON');
    const unknown = JSON.stringify({ ref: { name: 'x' }, source: { pod_logs: {} }, extra: 1 });
    expect(refusal({ spec: file(unknown) }).message).toMatch(/extra/);
    expect(refusal({ name: 'a' }, 'Not An Id').message).toContain('id:');
  });
});

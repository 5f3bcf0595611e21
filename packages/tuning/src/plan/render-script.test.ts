import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlanError } from './plan-error.ts';
import type { PlanItem } from './plan-item.ts';
import { renderScript } from './render-script.ts';
import { shellWord, singleQuoted } from './shell-word.ts';

const ITEM: PlanItem = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'default',
  name: 'trainer',
  patch: { metadata: { annotations: { 'modekeeper/knob.grad_accum_steps': '8' } } },
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'script-'));
  const stub = `#!/bin/bash\nfor word in "$@"; do printf '%s\\0' "$word" >> '${folder}/argv'; done\nprintf '\\1\\0' >> '${folder}/argv'\n`;
  writeFileSync(join(folder, 'kubectl'), stub);
  chmodSync(join(folder, 'kubectl'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The argument lists with which a script, run by bash in an empty world, really calls kubectl. */
const callsOf = (script: string): string[][] => {
  writeFileSync(join(folder, 'argv'), '');
  writeFileSync(join(folder, 'script.sh'), script);
  const out = execFileSync('/bin/bash', [join(folder, 'script.sh')], {
    cwd: folder,
    env: { PATH: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(out.toString()).toBe('');
  const words = readFileSync(join(folder, 'argv'), 'utf8').split('\0').slice(0, -1);
  const calls: string[][] = [[]];
  for (const word of words) {
    if (word === '\u0001') calls.push([]);
    else calls.at(-1)!.push(word);
  }
  return calls.slice(0, -1);
};

const patchCall = (item: PlanItem, resource: string): string[] => [
  '-n',
  item.namespace,
  'patch',
  `${resource}/${item.name}`,
  '--type',
  'merge',
  '-p',
  JSON.stringify(item.patch),
];

/** Everything that means something to a shell, between letters. */
const hostile = fc.string({
  unit: fc.constantFrom(...'\'"`$(){}[]<>|&;*?~#!\\^=%\n\t a-Z0/', '$(touch x)', "'; id; '", '..'),
  minLength: 1,
  maxLength: 12,
});

describe('a rendered script', () => {
  it('shows where it would go and patches each item', () => {
    const script = renderScript([ITEM]);
    expect(script.split('\n').slice(0, 2)).toEqual(['#!/usr/bin/env bash', 'set -Eeuo pipefail']);
    expect(script).toContain(
      `kubectl -n default patch deployment/trainer --type merge -p '{"metadata":{"annotations":{"modekeeper/knob.grad_accum_steps":"8"}}}'\n`,
    );
    expect(callsOf(script)).toEqual([['config', 'current-context'], patchCall(ITEM, 'deployment')]);
  });

  it('calls nothing for an empty plan', () => {
    const script = renderScript([]);
    expect(script).not.toContain('kubectl');
    expect(callsOf(script)).toEqual([]);
  });

  it('names other kinds as kubectl does', () => {
    const item = { ...ITEM, apiVersion: 'ray.io/v1', kind: 'RayCluster' };
    expect(callsOf(renderScript([ITEM, item])).slice(1)).toEqual([
      patchCall(ITEM, 'deployment'),
      patchCall(item, 'rayclusters.ray.io'),
    ]);
  });

  it('hands every patch to kubectl as it is, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, fc.oneof(hostile, fc.constant(null))), (annotations) => {
        const item = { ...ITEM, patch: { metadata: { annotations } } };
        expect(callsOf(renderScript([item])).slice(1)).toEqual([patchCall(item, 'deployment')]);
      }),
      { numRuns: 60 },
    );
  });

  it('is not made of a name that Kubernetes would not take', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom('namespace', 'name'), (text, field) => {
        fc.pre(!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text));
        expect(() => renderScript([{ ...ITEM, [field]: text }])).toThrow(PlanError);
      }),
    );
    expect(() => renderScript([{ ...ITEM, kind: 'x; id' }])).toThrow(PlanError);
  });
});

describe('quoting for a shell', () => {
  it('gives bash back the very text', () => {
    fc.assert(
      fc.property(hostile, fc.string({ unit: 'binary', maxLength: 5 }), (plain, extra) => {
        const text = `${plain}${extra.replaceAll('\0', '')}`;
        for (const quoted of [shellWord(text), singleQuoted(text)])
          expect(callsOf(`kubectl ${quoted}`)).toEqual([[Buffer.from(text).toString()]]);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves ordinary words bare', () => {
    expect(shellWord('deployment/trainer-0.a')).toBe('deployment/trainer-0.a');
    expect(shellWord('')).toBe("''");
  });
});

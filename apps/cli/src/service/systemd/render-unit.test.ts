import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MARKER } from '../service-spec.ts';
import { anySpec } from '../test-support/any-spec.ts';
import { readCommand, readEnvironment, readUnit } from '../test-support/read-unit.ts';
import { renderUnit } from './render-unit.ts';

const templateOf = (scope: string): string =>
  readFileSync(new URL(`../../../../../deploy/systemd/${scope}.service`, import.meta.url), 'utf8');

describe.each(['user', 'system'] as const)('the unit of scope %s', (scope) => {
  const template = templateOf(scope);

  test('gives systemd back exactly the program, arguments and environment of any spec', () => {
    fc.assert(
      fc.property(anySpec(scope), (any) => {
        const spec = { ...any, node: any.node.replaceAll(/["'\\]/g, '') };
        const unit = readUnit(renderUnit(template, spec));
        const wanted = [spec.node, spec.program, 'up'];
        expect(unit.get('Service.ExecStart')!.map(readCommand)).toEqual([wanted]);
        expect(readEnvironment(unit.get('Service.Environment')!)).toEqual(spec.environment);
        expect(unit.get('Service.User')).toEqual(spec.runAs === undefined ? undefined : ['svc']);
      }),
      { numRuns: 300 },
    );
  });

  test('carries the mark, comes back after failures only, and keeps the owner token out of the journal', () => {
    const spec = {
      scope,
      profile: 'user',
      home: '/h',
      node: '/n',
      program: '/p',
      environment: { HOLDFAST_HOME: '/h' },
    };
    const text = renderUnit(template, spec);
    const unit = readUnit(text);
    expect(text.startsWith(`# ${MARKER}\n`)).toBe(true);
    expect(unit.get('Service.Restart')).toEqual(['on-failure']);
    expect(unit.get('Service.StandardOutput')).toEqual(['null']);
    expect(unit.get('Service.KillMode')).toEqual(['mixed']);
    expect(text).not.toMatch(/\{\{|TOKEN/);
  });

  test('refuses a node that systemd would not start', () => {
    const spec = { scope, profile: 'user', home: '/h', program: '/p', environment: {} };
    for (const node of ['/a"b', "/a'b", '/a\\b'])
      expect(() => renderUnit(template, { ...spec, node })).toThrow('systemd starts no program');
  });
});

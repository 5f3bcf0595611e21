import { describe, expect, it } from 'vitest';
import { action, plan, step } from './test-support/arbitrary-plans.ts';
import { brokenTripwires } from './tripwires.ts';

const inEnvironment = (environment: unknown) => ({
  ...action('1.0.0'),
  params: { ...action('1.0.0').params, environment },
});

describe('tripwires', () => {
  it('let a plan for isolated environments through', () => {
    const paths = ['/srv/venv', 'C:\\venv', 'd:/venv'];
    for (const path of paths)
      expect(brokenTripwires(plan([step({ do: inEnvironment(path) })]))).toEqual([]);
  });

  it.each(['system', '', './venv', '../venv', undefined, 7])(
    'stop a step, or its inverse, that would change packages in %j',
    (environment) => {
      const action = inEnvironment(environment);
      for (const bad of [step({ do: action }), step({ inverse: action })])
        expect(brokenTripwires(plan([bad])).join()).toContain('isolated_environments_only');
    },
  );

  it('stop a plan in which two steps have one key', () => {
    expect(brokenTripwires(plan([step(), step()])).join()).toContain('share the key s1');
  });
});

import type { PackageDriver } from '@holdfast/contracts';
import { createFakeDriver, createFakeWorld, type FakeKnobs } from '@holdfast/drivers';
import { expect, test } from 'vitest';
import { carryOutRead } from './read-tasks.ts';

const fake = (knobs: FakeKnobs = {}, id: 'pip' | 'npm' = 'pip') =>
  createFakeDriver({
    id,
    world: createFakeWorld({
      environments: { system: { base: '1' }, '/srv/venv': { six: '1.15.0' } },
      catalogue: { six: ['1.15.0', '1.16.0'] },
      knobs,
    }),
  });
const venv = { path: '/srv/venv', managers: ['pip' as const] };

test('a probe names every manager that is at home in a place', async () => {
  const drivers = [fake(), fake({}, 'npm')];
  const known = await carryOutRead(drivers, 't', { type: 'probe_environment', path: '/srv/venv/' });
  expect(known.probe).toMatchObject({
    path: '/srv/venv',
    isolated: true,
    managers: ['pip', 'npm'],
  });
  const strange = await carryOutRead(drivers, 't', { type: 'probe_environment', path: '/usr' });
  expect(strange.probe).toMatchObject({ isolated: false, managers: [] });
});

test('a scan answers one inventory for each manager and place that was asked for', async () => {
  const result = await carryOutRead([fake()], 't', {
    type: 'scan',
    environments: [venv],
    managers: ['pip', 'apt'],
  });
  expect(
    result.inventories?.map((one) => [one.manager, one.environment, one.coverage.status]),
  ).toEqual([
    ['pip', 'system', 'complete'],
    ['apt', 'system', 'absent'],
    ['pip', '/srv/venv', 'complete'],
  ]);
});

test('a driver that breaks makes a failed coverage with its words, not a failed scan', async () => {
  const result = await carryOutRead([fake({ inventory: 'throws' })], 't', {
    type: 'scan',
    environments: [venv],
    managers: [],
  });
  expect(result).toMatchObject({
    ok: true,
    inventories: [{ coverage: { status: 'failed', reason: 'the fake driver broke' } }],
  });
});

test('an inventory that the protocol cannot carry makes a failed coverage', async () => {
  const odd: PackageDriver = {
    ...fake(),
    inventory: async () => ({
      manager: 'pip',
      environment: '/srv/venv',
      packages: { ['x'.repeat(301)]: '1' },
      coverage: { status: 'complete', scanned: [] },
      scanned_at: '2026-01-01T00:00:00Z',
    }),
  };
  const result = await carryOutRead([odd], 't', {
    type: 'scan',
    environments: [venv],
    managers: [],
  });
  expect(result.inventories?.[0]?.coverage.status).toBe('failed');
});

test('a resolver that finds nothing answers its code and its words', async () => {
  const result = await carryOutRead([fake({ resolve: 'fails' })], 't', {
    type: 'resolve',
    manager: 'pip',
    environment: '/srv/venv',
    requirements: ['six==1.16.0'],
    options: [],
  });
  expect(result).toMatchObject({ ok: false, error: { code: 'plan_failed' } });
});

test('a dry run that refuses is a failed step with the reason', async () => {
  const action = {
    driver: 'pip',
    action: 'packages.apply',
    params: {
      environment: '/srv/venv',
      operations: [{ package: 'six', from: '1.15.0', to: '9' }],
    },
  };
  const task = { type: 'verify_step', step_key: 'a', action } as const;
  expect(await carryOutRead([fake()], 't', task)).toMatchObject({
    ok: true,
    step: { status: 'failed', detail: 'there is no six 9' },
  });
});

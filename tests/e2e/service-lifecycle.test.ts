import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { awaitAnswer } from '../../apps/cli/src/service/await-answer.ts';
import { renderUnit } from '../../apps/cli/src/service/systemd/render-unit.ts';
import {
  readCommand,
  readEnvironment,
  readUnit,
} from '../../apps/cli/src/service/test-support/read-unit.ts';
import { runningProcesses } from '../harness/running-processes.ts';
import { ROOT, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
beforeEach(async () => {
  stack = await createStack();
});
afterEach(() => stack.destroy());

/** Starts what the unit says as systemd would: its environment alone, no terminal, a session of its own. */
const startUnit = async () => {
  const template = readFileSync(join(ROOT, 'deploy', 'systemd', 'system.service'), 'utf8');
  const unit = readUnit(
    renderUnit(template, {
      scope: 'system',
      profile: 'user',
      home: stack.home,
      node: process.execPath,
      program: join(ROOT, 'bin', 'holdfast'),
      environment: {
        HOLDFAST_HOME: stack.home,
        HOLDFAST_FIRST_PROFILE: 'user',
        HOLDFAST_PORT_OFFSET: String(stack.offset),
        PATH: process.env['PATH']!,
      },
    }),
  );
  const [program, ...args] = readCommand(unit.get('Service.ExecStart')![0]!);
  const main = spawn(program!, args, {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    env: readEnvironment(unit.get('Service.Environment')!),
  });
  const ended = once(main, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  expect(await awaitAnswer(stack.home, 60_000)).toBe(true);
  return { main, ended };
};

test('a stop of the service ends everything in order, with 0', async () => {
  const { main, ended } = await startUnit();
  expect((await runningProcesses(stack.home)).length).toBeGreaterThan(3);
  main.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await runningProcesses(stack.home)).toEqual([]);
});

test('after `holdfast down` the service has ended well, so that it is not started again', async () => {
  const { ended } = await startUnit();
  expect((await stack.down()).code).toBe(0);
  expect(await ended).toEqual([0, null]);
});

/** The gateway answers before governance does. */
const profileShown = (): Promise<string> =>
  until('the profile in force', async () => {
    const shown = await stack.cli('profile', 'show', '--json');
    return shown.code === 0 && shown.json<{ profile: string }>().profile;
  });

test('a service keeps the profile that its home was switched to', async () => {
  const first = await startUnit();
  expect(await profileShown()).toBe('user');
  expect((await stack.down()).code).toBe(0);
  await first.ended;
  expect((await stack.cli('profile', 'use', 'pro')).code).toBe(0);
  const second = await startUnit();
  expect(await profileShown()).toBe('pro');
  second.main.kill('SIGTERM');
  expect(await second.ended).toEqual([0, null]);
});

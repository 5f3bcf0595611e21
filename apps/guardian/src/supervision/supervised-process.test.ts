import { expect, it } from 'vitest';
import { createSupervisor } from './supervisor.ts';

const silent = { info() {}, warn() {}, error() {} };
const timings = {
  check_interval_s: 60,
  liveness_interval_ms: 1_000,
  failure_threshold: 3,
  start_timeout_ms: 1_000,
  stop_timeout_ms: 1_000,
  restart_attempts: 3,
  restart_cooldown_s: 30,
  mttr_target_s: 120,
  warm_spare: false,
};

it('survives that a process cannot even be forked, and that its record cannot be written', async () => {
  const told: string[] = [];
  const supervisor = createSupervisor({
    log: silent,
    restarts: {
      down: (name, { mode }) => void told.push(`${name} ${mode}`),
      attempt: (_, attempt) => void told.push(`attempt ${attempt}`),
      recovered: () => void told.push('recovered'),
      limitReached: (_, why) => void told.push(`limit: ${why}`),
    },
    record: () => Promise.reject(new Error('ENOSPC')),
    portsMessage: () => ({ type: 'ports', ports: {} }),
  });
  supervisor.add({
    name: 'message_bus',
    timings,
    start: () => {
      throw new Error('EMFILE');
    },
    init: () => Promise.reject(new Error('never asked')),
    overlaps: false,
    port: () => undefined,
  });
  supervisor.start('message_bus');
  await supervisor.whenSettled();
  expect(supervisor.stateOf('message_bus')).toMatchObject({ status: 'failed', failures: 3 });
  expect(supervisor.stateOf('message_bus')?.reason).toContain('could not be started: EMFILE');
  expect([...supervisor.down()]).toEqual(['message_bus']);
  expect(told).toEqual([
    'message_bus process_crashed',
    'attempt 1',
    'message_bus process_crashed',
    'attempt 2',
    'message_bus process_crashed',
    'limit: could not be started: EMFILE',
  ]);
  await supervisor.stop('message_bus');
  expect(supervisor.stateOf('message_bus')?.status).toBe('stopped');
});

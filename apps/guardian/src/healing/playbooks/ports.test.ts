import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identifyProcess, isSameProcess, terminate } from '@holdfast/sdk/process';
import { afterEach, expect, test } from 'vitest';
import { isPortOpen } from '../../test-support/claim-offset.ts';
import { probeHealth } from '../../supervision/health-probe.ts';
import { createFakeComponents } from '../test-support/fake-components.ts';
import { clearPort } from './clear-port.ts';
import { diagnoseNetwork } from './diagnose-network.ts';

const PROGRAM = `require('http').createServer((_, answer) => answer.end('{}'))
  .listen(Number(process.argv[1]), '127.0.0.1', function () { console.log(this.address().port) })`;

const running: ChildProcess[] = [];
afterEach(() => running.splice(0).forEach((one) => one.kill('SIGKILL')));

/** A real process that really listens. */
const squat = async () => {
  const child = spawn(process.execPath, ['-e', PROGRAM, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const identity = await identifyProcess(child.pid!);
  return { port: Number(String(line)), identity: identity! };
};

const withOwner = async (startedHere: boolean) => {
  const { port, identity } = await squat();
  const components = createFakeComponents({
    kernels: ['librarian_kernel'],
    ports: { librarian_kernel: port },
    onEnd: async (one) => void (await terminate(one, { graceMs: 2_000 })),
    canTake: async (one) => !(await isPortOpen(one)),
  });
  const owner = startedHere ? { ...identity, name: 'librarian_kernel' } : undefined;
  components.loseSocket('librarian_kernel', owner);
  return { port, identity, components, context: { components, home: '.', portOffset: 0 } };
};

const linuxOnly = (skip: (note: string) => void): void => {
  if (process.platform !== 'linux') skip('SKIPPED: only Linux tells who has a port');
};

test('ends a stray process of this home that sits on the port, and heals the kernel', async ({
  skip,
}) => {
  linuxOnly(skip);
  const { identity, components, context, port } = await withOwner(true);
  const result = await clearPort.run(context, 'librarian_kernel', 'port_conflict');
  expect(result).toMatchObject({
    success: true,
    action_taken: 'port_cleared',
    details: {
      port_free: true,
      processes_killed: [{ pid: identity.pid, name: 'librarian_kernel' }],
    },
  });
  expect(await isSameProcess(identity)).toBe(false);
  expect(await isPortOpen(port)).toBe(false);
  expect(components.calls).toEqual([
    `end ${identity.pid}`,
    'take librarian_kernel',
    'restart librarian_kernel',
  ]);
});

test('names a foreign owner of the port and leaves it alone', async ({ skip }) => {
  linuxOnly(skip);
  const { identity, components, context, port } = await withOwner(false);
  const result = await clearPort.run(context, 'librarian_kernel', 'port_conflict');
  expect(result).toMatchObject({
    success: false,
    error: `port ${port} is held by node (pid ${identity.pid}), which was not started here: left alone`,
    details: { port_free: false, processes_killed: [], owner: { pid: identity.pid } },
  });
  expect(await isSameProcess(identity)).toBe(true);
  expect(components.calls).toEqual([]);
});

test('takes a port that nobody holds and restarts the kernel on it', async () => {
  const { identity, context } = await withOwner(false);
  await terminate(identity, { graceMs: 0 });
  const result = await clearPort.run(context, 'librarian_kernel', 'connection_refused');
  expect(result).toMatchObject({
    success: true,
    details: { port_free: true, processes_killed: [] },
  });
  expect(result.steps[0]).toContain('nothing listens on port');
});

test('names a foreign owner as a conflict and does not take it for the kernel', async ({
  skip,
}) => {
  linuxOnly(skip);
  const { identity, context, port, components } = await withOwner(false);
  components.set('librarian_kernel', { status: 'healthy' });
  const { details } = await diagnoseNetwork.run(context, 'librarian_kernel', 'port_conflict');
  expect(details.diagnostics).toMatchObject({
    port_listening: {
      listening: false,
      status: 'held_by_other',
      pid: identity.pid,
      process: 'node',
    },
    port_conflicts: [{ component: 'librarian_kernel', port, pid: identity.pid, process: 'node' }],
  });
  expect(details.recommendations).toEqual(
    expect.arrayContaining([expect.stringContaining('heal with rebind_port')]),
  );
  expect(components.calls).toEqual([]);
});

test('what it says of the machine was looked up', async () => {
  const server = createServer((_, answer) => answer.end('{"kernel":"librarian"}'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const fake = createFakeComponents({ ports: { librarian_kernel: port } });
  const probe = () => probeHealth({ host: '127.0.0.1', port, kernel: 'librarian' });
  const context = { components: { ...fake, probe }, home: '.', portOffset: 0 };
  const look = () => diagnoseNetwork.run(context, 'librarian_kernel', 'network_unreachable');
  const { details, success } = await look();
  expect(success).toBe(true);
  const share = expect.toSatisfy((value: unknown) => Number(value) >= 0 && Number(value) <= 100);
  expect(details.diagnostics).toMatchObject({
    port_listening: { listening: true, status: 'answering' },
    localhost_reachable: true,
    network_interfaces: expect.arrayContaining([expect.objectContaining({ address: '127.0.0.1' })]),
    firewall_reason: expect.stringMatching(/./),
    port_conflicts: [],
    resources: { memory_percent: share, disk_percent: share },
  });
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  const after = await look();
  expect(after.details.diagnostics).toMatchObject({
    port_listening: { listening: false, status: 'not_answering', detail: 'ECONNREFUSED' },
  });
});

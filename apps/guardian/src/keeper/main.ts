import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onDisconnect } from '@holdfast/sdk/process';
import { KEEPER_OF_GUARDIAN, UNDER_KEEPER } from './environment.ts';
import { createKeeper } from './keeper.ts';
import type { ToKeeper } from './protocol.ts';

process.umask(0o077);
const entry = fileURLToPath(new URL('./guardian.js', import.meta.url));
/** A guardian whose keeper was killed started this one: the channel leads to it, and not to a terminal's program. */
const ofGuardian = process.env[KEEPER_OF_GUARDIAN] === '1';

const env: NodeJS.ProcessEnv = { ...process.env, [UNDER_KEEPER]: '1' };
delete env[KEEPER_OF_GUARDIAN];

const keeper = createKeeper({
  fork: () =>
    fork(entry, [], { env, execArgv: [], stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }),
  tell: (news) => {
    if (!ofGuardian && process.connected) process.send?.(news, undefined, undefined, () => {});
  },
  exit: (code) => process.exit(code),
});

for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// A terminal tells the whole group, the guardian too: it stops the stack, and this process leaves after it.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => keeper.stop(name, true));
process.on('SIGTERM', () => keeper.stop('SIGTERM', false));

if (ofGuardian) {
  process.on('message', (message: ToKeeper, handle: unknown) => keeper.receive(message, handle));
  const guardian = process.ppid;
  keeper.serve({
    send: (message, handle) => {
      if (process.connected) process.send?.(message, handle as never, undefined, () => {});
    },
    // As long as it is the parent of this process nobody else can have its pid.
    kill: () => void (process.ppid === guardian && process.kill(guardian, 'SIGKILL')),
  });
  onDisconnect(() => keeper.lost());
} else {
  // In front of a terminal the stack ends with the program that shows it.
  if (env['HOLDFAST_FOREGROUND'] === '1') {
    onDisconnect(() => keeper.stop('the parent went away', true));
  }
  keeper.begin();
}

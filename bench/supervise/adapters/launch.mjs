import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program, from PATH or where Debian puts it; undefined when there is none. */
export const findProgram = (name) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/** Starts a program in an instance's folder, with its output in a file there and nothing of this environment but PATH. */
export const launch = (folder, command, args, env = {}) => {
  const log = openSync(join(folder, 'output.log'), 'a');
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  return { child, ended };
};

/** The shape of most instances: one process that stays, and a signal that asks it to stop everything. */
export const oneProcess = (folder, command, args, stopSignal, env) => {
  let running;
  return {
    start: () => void (running = launch(folder, command, args, env)),
    started: async () => {},
    roots: () => (running?.child.pid === undefined ? [] : [running.child.pid]),
    stop: async () => void running?.child.kill(stopSignal),
  };
};

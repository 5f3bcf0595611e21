import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, oneProcess } from './launch.mjs';

const config = (folder, services) =>
  [
    '[supervisord]',
    'nodaemon=true',
    `logfile=${folder}/supervisord.log`,
    `pidfile=${folder}/supervisord.pid`,
    `childlogdir=${folder}`,
    ...services.flatMap(({ name, port, program }) => [
      `[program:${name}]`,
      `command=${process.execPath} ${program} ${name} ${port}`,
      `stdout_logfile=${folder}/${name}.log`,
      'redirect_stderr=true',
    ]),
    '',
  ].join('\n');

export const supervisord = {
  name: 'supervisord',
  hint: 'Debian: apt-get install supervisor',
  kills: 20,
  find: async () => {
    const program = findProgram('supervisord');
    return program && { version: execFileSync(program, ['--version']).toString().trim() };
  },
  prepare({ folder, services }) {
    const file = join(folder, 'supervisord.conf');
    writeFileSync(file, config(folder, services));
    return oneProcess(folder, findProgram('supervisord'), ['-c', file], 'SIGTERM');
  },
};

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, oneProcess } from './launch.mjs';

const version = () => {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'runit'], {
      stdio: 'pipe',
    }).toString();
  } catch {
    return 'of unknown version';
  }
};

/** One folder for each service, each with a `run` that becomes the service: runit and s6 take the same. */
export const writeServiceFolders = (folder, services) => {
  for (const { name, port, program } of services) {
    mkdirSync(join(folder, name), { recursive: true });
    const run = `#!/bin/sh\nexec '${process.execPath}' '${program}' ${name} ${port}\n`;
    writeFileSync(join(folder, name, 'run'), run, { mode: 0o755 });
  }
};

export const runit = {
  name: 'runit',
  hint: 'Debian: apt-get install runit',
  kills: 40,
  find: async () => findProgram('runsvdir') && { version: version() },
  prepare({ folder, services }) {
    writeServiceFolders(join(folder, 'services'), services);
    return oneProcess(folder, findProgram('runsvdir'), [join(folder, 'services')], 'SIGHUP');
  },
};

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findProgram, oneProcess } from './launch.mjs';
import { writeServiceFolders } from './runit.mjs';

const version = () => {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Version}', 's6'], {
      stdio: 'pipe',
    }).toString();
  } catch {
    return 'of unknown version';
  }
};

export const s6 = {
  name: 's6',
  hint: 'Debian: apt-get install s6',
  kills: 20,
  find: async () => findProgram('s6-svscan') && { version: version() },
  prepare({ folder, services }) {
    writeServiceFolders(join(folder, 'services'), services);
    return oneProcess(folder, findProgram('s6-svscan'), [join(folder, 'services')], 'SIGTERM');
  },
};

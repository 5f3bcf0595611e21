import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './launch.mjs';

const INSTALL_MS = 180_000;

/** Installs PM2 into the run's own folder: it is never a dependency of the product. */
const install = (scratch) => {
  const folder = join(scratch, 'pm2');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', 'pm2@7'], {
    cwd: folder,
    stdio: 'pipe',
    timeout: INSTALL_MS,
  });
  return join(folder, 'node_modules', 'pm2');
};

const ecosystem = (folder, services) => ({
  apps: services.map(({ name, port, program }) => ({
    name,
    script: program,
    args: [name, String(port)],
    cwd: folder,
    exec_mode: 'fork',
  })),
});

export const pm2 = {
  name: 'PM2',
  hint: 'it could not be installed from the package registry',
  kills: 60,
  find: async ({ scratch }) => {
    try {
      const folder = install(scratch);
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { version, program: join(folder, 'bin', 'pm2') };
    } catch {
      return undefined;
    }
  },
  prepare({ folder, services, found }) {
    const home = join(folder, 'pm2');
    const file = join(folder, 'ecosystem.json');
    const env = { PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
    const run = (...args) => launch(folder, process.execPath, [found.program, ...args], env);
    let starting;
    mkdirSync(home);
    writeFileSync(file, JSON.stringify(ecosystem(folder, services)));
    return {
      start: () => void (starting = run('start', file)),
      started: () => starting.ended,
      roots() {
        const record = join(home, 'pm2.pid');
        return existsSync(record) ? [Number(readFileSync(record, 'utf8'))] : [];
      },
      stop: () => run('kill').ended,
    };
  },
};

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALL_MS = 180_000;

export interface Peer {
  readonly version: string;
  /** The package.json beside its node_modules: what `createRequire` takes. */
  readonly manifest: string;
}

/**
 * Installs a package into a folder of this run: a peer is never a dependency of the product. Undefined where the package
 * registry does not give it.
 */
export const installPeer = (folder: string, name: string, range: string): Peer | undefined => {
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  writeFileSync(manifest, '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0'];
  const args = ['install', ...quiet, `${name}@${range}`];
  try {
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe', timeout: INSTALL_MS });
    const installed = join(folder, 'node_modules', name, 'package.json');
    const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string };
    return { version, manifest };
  } catch {
    return undefined;
  }
};

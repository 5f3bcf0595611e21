import { HoldfastError } from '@holdfast/contracts';
import type { Coverage, Inventory, PackageDriver, ReadContext } from '@holdfast/contracts';
import { lastLines } from '../../process/last-lines.ts';
import { runTool } from '../../process/run-tool.ts';
import { toolEnvironment } from '../../process/tool-environment.ts';
import { readDpkgTable } from './dpkg-table.ts';

const FORMAT = '${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Abbrev}\\n';
const TIMEOUT_MS = 60_000;
const MAX_REASON = 2000;

const record = (coverage: Coverage, packages: Record<string, string> = {}): Inventory => ({
  manager: 'apt',
  environment: 'system',
  packages,
  coverage,
  scanned_at: new Date().toISOString(),
});

const dpkg = (command: string, args: string[], context: ReadContext): ReturnType<typeof runTool> =>
  runTool({
    command,
    args,
    cwd: '/',
    env: toolEnvironment(/^$/),
    timeoutMs: TIMEOUT_MS,
    ...context,
  });

const readPackages = async (context: ReadContext): Promise<Inventory> => {
  const scanned = ['/var/lib/dpkg'];
  const [list, arch] = await Promise.all([
    dpkg('dpkg-query', ['-W', '-f', FORMAT], context),
    dpkg('dpkg', ['--print-architecture'], context),
  ]);
  if (list.outcome === 'missing') {
    return record({ status: 'absent', reason: 'dpkg is not on this machine', scanned: [] });
  }
  if (list.outcome !== 'exited' || list.code !== 0 || list.truncated) {
    const said = lastLines(list.stderr) || `ended with ${list.code ?? list.outcome}`;
    return record({ status: 'failed', reason: `dpkg-query: ${said}`, scanned });
  }
  const { packages, unfinished } = readDpkgTable(list.stdout, arch.stdout.trim());
  if (unfinished.length === 0) return record({ status: 'complete', scanned }, packages);
  const reason = `not fully installed: ${unfinished.join(', ')}`.slice(0, MAX_REASON);
  return record({ status: 'partial', reason, scanned }, packages);
};

const unavailable = (): Promise<never> => {
  const detail = 'packages of the operating system are read, never changed';
  return Promise.reject(new HoldfastError('driver_unavailable', { driver: 'apt', detail }));
};

/** Packages of Debian and its relatives: one machine-wide inventory. */
export const createAptDriver = (): PackageDriver => ({
  id: 'apt',
  capabilities: { inventory: true, apply: false, system: true },
  probe: () => Promise.resolve(undefined),
  async inventory(environment, context = {}) {
    if (environment === 'system') return readPackages(context);
    const coverage: Coverage = { status: 'absent', reason: 'apt has no environments', scanned: [] };
    return { ...record(coverage), environment: environment.path };
  },
  resolve: unavailable,
  verify: unavailable,
  apply: unavailable,
});

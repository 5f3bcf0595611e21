import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface LockEntry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** npm's reading of `os`, `cpu` and `libc`: `!x` forbids, any other entry is one of those allowed. */
const allows = (rules: readonly string[] | undefined, value: string): boolean => {
  if (!rules || rules.length === 0) return true;
  if (rules.includes(`!${value}`)) return false;
  const allowed = rules.filter((rule) => !rule.startsWith('!'));
  return allowed.length === 0 || allowed.includes(value);
};

const libc = (): string => {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
};

/** A lock file lists optional packages for every platform; npm installs those for this one. */
const isForThisMachine = (entry: LockEntry): boolean =>
  !entry.optional ||
  (allows(entry.os, process.platform) &&
    allows(entry.cpu, process.arch) &&
    (entry.libc === undefined || process.platform !== 'linux' || allows(entry.libc, libc())));

const TOP = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/;

/** The packages that a lock file (version 2 or 3) puts at the top of node_modules, by name. */
export const readPlannedTree = async (folder: string): Promise<Record<string, string>> => {
  const text = await readFile(join(folder, 'package-lock.json'), 'utf8');
  const lock = JSON.parse(text) as { packages?: Record<string, LockEntry> };
  const planned: Record<string, string> = {};
  for (const [path, entry] of Object.entries(lock.packages ?? {})) {
    const name = TOP.exec(path)?.[1];
    if (name && entry.version && !entry.link && isForThisMachine(entry))
      planned[name] = entry.version;
  }
  return planned;
};

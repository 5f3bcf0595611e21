import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Metadata that an interrupted pip left behind. `version` is what it says it would be. */
export interface BrokenDistribution {
  readonly path: string;
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version?: string;
  /** Put aside by pip before a replacement; pip itself passes over it. */
  readonly setAside: boolean;
  readonly reason: string;
}

const METADATA_FOLDER = /^(.+?)(?:-([^-]+)(?:-py[\d.]+)?)?\.(dist-info|egg-info)$/;

export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const nameInMetadata = async (path: string): Promise<string | undefined> => {
  const text = await readFile(join(path, 'METADATA'), 'utf8').catch(() => '');
  return /^Name: *(\S+)/m.exec(text)?.[1];
};

const inspect = async (
  site: string,
  folder: string,
  requireRecord: boolean,
): Promise<BrokenDistribution | undefined> => {
  const match = METADATA_FOLDER.exec(folder);
  if (!match) return undefined;
  const [, written = '', version, kind] = match;
  const path = join(site, folder);
  const named = await nameInMetadata(path);
  const base = { path, name: normalName(named ?? written), version };
  if (folder.startsWith('~')) {
    return { ...base, setAside: true, reason: `${folder} is left over from an interrupted pip` };
  }
  if (kind === 'egg-info') return undefined;
  if (named === undefined) {
    return { ...base, setAside: false, reason: `${folder} has no readable METADATA` };
  }
  if (requireRecord && !(await exists(join(path, 'RECORD')))) {
    return { ...base, setAside: false, reason: `${folder} has no RECORD: half installed` };
  }
  return undefined;
};

/**
 * Finds what an interrupted pip left in site-packages. pip writes RECORD last, so a distribution without one may lack
 * files; distributions of an operating system come without it, so only `requireRecord` asks for it.
 */
export const findBroken = async (
  sites: readonly string[],
  requireRecord: boolean,
): Promise<BrokenDistribution[]> => {
  const broken: BrokenDistribution[] = [];
  for (const site of sites) {
    const folders = await readdir(site).catch(() => []);
    const found = await Promise.all(folders.map((name) => inspect(site, name, requireRecord)));
    broken.push(...found.filter((item) => item !== undefined));
  }
  return broken;
};

/** What a listing of dpkg says. `unfinished`: packages that are there, but not in a state to be relied on. */
export interface DpkgTable {
  readonly packages: Record<string, string>;
  readonly unfinished: readonly string[];
}

/** Second letter of db:Status-Abbrev (dpkg-query(1)): installed, awaiting or pending triggers. */
const IN_PLACE = 'iWt';
const NOT_THERE = 'nc';

/**
 * Reads lines of `package TAB version TAB architecture TAB status`. A package of another architecture than the native
 * one is filed as `package:architecture`, as apt names it.
 */
export const readDpkgTable = (text: string, native: string): DpkgTable => {
  const packages: Record<string, string> = {};
  const unfinished: string[] = [];
  for (const line of text.split('\n')) {
    const [name = '', version = '', architecture = '', status = ''] = line.split('\t');
    const state = status[1] ?? 'n';
    if (name === '' || NOT_THERE.includes(state)) continue;
    const isForeign = native !== '' && architecture !== native && architecture !== 'all';
    const key = isForeign ? `${name}:${architecture}` : name;
    if (IN_PLACE.includes(state) && status[2] !== 'R') packages[key] = version;
    else unfinished.push(key);
  }
  return { packages, unfinished };
};

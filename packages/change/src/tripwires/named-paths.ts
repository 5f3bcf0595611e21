import type { Look, Text } from './look-through.ts';
import { unescapeText } from './plain-text.ts';
import type { TripwireFacts } from './tripwire-facts.ts';

/** Members whose texts are places in a file system that a step works on. */
const PATH_KEYS = new Set([
  ...['environment', 'path', 'paths', 'file', 'files', 'folder', 'folders', 'dir', 'directory'],
  ...['destination', 'dest', 'cwd', 'workdir', 'mount', 'mounts', 'volume', 'volumes', 'writes'],
  ...['root', 'socket', 'output', 'target', 'source', 'src', 'link', 'symlink', 'prefix'],
]);

export const pathTexts = (look: Look): Text[] => look.texts.filter(({ key }) => PATH_KEYS.has(key));

/** A path as it is compared: one separator, no `.`, `..` resolved, no case, no trailing dots or spaces. */
export const plainPath = (path: string): string => {
  const parts: string[] = [];
  const folded = unescapeText(path).normalize('NFKC').toLowerCase();
  for (const part of folded.replaceAll('\\', '/').split('/')) {
    const name = part.replace(/[\p{Cf}\0]/gu, '').replace(/(?<=[^.\s])[.\s]+$/, '');
    if (name === '' || name === '.') continue;
    if (name === '..') parts.pop();
    else parts.push(name);
  }
  return `/${parts.join('/')}`;
};

const isWithin = (path: string, folder: string): boolean =>
  folder !== '/' && (path === folder || path.startsWith(`${folder}/`));

const HOME_NAMES = /\$\{?holdfast_home\}?|%holdfast_home%|\$env:holdfast_home|\/\.holdfast(?=\/|$)/;
const HOME = '\n';

/** The path of something below HOLDFAST_HOME, from there: `/ledger/verifier.key`; undefined for any other path. */
const insideHome = (text: string, own: TripwireFacts['own']): string | undefined => {
  const path = plainPath(text);
  const home = own?.home === undefined ? undefined : plainPath(own.home);
  if (home !== undefined && isWithin(path, home)) return path.slice(home.length);
  const named = path.replace(HOME_NAMES, HOME);
  const at = named.indexOf(HOME);
  return at < 0 ? undefined : named.slice(at + 1);
};

/** Below HOLDFAST_HOME: what says who is who. */
const IDENTITY = ['/agent', '/auth.json', '/credentials.json', '/keys', '/ledger', '/witness'];
/** Below HOLDFAST_HOME: what else the product itself needs. */
const STATE = ['/data', '/guardian', '/run', '/logs', '/cache', '/configs', '/policies'];

export type OwnPlace = 'identity' | 'state';

/** What of the product's own a path is, if it is that. HOLDFAST_HOME itself is state. */
export const ownPlace = (text: string, own: TripwireFacts['own']): OwnPlace | undefined => {
  const rest = insideHome(text, own);
  if (rest === undefined) return undefined;
  if (IDENTITY.some((folder) => isWithin(rest, folder))) return 'identity';
  return rest === '' || STATE.some((folder) => isWithin(rest, folder)) ? 'state' : undefined;
};

/** Whether a path is in the program that is running. */
export const isOwnProgram = (text: string, own: TripwireFacts['own']): boolean => {
  const path = plainPath(text);
  if (path.includes('/node_modules/@holdfast/')) return true;
  return own?.program !== undefined && isWithin(path, plainPath(own.program));
};

const SHARED_EXACTLY = ['/', '/usr', '/usr/local', '/opt', '/home', '/root', '/var', '/library'];
const SHARED_BELOW = [
  ...['/bin', '/sbin', '/lib', '/lib64', '/etc', '/boot', '/dev', '/proc', '/sys'],
  ...['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib64', '/usr/local/bin', '/usr/local/lib'],
  ...['/system', '/windows', '/program files', '/program files (x86)'],
];

/** Whether a path names a place of its own, absolute and not one that the whole machine lives from. */
export const isIsolated = (path: unknown): boolean => {
  if (typeof path !== 'string' || !/^(\/|[A-Za-z]:[\\/])/.test(path)) return false;
  const place = plainPath(path.replace(/^[A-Za-z]:/, ''));
  return !SHARED_EXACTLY.includes(place) && !SHARED_BELOW.some((folder) => isWithin(place, folder));
};

import { normalizeName } from './manager.ts';

/** Why a requirement is no matter of versions. */
export type UnmanagedReason = 'editable' | 'vcs' | 'url' | 'local_path';

const VCS = /^(?:git|hg|svn|bzr)\+/i;
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DRIVE = /^[a-z]:[\\/]/i;
const ARCHIVE = /\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lzma?|Z))(?:\[[^\]]*\])?$/i;
const NAMED = /^[a-z0-9][a-z0-9._-]*\s*(?:\[[^\]]*\])?\s*@/i;
const EGG = /[#&]egg=([^&\s[]+)/i;

/** What kind of place a location names; `undefined` for a requirement that starts with its name. */
export function locationReason(text: string): UnmanagedReason | undefined {
  if (NAMED.test(text)) return undefined;
  if (VCS.test(text)) return 'vcs';
  if (/^file:/i.test(text)) return 'local_path';
  if (URL_SCHEME.test(text)) return 'url';
  const path = (text.split(';')[0] as string).trim();
  const local = /^[./~\\]/.test(path) || DRIVE.test(path) || ARCHIVE.test(path);
  return local || /^[^@\s[=<>!~]*[\\/]/.test(path) ? 'local_path' : undefined;
}

/** The normalised name in a `#egg=` fragment, when there is a legal one. */
export function eggName(text: string): string | undefined {
  const egg = EGG.exec(text)?.[1];
  if (egg === undefined) return undefined;
  try {
    return normalizeName('pip', egg);
  } catch {
    return undefined;
  }
}

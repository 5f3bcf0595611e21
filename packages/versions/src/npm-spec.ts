/** What an npm dependency spec points at. */
export type NpmSpecKind = 'any' | 'semver' | 'alias' | 'file' | 'git' | 'url' | 'workspace' | 'tag';

const HOSTED_GIT = /^(?:git\+|git:|git@|ssh:|(?:github|gitlab|bitbucket|gist):)/i;
const SHORTHAND_GIT = /^[^@\s/.~-][^@\s/]*\/[^\s/#]+(?:#.*)?$/;
const WORKSPACE = /^(?:workspace|link|portal|patch|catalog):/i;
const LOCAL_PATH = /^(?:file:|\.{1,2}(?:[\\/]|$)|~[\\/]|\/|[a-z]:[\\/])|\.(?:tgz|tar\.gz|tar)$/i;
const TAG = /^[a-z0-9][a-z0-9._-]*$/i;

/**
 * Sorts a spec as written in package.json, in the order npm itself tries them. `isRange` decides
 * what is a semver range; a lone word that is none is a dist-tag such as `latest`, whose version
 * only a registry knows. `undefined` when it is nothing npm could install.
 */
export function classifyNpmSpec(
  spec: string,
  isRange: (text: string) => boolean,
): NpmSpecKind | undefined {
  const text = spec.trim();
  if (text === '' || text === '*' || text === 'x' || text === 'X') return 'any';
  if (/^npm:/i.test(text)) return 'alias';
  if (WORKSPACE.test(text)) return 'workspace';
  if (/^https?:/i.test(text)) return /\.git(?:#.*)?$/i.test(text) ? 'git' : 'url';
  if (HOSTED_GIT.test(text)) return 'git';
  if (LOCAL_PATH.test(text)) return 'file';
  if (isRange(text)) return 'semver';
  if (SHORTHAND_GIT.test(text)) return 'git';
  return TAG.test(text) ? 'tag' : undefined;
}

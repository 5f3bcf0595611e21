import { PackageInputError, quoted } from './errors.ts';
import { normalizeName } from './manager.ts';
import { parseMarker } from './marker-parser.ts';
import { parsePep440Specifier } from './pep440-specifier.ts';

/** One dependency specifier (PEP 508), e.g. `uvicorn[standard]>=0.20; python_version > "3.8"`. */
export interface Requirement {
  /** Normalised by PEP 503. */
  name: string;
  rawName: string;
  /** Normalised, in the order written, without repeats. */
  extras: string[];
  /** As written, runs of blanks made one, without old-style parentheses; empty for any version. */
  specifier: string;
  /** Set for `name @ url`; may hold credentials, so redact it before showing it. */
  url?: string;
  marker?: string;
}

const HEAD = /^\s*([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\s*(?:\[([^\]]*)\])?\s*/i;
const URL_PART = /^@\s*(\S+)(?:\s+(.*))?$/s;
const PARENTHESES = /^\(([^()]*)\)$/;

/**
 * Reads one dependency specifier and checks every part of it.
 *
 * @throws PackageInputError `invalid_requirement`, or what its name, specifier or marker throws
 */
export function parseRequirement(text: string): Requirement {
  const head = HEAD.exec(text);
  if (!head) throw refuse(text, 'it does not start with a package name');
  const rawName = head[1] as string;
  const base = {
    name: normalizeName('pip', rawName),
    rawName,
    extras: parseExtras(head[2], text),
  };
  const rest = text.slice(head[0].length).trim();
  const url = URL_PART.exec(rest);
  if (url) {
    const marker = readMarker((url[2] ?? '').trim(), text);
    return { ...base, specifier: '', url: url[1] as string, ...marker };
  }
  const semicolon = rest.indexOf(';');
  const written = (semicolon === -1 ? rest : rest.slice(0, semicolon)).trim();
  const marker = readMarker(semicolon === -1 ? '' : rest.slice(semicolon), text);
  const specifier = (PARENTHESES.exec(written)?.[1] ?? written).trim().replace(/\s+/g, ' ');
  if (!/^[=!~<>]/.test(specifier) && specifier !== '') {
    throw refuse(text, `an operator was expected at ${quoted(specifier)}`);
  }
  parsePep440Specifier(specifier);
  return { ...base, specifier, ...marker };
}

function parseExtras(list: string | undefined, text: string): string[] {
  if (list === undefined || list.trim() === '') return [];
  const extras = list.split(',').map((extra) => {
    if (extra.trim() === '') throw refuse(text, 'an extra is empty');
    return normalizeName('pip', extra);
  });
  return [...new Set(extras)];
}

function readMarker(text: string, requirement: string): { marker?: string } {
  if (text === '') return {};
  if (!text.startsWith(';')) throw refuse(requirement, 'a ";" was expected before the marker');
  const marker = text.slice(1).trim();
  parseMarker(marker);
  return { marker };
}

function refuse(text: string, why: string): PackageInputError {
  return new PackageInputError(
    'invalid_requirement',
    `requirement ${quoted(text.trim())} cannot be read: ${why}`,
  );
}

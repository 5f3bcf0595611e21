import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackedFile } from '../export/packed.ts';
import { prettyJson } from '../artifacts/sorted-json.ts';
import { redactJson, redactText } from './redact.ts';

/** Reports, summaries and logs of mk; recordings, licences, keys and whatever else lies there are none. */
const KNOWN =
  /^([a-z][a-z0-9_]*_latest\.jsonl?|k8s_plan\.json|explain\.jsonl|summary\.md|(watch|roi)_summary\.md)$/;
/** Licences, keys and the like, whoever gave them such a name; what a verification of one said is none. */
const KEPT_BACK = /^(?!license_verify_).*(licen[cs]e|key|secret|token)/i;

/** So much of the end of a log is enough. */
const LOG_LINES = 500;
const LOG = /\.jsonl$/;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const isSupportFile = (path: string): boolean =>
  KNOWN.test(nameOf(path)) && !KEPT_BACK.test(nameOf(path));

const cleanLine = (line: string, known: readonly string[]): string => {
  try {
    return JSON.stringify(redactJson(JSON.parse(line), known));
  } catch {
    return redactText(line, known);
  }
};

const cleanText = (path: string, text: string, known: readonly string[]): string => {
  if (LOG.test(path))
    return text
      .trimEnd()
      .split('\n')
      .slice(-LOG_LINES)
      .map((line) => `${cleanLine(line, known)}\n`)
      .join('');
  if (!path.endsWith('.json')) return redactText(text, known);
  try {
    return prettyJson(redactJson(JSON.parse(text), known));
  } catch {
    return redactText(text, known);
  }
};

/** The files of a folder that help to find a fault, without what is secret in them. `paths` are relative to it. */
export const supportFiles = (
  folder: string,
  paths: readonly string[],
  known: readonly string[],
): PackedFile[] =>
  paths.filter(isSupportFile).map((path) => ({
    path: `artifacts/${redactText(path, known)}`,
    bytes: Buffer.from(cleanText(path, readFileSync(join(folder, path), 'utf8'), known)),
  }));

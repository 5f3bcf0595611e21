import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { LineCounter, parseDocument } from 'yaml';
import { profileProblems } from './profile-problems.ts';

export type Mapping = Readonly<Record<string, unknown>>;

/** One `kernel.<key>.yaml` as it was read, with everything that is wrong with it by itself. */
export interface ProfileFile {
  /** File name without folder: it is what problems name. */
  readonly file: string;
  readonly key: string;
  readonly content: Mapping;
  readonly problems: readonly HoldfastError[];
}

const MAX_BYTES = 64 * 1024;
const FILE_NAME = /^kernel\.([A-Za-z0-9][A-Za-z0-9-]*)\.yaml$/;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (file: string, key: string, detail: string): HoldfastError =>
  new HoldfastError('profile_invalid', { file, key, detail });

/** Text of a YAML problem without the source excerpt that the parser adds. */
const firstLine = (message: string): string =>
  (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '').toLowerCase();

/** YAML 1.2 core schema, unique keys; tags and aliases are refused, so a small file stays a small value. */
const parseMapping = (file: string, text: string): Mapping | HoldfastError[] => {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'core', lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return faults.map((fault) =>
      invalid(file, `line ${lines.linePos(fault.pos[0]).line}`, firstLine(fault.message)),
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    if (isMapping(value)) return value;
    return [invalid(file, 'line 1', 'expected a mapping at the top')];
  } catch {
    return [invalid(file, 'line 1', 'anchors and aliases are not used here')];
  }
};

const readProfileFile = async (
  directory: string,
  file: string,
  key: string,
): Promise<ProfileFile> => {
  const failed = (problems: HoldfastError[]): ProfileFile => ({ file, key, content: {}, problems });
  let bytes: Buffer;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return failed([invalid(file, 'file', `reading it: ${reason}`)]);
  }
  if (bytes.length > MAX_BYTES) return failed([invalid(file, 'file', `over ${MAX_BYTES} bytes`)]);
  const parsed = parseMapping(file, bytes.toString('utf8'));
  if (Array.isArray(parsed)) return failed(parsed as HoldfastError[]);
  const content = parsed as Mapping;
  return { file, key, content, problems: profileProblems(file, content, 'part') };
};

/** Reads every `kernel.<key>.yaml` of a folder, in name order. A folder that cannot be read has none. */
export const readProfileFiles = async (directory: string): Promise<ProfileFile[]> => {
  const names = await readdir(directory).catch(() => []);
  const keyed = names.flatMap((file) => {
    const key = FILE_NAME.exec(file)?.[1];
    return key === undefined ? [] : [{ file, key }];
  });
  keyed.sort((a, b) => (a.file < b.file ? -1 : 1));
  return Promise.all(keyed.map(({ file, key }) => readProfileFile(directory, file, key)));
};

import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

let count = 0;

/** A text, whole or in pieces that are made while they are written. */
export type Text = string | (() => Iterable<string>);

const piecesOf = (text: Text): Iterable<string> => (typeof text === 'string' ? [text] : text());

/** Writes a draft beside `path` and hands it over to `publish`, which takes it away; leaves none behind on failure. */
const withDraft = (
  path: string,
  fill: (draft: string) => void,
  publish: (draft: string) => void,
): void => {
  count += 1;
  // A pid comes back, in a container nearly always, and a killed process leaves its draft behind.
  const mark = Math.random().toString(36).slice(2);
  const draft = join(dirname(path), `.${process.pid}-${count}-${mark}.tmp`);
  try {
    fill(draft);
    publish(draft);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

const writeWhole = (path: string, text: Text, mode = 0o644): void => {
  const file = openSync(path, 'wx', mode);
  try {
    // One write may take less than it is given, as on a disk that is nearly full, and not say so.
    for (const piece of piecesOf(text)) writeFileSync(file, piece);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
};

/** Replaces a file in one step: a reader sees the old content or the new one, never a part. */
export const writeAtomic = (path: string, text: Text, mode?: number): void =>
  withDraft(
    path,
    (draft) => writeWhole(draft, text, mode),
    (draft) => renameSync(draft, path),
  );

/** The same with the content of another file. */
export const copyAtomic = (from: string, path: string): void =>
  withDraft(
    path,
    (draft) => copyFileSync(from, draft, constants.COPYFILE_EXCL),
    (draft) => renameSync(draft, path),
  );

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

/**
 * Writes a file under the first of `names` that is free, whole from the moment it is there, and gives that name. Where the
 * file system has no hard links the file grows under its name. Throws where every name is taken.
 */
export const writeNew = (names: Iterable<string>, text: Text): string => {
  for (const name of names) {
    try {
      withDraft(
        name,
        (draft) => writeWhole(draft, text),
        (draft) => {
          try {
            linkSync(draft, name);
          } catch (error) {
            if (isTaken(error)) throw error;
            writeWhole(name, text);
          }
          unlinkSync(draft);
        },
      );
      return name;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new Error('every name for a report of this second is taken');
};

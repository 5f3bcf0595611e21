import { appendFileSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { LazyList } from './lazy-list.ts';
import { compactJson, prettyJson, prettyPieces } from './sorted-json.ts';
import { fileStamp, microStamp } from './times.ts';
import { copyAtomic, writeAtomic, writeNew, type Text } from './write-atomic.ts';

/** Where a report lies: under its own name for good, and as the latest of its kind. */
export interface WrittenReport {
  readonly path: string;
  readonly latestPath: string;
}

/** The folder of one run's artifacts. Paths are made of the folder's name as it was given. */
export interface OutDir {
  readonly path: string;
  pathOf(name: string): string;
  /**
   * `<prefix>_<UTC time>[_n].json` and a copy, `<prefix>_latest.json` unless `latest` names it otherwise. Never overwrites an
   * earlier report. Fields of it may be lazy lists.
   */
  report(prefix: string, report: object, latest?: string): WrittenReport;
  json(name: string, value: unknown): string;
  text(name: string, text: string): string;
  script(name: string, text: string): string;
  /** One line of explain.jsonl. */
  explain(event: string, payload: object): void;
  /** One line of a JSONL file that grows over the runs into one folder. */
  appendLine(name: string, value: unknown): string;
  /** Deletes the files that were written through this object, and the folder if it made it and nothing else is in it. */
  remove(): void;
}

const textOf = (report: object): Text =>
  Object.values(report).some((field) => field instanceof LazyList)
    ? () => prettyPieces(report)
    : prettyJson(report);

const MOST_IN_A_SECOND = 10_000;

/** `path('')`, `path('_1')`, `path('_2')` ... */
const numbered = function* (path: (suffix: string) => string): Generator<string> {
  for (let n = 0; n < MOST_IN_A_SECOND; n += 1) yield path(n === 0 ? '' : `_${n}`);
};

/** Opens a folder for artifacts, with its parents. `now`: milliseconds since the epoch, fractions allowed. */
export const openOutDir = (path: string, now: () => number): OutDir => {
  const isNew = makeFolder(path);
  const written = new Set<string>();
  const pathOf = (name: string): string => join(path, name);
  const write = (name: string, text: Text, mode?: number): string => {
    writeAtomic(pathOf(name), text, mode);
    written.add(pathOf(name));
    return pathOf(name);
  };
  const appendLine = (name: string, value: unknown): string => {
    appendFileSync(pathOf(name), `${compactJson(value)}\n`);
    written.add(pathOf(name));
    return pathOf(name);
  };
  return {
    path,
    pathOf,
    report(prefix, report, latest = `${prefix}_latest.json`) {
      const text = textOf(report);
      const stamp = fileStamp(now());
      const own = writeNew(
        numbered((suffix) => pathOf(`${prefix}_${stamp}${suffix}.json`)),
        text,
      );
      written.add(own);
      const latestPath = pathOf(latest);
      if (typeof text === 'string') write(latest, text);
      else copyAtomic(own, latestPath);
      written.add(latestPath);
      return { path: own, latestPath };
    },
    json: (name, value) => write(name, prettyJson(value)),
    text: (name, text) => write(name, text),
    script: (name, text) => write(name, text, 0o755),
    explain: (event, payload) =>
      void appendLine('explain.jsonl', { ts: microStamp(now()), event, payload }),
    appendLine,
    remove() {
      for (const file of written) rmSync(file, { force: true });
      if (isNew && readdirSync(path).length === 0) rmdirSync(path);
    },
  };
};

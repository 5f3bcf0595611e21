import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';
import { readManifests } from '../manifest-files.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { baselineWords } from '../words/baseline-words.ts';

interface Flags extends JsonFlag {
  readonly host: string;
  readonly from: string;
  readonly env: readonly string[];
}

const PROBE_TIMEOUT_MS = 120_000;

export async function baselineSet(this: CliContext, flags: Flags): Promise<void> {
  const directory = resolve(flags.from);
  const input = {
    id: flags.host,
    files: readManifests(directory),
    environments: flags.env.map((path) => resolve(path)),
    directory,
  };
  const baseline = await openSession(this).infrastructure.setBaseline(input, {
    timeoutMs: PROBE_TIMEOUT_MS,
  });
  print(this, flags, baseline, () => baselineWords(baseline));
}

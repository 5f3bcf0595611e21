import { readCatalog } from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import { readJson } from '../artifacts/read-json.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { chordsFlags } from '../table/check-flags.ts';

/** Checks a catalog of chords. Everything that is wrong with it is listed in the report and on standard error. */
export const chordsValidate: CommandRun<typeof chordsFlags> = async (flags, context) => {
  const out = openOutDir(flags.out, context.now);
  const read = readJson(flags.catalog);
  const { errors, chord_ids, chord_count } =
    read.failure === undefined
      ? readCatalog(read.value)
      : { errors: [read.failure.detail], chord_ids: [], chord_count: 0 };
  const { latestPath } = out.report('chords_validate', {
    schema_version: 'chords_validate.v0',
    ok: errors.length === 0,
    errors,
    chord_count,
    chord_ids,
  });
  if (errors.length === 0) {
    context.print(`ok: ${chord_count} chords`);
    return EXIT.done;
  }
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more, see ${latestPath})`;
  context.complain(`ERROR: invalid chord catalog: ${errors[0]}${more}`);
  return EXIT.refused;
};

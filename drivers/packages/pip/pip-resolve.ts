import { HoldfastError } from '@holdfast/contracts';
import type { ReadContext, ResolvedOperation } from '@holdfast/contracts';
import { parseRequirement, redactUrl, sameVersion } from '@holdfast/versions';
import { checkedPath } from '../step-params.ts';
import { dryRun } from './dry-run.ts';
import { readVirtualEnvironment } from './pip-inventory.ts';
import { optionLines } from './pip-options.ts';
import { requireVirtualEnvironment } from './virtual-environment.ts';

/** A requirement in the one spelling that is handed on; a URL or path instead of versions is refused. */
const requirementLine = (text: string): string => {
  const shown = JSON.stringify(redactUrl(text));
  try {
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f]/.test(text)) throw new Error('it holds control characters');
    const { rawName, extras, specifier, url, marker } = parseRequirement(text);
    if (url !== undefined) throw new Error('it names a place, not versions');
    const wanted = extras.length > 0 ? `[${extras.join(',')}]` : '';
    return `${rawName}${wanted}${specifier}${marker === undefined ? '' : ` ; ${marker}`}`;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError('invalid_input', { detail: `requirement ${shown}: ${why}` }, { cause });
  }
};

/**
 * What pip would change so that the requirements hold; what holds already is left as it is.
 *
 * @throws HoldfastError `environment_not_isolated`, `invalid_input`, `driver_unavailable`, and `plan_failed` with
 *   pip's words when there is no such set of versions
 */
export const resolvePip = async (
  request: {
    environment: string;
    requirements: readonly string[];
    options: readonly string[];
  },
  context: ReadContext = {},
): Promise<ResolvedOperation[]> => {
  const path = checkedPath(request.environment);
  const lines = [...optionLines(request.options), ...request.requirements.map(requirementLine)];
  const venv = await requireVirtualEnvironment(path, context);
  if (request.requirements.length === 0) return [];
  const planned = await dryRun(venv.python, lines, [], context);
  if ('failure' in planned) {
    throw new HoldfastError('plan_failed', { detail: planned.failure.detail });
  }
  const { inventory } = await readVirtualEnvironment(path, context);
  return planned.installs
    .map(({ name, version, requested }) => {
      const from = inventory.packages[name] ?? null;
      return { package: name, from, to: version, requested };
    })
    .filter(({ from, to }) => from === null || !sameVersion('pip', from, to));
};

import { isAbsolute, join, posix } from 'node:path';
import { HoldfastError, type Baseline } from '@holdfast/contracts';
import { formatOption, type ParsedRequirements } from '@holdfast/versions';

type Option = ParsedRequirements['options'][number];
type Unmanaged = Baseline['unmanaged'][number];

/** Options of a manifest that an install of its packages has to repeat. */
const CARRIED: ReadonlySet<string> = new Set([
  '--index-url',
  '--extra-index-url',
  '--find-links',
  '--no-index',
  '--pre',
  '--trusted-host',
]);
const URL_SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const WITH_CREDENTIALS = /^[a-z][a-z0-9+.-]*:\/\/[^/\s]*@/i;

const refuse = ({ file, line, option }: Option, detail: string): never => {
  throw new HoldfastError('manifest_invalid', {
    file,
    detail: `line ${line}: ${option} ${detail}`,
  });
};

const placeOf = (option: Option, value: string, directory: string | undefined): string => {
  if (option.option !== '--find-links' || URL_SCHEME.test(value)) return value;
  const path = value.replaceAll('\\', '/');
  if (isAbsolute(path) || /^[a-z]:/i.test(path)) return path;
  if (directory === undefined)
    return refuse(option, 'is a relative path: say which directory it is relative to');
  return join(directory, posix.dirname(option.file), path);
};

const wordsOf = (option: Option, directory: string | undefined): string[] => {
  const { value } = option;
  if (value === undefined) return [option.option];
  // They would be kept in plans and in the ledger for good.
  if (WITH_CREDENTIALS.test(value))
    return refuse(option, "holds credentials: put them into pip's own configuration");
  if (/\$\{\w+\}/.test(value))
    return refuse(option, "names a variable: put it into pip's own configuration");
  return [option.option, placeOf(option, value, directory)];
};

/**
 * Install options as argument words, in order and without repeats, and those that are not carried over. `directory`
 * is where the manifest lies on the host. Throws manifest_invalid.
 */
export const installOptions = (
  options: readonly Option[],
  directory: string | undefined,
): { words: string[]; unmanaged: Unmanaged[] } => {
  const carried = options.filter(
    ({ option, status }) => status === 'supported' && CARRIED.has(option),
  );
  const isCarried = new Set(carried);
  const groups = carried.map((option) => wordsOf(option, directory));
  const distinct = new Map(groups.map((words) => [JSON.stringify(words), words]));
  return {
    words: [...distinct.values()].flat(),
    unmanaged: options
      .filter((option) => !isCarried.has(option))
      .map((option) => ({
        file: option.file,
        line: option.line,
        text: formatOption(option),
        reason: 'the option is not carried over',
      })),
  };
};

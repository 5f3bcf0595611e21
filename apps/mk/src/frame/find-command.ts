import type { Command } from './command.ts';
import { MkError } from './mk-error.ts';

export type Found =
  | { readonly kind: 'command'; readonly command: Command; readonly rest: readonly string[] }
  | {
      readonly kind: 'group';
      readonly words: readonly string[];
      readonly commands: readonly Command[];
    };

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';

/**
 * The command that the leading words name, with the arguments after them; or the group of commands whose help is asked
 * for. Throws MkError for words that name nothing, and for a group without a command.
 */
export const findCommand = (args: readonly string[], commands: readonly Command[]): Found => {
  const end = args.findIndex((word) => word.startsWith('-'));
  const words = end < 0 ? args : args.slice(0, end);
  const exact = commands
    .filter(({ path }) => `${words.join(' ')} `.startsWith(`${path} `))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  if (exact !== undefined) {
    const rest = args.slice(exact.path.split(' ').length);
    return { kind: 'command', command: exact, rest };
  }
  const group = commands.filter(
    ({ path }) => words.length === 0 || `${path} `.startsWith(`${words.join(' ')} `),
  );
  if (group.length === 0) throw new MkError(`unknown command: ${words.join(' ')}`);
  if (isHelp(args[words.length])) return { kind: 'group', words, commands: group };
  const unknown = args[words.length];
  if (unknown !== undefined && words.length === 0) throw new MkError(`unknown flag: ${unknown}`);
  throw new MkError(`a command is missing after: ${['mk', ...words].join(' ')} (see --help)`);
};

export const asksForHelp = (rest: readonly string[]): boolean => rest.some(isHelp);

import type { Command } from './command.ts';
import type { FlagSpec } from './flag-spec.ts';

const columns = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
};

const valueWord = (spec: FlagSpec): string => {
  switch (spec.kind) {
    case 'switch':
      return '';
    case 'choice':
      return ` ${spec.choices.join('|')}`;
    case 'number':
      return ' N';
    case 'duration':
      return ' TIME';
    default:
      return ` ${spec.placeholder}`;
  }
};

const note = (spec: FlagSpec): string => {
  if (spec.required) return ' (required)';
  return 'default' in spec && spec.default !== undefined ? ` (default ${spec.default})` : '';
};

/** The commands that begin with these words, one a line. */
export const helpOfGroup = (words: readonly string[], commands: readonly Command[]): string =>
  [
    `Usage: mk ${[...words, 'COMMAND'].join(' ')} [flags]`,
    '',
    'Commands:',
    ...columns(commands.map(({ path, brief }) => [path, brief])),
    '',
    'mk COMMAND --help shows the flags of a command; mk --version the version.',
  ].join('\n');

export const helpOfCommand = ({ path, brief, flags }: Command): string =>
  [
    `Usage: mk ${path} [flags]`,
    '',
    brief,
    '',
    'Flags:',
    ...columns(
      Object.entries(flags).map(([name, spec]) => [
        `--${name}${valueWord(spec)}`,
        `${spec.brief}${note(spec)}`,
      ]),
    ),
  ].join('\n');

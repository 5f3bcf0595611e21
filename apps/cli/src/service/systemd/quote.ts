import { CliError, EXIT } from '../../cli-error.ts';

/**
 * Text in unit files, after systemd.syntax(7) and systemd.service(5), "Command lines": within double quotes a backslash
 * begins a C escape, `%` begins a specifier everywhere, and `$` begins a variable in arguments alone. The text holds no
 * control characters: readServiceSpec refuses them.
 */
const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');

/**
 * The program of ExecStart: the path is taken before variables are replaced, so `$` stands for itself. systemd takes no
 * program with quotes or backslashes in its path, however they are written: usage error.
 */
export const quoteProgram = (path: string): string => {
  if (/["'\\]/.test(path))
    throw new CliError(
      `${path}: systemd starts no program with a quote or a backslash in its path`,
      {
        exit: EXIT.usage,
      },
    );
  return `"${quoted(path)}"`;
};

export const quoteArgument = (text: string): string =>
  `"${quoted(text).replaceAll('$', () => '$$')}"`;

export const environmentLine = (name: string, value: string): string =>
  `Environment="${name}=${quoted(value)}"`;

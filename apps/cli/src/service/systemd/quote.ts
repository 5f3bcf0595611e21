/**
 * Text in unit files, after systemd.syntax(7) and systemd.service(5), "Command lines": within double quotes a backslash
 * begins a C escape, `%` begins a specifier everywhere, and `$` begins a variable in arguments alone. The text holds no
 * control characters: readServiceSpec refuses them.
 */
const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');

/** The program of ExecStart: the path is taken before variables are replaced, so `$` stands for itself. */
export const quoteProgram = (path: string): string => `"${quoted(path)}"`;

export const quoteArgument = (text: string): string =>
  `"${quoted(text).replaceAll('$', () => '$$')}"`;

export const environmentLine = (name: string, value: string): string =>
  `Environment="${name}=${quoted(value)}"`;

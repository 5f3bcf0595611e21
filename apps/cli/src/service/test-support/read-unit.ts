/**
 * Reads a unit file as systemd does, written from systemd.syntax(7), systemd.exec(5) and systemd.service(5) and not from
 * the code that writes units: sections, comment lines, quotes, C escapes, `%%` and `$$`.
 */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** `Section.Key` to its values in order. */
export const readUnit = (text: string): Unit => {
  const values = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.endsWith('\\')) throw new Error(`a line goes on: ${line}`);
    const heading = /^\[(.+)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading;
      continue;
    }
    const at = line.indexOf('=');
    if (at < 1) throw new Error(`not an assignment: ${line}`);
    const key = `${section}.${line.slice(0, at)}`;
    values.set(key, [...(values.get(key) ?? []), line.slice(at + 1)]);
  }
  return values;
};

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', "'": "'", s: ' ' };

/** Splits at blanks, takes quotes and C escapes away. */
export const splitWords = (text: string): string[] => {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at]!;
    if (one === '\\') {
      at += 1;
      const escaped = ESCAPES[text[at] ?? ''];
      if (escaped === undefined) throw new Error(`unknown escape \\${text[at]}`);
      word = (word ?? '') + escaped;
    } else if (quote === '' && (one === ' ' || one === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === '' && (one === '"' || one === "'")) {
      quote = one;
      word ??= '';
    } else if (one === quote) {
      quote = '';
    } else {
      word = (word ?? '') + one;
    }
  }
  if (quote !== '') throw new Error('a quote is not closed');
  if (word !== undefined) words.push(word);
  return words;
};

/** Takes specifiers away; any but `%%` would be replaced by something. */
export const withoutSpecifiers = (text: string): string =>
  text.replace(/%(.?)/gs, (_, letter: string) => {
    if (letter !== '%') throw new Error(`specifier %${letter}`);
    return '%';
  });

/** Takes variables away; any `$` but `$$` might be replaced by something. */
const withoutVariables = (text: string): string =>
  text.replace(/\$(.?)/gs, (_, letter: string) => {
    if (letter !== '$') throw new Error(`variable $${letter}`);
    return '$';
  });

/** Program and arguments of an ExecStart line. The path of the program knows no variables. */
export const readCommand = (line: string): string[] => {
  const [program, ...args] = splitWords(line).map(withoutSpecifiers);
  return [program!, ...args.map(withoutVariables)];
};

/** Assignments of Environment lines. */
export const readEnvironment = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.flatMap(splitWords).map((word) => {
      const text = withoutSpecifiers(word);
      const at = text.indexOf('=');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

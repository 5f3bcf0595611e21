const PLAIN = /^[A-Za-z0-9_./:@%+=,-]+$/;

/** `text` as one word of a POSIX shell: bare where nothing in it means anything to a shell, else in single quotes. */
export const shellWord = (text: string): string => (PLAIN.test(text) ? text : singleQuoted(text));

/** The same, always in quotes. A quote inside ends them, stands escaped, and opens them again. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

import { HoldfastError } from '@holdfast/contracts';
import { redactUrl } from '@holdfast/versions';

/**
 * Install options that say where packages may come from, and whether a value follows. Others, such as `--target` or
 * `--python`, would let a manifest decide what is changed, and are refused.
 */
const ALLOWED: Readonly<Record<string, boolean>> = {
  '--index-url': true,
  '--extra-index-url': true,
  '--find-links': true,
  '--trusted-host': true,
  '--no-binary': true,
  '--only-binary': true,
  '--no-index': false,
  '--pre': false,
  '--prefer-binary': false,
  '--require-hashes': false,
};
const SHORT: Readonly<Record<string, string>> = { '-i': '--index-url', '-f': '--find-links' };

const refuse = (detail: string): HoldfastError =>
  new HoldfastError('invalid_input', { detail: `pip option ${redactUrl(detail)}` });

/** A value as pip reads it back from a requirements file, where shlex splits the line. */
const quoteValue = (option: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw refuse(`${option}: a value is missing`);
  // eslint-disable-next-line no-control-regex
  if (value.startsWith('-') || /['"\\\u0000-\u001f]/.test(value)) {
    throw refuse(`${option} ${value}: its value cannot be passed on safely`);
  }
  return `'${value}'`;
};

/**
 * Reads install options (`--opt value`, `--opt=value`, or the value as the next text) into lines of a requirements
 * file. There, unlike in an argument list, credentials in an index URL are not shown to other users.
 *
 * @throws HoldfastError `invalid_input` for an option that is not about where packages come from
 */
export const optionLines = (options: readonly string[]): string[] => {
  const lines: string[] = [];
  const rest = [...options];
  for (let text = rest.shift(); text !== undefined; text = rest.shift()) {
    const match = /^(-[^\s=]+)(?:\s*=\s*|\s+)?(.*)$/s.exec(text.trim());
    const written = match?.[1] ?? text;
    const option = SHORT[written] ?? written;
    if (!Object.hasOwn(ALLOWED, option)) throw refuse(`${written}: it is not allowed here`);
    const attached = match?.[2] || undefined;
    if (!ALLOWED[option]) {
      if (attached !== undefined) throw refuse(`${option}: it takes no value`);
      lines.push(option);
    } else {
      lines.push(`${option} ${quoteValue(option, attached ?? rest.shift())}`);
    }
  }
  return lines;
};

import { redactUrl } from './redact-url.ts';

/** An option as it stands in a line, under its long name. */
export interface OptionToken {
  option: string;
  value?: string;
}

/** How each known option is spelled and whether a value follows it. */
interface OptionRule {
  short?: string;
  value: boolean;
  /** False for options that pip knows and that this parser only reports. */
  supported: boolean;
}

const OPTIONS: Record<string, OptionRule> = {
  '--requirement': { short: '-r', value: true, supported: true },
  '--constraint': { short: '-c', value: true, supported: true },
  '--editable': { short: '-e', value: true, supported: true },
  '--index-url': { short: '-i', value: true, supported: true },
  '--extra-index-url': { value: true, supported: true },
  '--find-links': { short: '-f', value: true, supported: true },
  '--no-index': { value: false, supported: true },
  '--pre': { value: false, supported: true },
  '--trusted-host': { value: true, supported: true },
  '--hash': { value: true, supported: true },
  '--no-binary': { value: true, supported: false },
  '--only-binary': { value: true, supported: false },
  '--prefer-binary': { value: false, supported: false },
  '--require-hashes': { value: false, supported: false },
  '--use-feature': { value: true, supported: false },
  '--config-settings': { short: '-C', value: true, supported: false },
  '--config-setting': { value: true, supported: false },
  '--global-option': { value: true, supported: false },
  '--install-option': { value: true, supported: false },
};
const LONG_NAMES: Record<string, string> = { '--pypi-url': '--index-url' };
const WORD = /(?:[^\s"']+|"[^"]*"|'[^']*')+/g;

export function isSupportedOption(option: string): boolean {
  return OPTIONS[option]?.supported === true;
}

/** Splits a line into what stands before the first option, and the words from there on. */
export function splitOptions(text: string): { body: string; words: string[] } {
  const match = /(?:^|\s)-/.exec(text);
  const at = match ? match.index : text.length;
  const words = text.slice(at).match(WORD) ?? [];
  return { body: text.slice(0, at).trim(), words: words.map(unquote) };
}

/**
 * Pairs options with their values: `--option value`, `--option=value`, `-ivalue`. An option that
 * nobody knows takes the words up to the next option as its value. `undefined` for a word that
 * belongs to no option or a value that is missing.
 */
export function readOptions(words: readonly string[]): OptionToken[] | undefined {
  const tokens: OptionToken[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] as string;
    at += 1;
    if (!word.startsWith('-')) return undefined;
    const { option, value } = readWord(word);
    const rule = OPTIONS[option];
    if (value !== undefined || rule?.value === false) {
      tokens.push({ option, value });
      continue;
    }
    let end = at + (rule ? 1 : 0);
    while (!rule && end < words.length && !words[end]?.startsWith('-')) end += 1;
    if (rule && end > words.length) return undefined;
    tokens.push(end > at ? { option, value: words.slice(at, end).join(' ') } : { option });
    at = end;
  }
  return tokens;
}

function readWord(word: string): OptionToken {
  const equals = word.indexOf('=');
  if (word.startsWith('--')) {
    const written = equals === -1 ? word : word.slice(0, equals);
    const option = LONG_NAMES[written] ?? written;
    return equals === -1 ? { option } : { option, value: word.slice(equals + 1) };
  }
  const short = word.slice(0, 2);
  const option = Object.keys(OPTIONS).find((name) => OPTIONS[name]?.short === short);
  if (!option) return { option: word };
  return word.length > 2 ? { option, value: word.slice(2).replace(/^=/, '') } : { option };
}

/** An option as text for display, with credentials hidden. */
export function formatOption({ option, value }: OptionToken): string {
  return value === undefined ? option : `${option} ${redactUrl(value)}`;
}

function unquote(word: string): string {
  return word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => {
    return double ?? single ?? '';
  });
}

import type { ServiceSpec } from './service-spec.ts';

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word of a POSIX shell. */
const shellWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The command that does by hand what the service would do. */
export const foregroundCommand = ({ environment, program }: ServiceSpec): string => {
  const own = Object.entries(environment).filter(([name]) => name.startsWith('HOLDFAST_'));
  return [
    ...own.map(([name, value]) => `${name}=${shellWord(value)}`),
    shellWord(program),
    'up',
  ].join(' ');
};

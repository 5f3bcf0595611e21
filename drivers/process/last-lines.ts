import { redactUrl } from '@holdfast/versions';

const MAX_LINES = 12;
const MAX_LENGTH = 1500;

/**
 * What a tool said last, for a person: at most 12 lines and 1500 characters, blank lines and credentials left out.
 */
export const lastLines = (text: string): string => {
  const lines = redactUrl(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.slice(-MAX_LINES).join('\n').slice(-MAX_LENGTH);
};

import type { Event } from '@holdfast/contracts';
import { state } from '../output.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** One event of a change as a line: when, which, who, what. */
export const changeEventLine = ({ time, type, actor, correlationid, data }: Event): string => {
  const to = text(data['to']);
  const what = to === '' ? type.replace(/^change\./, '').replaceAll('.', ' ') : state(to);
  const summary = text(data['summary']);
  return [time, correlationid ?? '', actor, what, summary].filter((part) => part !== '').join('  ');
};

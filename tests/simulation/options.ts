import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    after: { type: 'string', default: '0' },
    trace: { type: 'boolean', default: false },
    digest: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    histories: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    watch: { type: 'boolean', default: false },
    length: { type: 'string' },
    first: { type: 'boolean', default: false },
    store: { type: 'string', default: 'memory' },
  },
});

const number = (name: 'seed' | 'after' | 'histories' | 'from' | 'workers'): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
  return value;
};

const length = (): 'brief' | 'long' | undefined => {
  const value = values.length;
  if (value === undefined || value === 'brief' || value === 'long') return value;
  throw new Error('--length takes brief or long');
};

/**
 * `--histories N [--from SEED] [--workers W] [--first]`: many histories, one seed after the other; `first` stops at the
 * first that fails. `--seed N`: one of them again; `after`: so many others before it; `trace`: all that happens;
 * `digest`: the SHA-256 of that; `shrink`: leaves out what it does not take to fail; `without`: faults and acts to leave
 * out, as `shrink` prints them. `store sqlite`: on SQLite instead of the simulated tables;
 * `length brief` or `length long`: all of that length instead of some of each; `watch`: whoever changes a value that others
 * have too fails.
 */
export const options = {
  seed: values.seed === undefined ? undefined : number('seed'),
  after: number('after'),
  trace: values.trace,
  digest: values.digest,
  shrink: values.shrink,
  without: new Set(values.without === '' ? [] : values.without.split(',')),
  histories: number('histories'),
  from: number('from'),
  workers: number('workers'),
  first: values.first,
  watch: values.watch,
  length: length(),
  store: values.store,
};

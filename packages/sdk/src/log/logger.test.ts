import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

const capture = (
  level: string,
): { lines: Record<string, unknown>[]; log: ReturnType<typeof createLogger> } => {
  const lines: Record<string, unknown>[] = [];
  return {
    lines,
    log: createLogger('test', level, (line) =>
      lines.push(JSON.parse(line) as Record<string, unknown>),
    ),
  };
};

test('writes one JSON line with level, name and words', () => {
  const { lines, log } = capture('info');
  log.info({ change: 'chg_1' }, 'planned');
  expect(lines).toEqual([
    {
      time: expect.any(String),
      level: 'info',
      name: 'test',
      pid: process.pid,
      change: 'chg_1',
      msg: 'planned',
    },
  ]);
});

test('writes nothing below its level', () => {
  const { lines, log } = capture('warn');
  log.info('quiet');
  log.error('loud');
  expect(lines.map((line) => line['msg'])).toEqual(['loud']);
});

test('blanks secrets at any depth and credentials in URLs', () => {
  const { lines, log } = capture('info');
  const deep = { a: { b: { c: { enrolmentToken: 't0p' } } } };
  log.info(
    {
      deep,
      Authorization: 'Bearer t0p',
      index: 'https://user:t0p@host/simple',
      ADMIN_TOKEN: 't0p',
    },
    'x',
  );
  expect(JSON.stringify(lines)).not.toContain('t0p');
  expect(lines[0]!['index']).toBe('https://[redacted]@host/simple');
});

test('spells out errors and their causes, without secrets in their texts', () => {
  const { lines, log } = capture('info');
  log.error(
    { err: new Error('cannot reach postgres://u:t0p@db', { cause: new TypeError('inner') }) },
    'failed',
  );
  expect(lines[0]!['err']).toMatchObject({
    type: 'Error',
    cause: { type: 'TypeError', message: 'inner' },
  });
  expect(JSON.stringify(lines)).not.toContain('t0p');
});

test('survives a cycle', () => {
  const { lines, log } = capture('info');
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  log.info({ cycle }, 'round');
  expect(lines).toHaveLength(1);
});

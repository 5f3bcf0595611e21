import { expect, test } from 'vitest';

import { redactUrl } from './redact-url.ts';

test.each([
  ['https://user:pass@host/simple', 'https://***@host/simple'],
  ['--index-url https://token@host/simple x', '--index-url https://***@host/simple x'],
  ['https://user:p@ss:w@host/', 'https://***@host/'],
  ['git+ssh://git@host/a.git', 'git+ssh://git@host/a.git'],
  ['git+https://git:secret@host/a.git', 'git+https://***@host/a.git'],
  ['http://a:b@x/ and http://c:d@y/', 'http://***@x/ and http://***@y/'],
  ['https://host/a?access_token=abc&v=1#egg=x', 'https://host/a?access_token=***&v=1#egg=x'],
  ['https://host/a@v1.0', 'https://host/a@v1.0'],
  ['name@example.com', 'name@example.com'],
])('shows %j as %j', (text, shown) => {
  expect(redactUrl(text)).toBe(shown);
});

import { expect, test } from 'vitest';
import { serviceWords } from './service-words.ts';

// eslint-disable-next-line no-control-regex
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
const status = {
  manager: 'systemd',
  scope: 'user' as const,
  name: 'holdfast.service',
  file: '/etc/holdfast.service',
  installed: true,
  ours: true,
  enabled: true,
  running: true,
  pid: 7,
  detail: 'active (running)',
};

test('says what the service manager knows, and what nobody knows', () => {
  expect(plain(serviceWords(status)).split('\n')[0]).toBe(
    'holdfast.service (systemd, user): installed, enabled, running, pid 7',
  );
  const unknown = { ...status, ours: false, enabled: null, running: null, pid: null };
  expect(plain(serviceWords(unknown)).split('\n')[0]).toBe(
    'holdfast.service (systemd, user): installed by somebody else, unknown whether enabled, unknown whether running',
  );
});

// Asks a service who it is, each time on a connection of its own.
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** One question: `{ pid }`, `{ refused: true }`, or `{ broken: code }` for everything else that is no answer. */
export const ask = (port, timeoutMs) =>
  new Promise((resolve) => {
    const asked = get(
      { host: '127.0.0.1', port, path: '/health', agent: false, timeout: timeoutMs },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('error', (error) => resolve({ broken: error.code }));
        response.on('end', () => {
          try {
            resolve({ pid: JSON.parse(text).pid });
          } catch {
            resolve({ broken: 'not JSON' });
          }
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', (error) =>
      resolve(error.code === 'ECONNREFUSED' ? { refused: true } : { broken: error.code }),
    );
  });

/**
 * Asks again and again until another process than `oldPid` answers: `ms` since `from` and its `pid`, both undefined
 * after `limitMs`. Counts what was refused and what broke on the way.
 */
export const untilReplaced = async ({ port, oldPid, from, limitMs, timeoutMs, pauseMs = 0 }) => {
  const seen = { ms: undefined, pid: undefined, refused: 0, broken: 0 };
  while (performance.now() - from < limitMs) {
    const answer = await ask(port, timeoutMs ?? limitMs);
    const ms = performance.now() - from;
    if (answer.pid !== undefined && answer.pid !== oldPid) return { ...seen, ms, pid: answer.pid };
    if (answer.refused) seen.refused += 1;
    if (answer.broken) seen.broken += 1;
    if (pauseMs > 0) await delay(pauseMs);
  }
  return seen;
};

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAUSE_MS = 250;
const CALL_MS = 2_000;

/** Where the stack of a home says that it answers; undefined before its first start. */
export const urlOfHome = (home: string): string | undefined => {
  try {
    const { url } = JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')) as {
      url?: unknown;
    };
    return typeof url === 'string' ? url : undefined;
  } catch {
    return undefined;
  }
};

/** Whether the stack of a home answers now. */
export const answersNow = async (home: string): Promise<boolean> => {
  const url = urlOfHome(home);
  if (url === undefined) return false;
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(CALL_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
};

/** Waits until the stack of a home answers; false when it does not within the time. */
export const awaitAnswer = async (home: string, limitMs: number): Promise<boolean> => {
  const deadline = performance.now() + limitMs;
  while (!(await answersNow(home))) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return true;
};

import { request } from 'node:http';

/** `alive` is false when nothing usable was answered: a process that answers `failing` is alive. */
export type ProbeResult =
  { readonly ok: true } | { readonly ok: false; readonly alive: boolean; readonly reason: string };

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** What `kernel` of the answer must say; the gateway answers none. */
  readonly kernel?: string;
}

const TIMEOUT_MS = 2_000;
const MAX_BYTES = 64 * 1024;

interface HealthBody {
  readonly kernel?: unknown;
  readonly checks?: readonly { name?: unknown; ok?: unknown; detail?: unknown }[];
}

const parse = (text: string): HealthBody | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

const failingChecks = (body: HealthBody): string => {
  const failing = Array.isArray(body.checks) ? body.checks.filter((one) => one?.ok === false) : [];
  return (
    failing.map((one) => `${one.name}: ${one.detail}`).join('; ') || 'it says that it is failing'
  );
};

const judge = (status: number, text: string, expected: string | undefined): ProbeResult => {
  const body = parse(text);
  if (body === undefined) return { ok: false, alive: false, reason: 'its /health is not JSON' };
  if (expected !== undefined && body.kernel !== expected) {
    return { ok: false, alive: false, reason: `its /health does not say that it is ${expected}` };
  }
  if (status === 200) return { ok: true };
  return { ok: false, alive: true, reason: failingChecks(body) };
};

/** Asks `GET /health` on a fresh connection; never rejects. */
export const probeHealth = (target: ProbeTarget): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ ok: false, alive: false, reason });
    const asked = request(
      {
        host: target.host,
        port: target.port,
        path: '/health',
        agent: false,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > MAX_BYTES) asked.destroy(new Error('its /health is too long'));
        });
        response.on('end', () => resolve(judge(response.statusCode ?? 0, text, target.kernel)));
        response.on('error', (error) => fail(error.message));
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.name === 'AbortError'
          ? `no answer to /health in ${TIMEOUT_MS} ms`
          : (error.code ?? error.message),
      ),
    );
    asked.end();
  });

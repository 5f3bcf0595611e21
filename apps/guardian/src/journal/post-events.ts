import { request } from 'node:http';
import { PRINCIPAL_HEADER, SECRET_HEADER, kernelPrincipal, type Event } from '@holdfast/contracts';

/** `refused`: these events will not be taken at another try either. */
export type PostResult = 'stored' | 'away' | 'refused';

export interface BusAddress {
  readonly port: number;
  readonly secret: string;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 5_000;
const PATH = '/bus/events';

const judge = (status: number): PostResult => {
  if (status >= 200 && status < 300) return 'stored';
  return [400, 409, 413, 422].includes(status) ? 'refused' : 'away';
};

/** Publishes events on the bus kernel; never rejects. */
export const postEvents = (bus: BusAddress, events: readonly Event[]): Promise<PostResult> =>
  new Promise((resolve) => {
    const body = JSON.stringify({ events });
    const principal = JSON.stringify(kernelPrincipal('guardian'));
    const asked = request(
      {
        host: '127.0.0.1',
        port: bus.port,
        path: PATH,
        method: 'POST',
        agent: false,
        signal: bus.signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          [SECRET_HEADER]: bus.secret,
          [PRINCIPAL_HEADER]: Buffer.from(principal).toString('base64url'),
        },
      },
      (response) => {
        response.on('error', () => done('away'));
        response.on('end', () => done(judge(response.statusCode ?? 0)));
        response.resume();
      },
    );
    const limit = setTimeout(() => asked.destroy(new Error('no answer')), TIMEOUT_MS);
    const done = (result: PostResult): void => {
      clearTimeout(limit);
      resolve(result);
    };
    asked.on('error', () => done('away'));
    asked.end(body);
  });

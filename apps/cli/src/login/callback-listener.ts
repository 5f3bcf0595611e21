import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from '../cli-error.ts';

/** Waits on this machine for the browser that comes back from a login. */
export interface CallbackListener {
  readonly redirectUri: string;
  /**
   * Resolves with what `end` makes of the first callback with that state, once the browser was told how it went. Rejects
   * when none comes in time.
   */
  next<T>(state: string, timeoutMs: number, end: (callback: string) => Promise<T>): Promise<T>;
  close(): void;
}

const PATH = '/callback';

const say = (response: ServerResponse, status: number, text: string): Promise<void> =>
  new Promise((resolve) => {
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(`${text}\n`, () => resolve());
  });

export const listenForCallback = async (port: number): Promise<CallbackListener> => {
  let take: ((callback: URL, response: ServerResponse) => boolean) | undefined;
  const server = createServer((request, response) => {
    const { port: bound } = server.address() as AddressInfo;
    const callback = new URL(request.url ?? '/', `http://127.0.0.1:${bound}`);
    const isOurs = request.method === 'GET' && callback.pathname === PATH;
    if (!isOurs || take?.(callback, response) !== true)
      void say(response, 404, 'nothing waits for this here');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new CliError(`listening on port ${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    next: (state, timeoutMs, end) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new CliError('nobody came back from the login in time')),
          timeoutMs,
        );
        take = (callback, response) => {
          if (callback.searchParams.get('state') !== state) return false;
          take = undefined;
          clearTimeout(timer);
          end(callback.href).then(
            (result) =>
              say(response, 200, 'You are logged in and can close this page.').then(() =>
                resolve(result),
              ),
            (error: Error) =>
              say(response, 400, 'The login failed; the command line says why.').then(() =>
                reject(error),
              ),
          );
          return true;
        };
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};

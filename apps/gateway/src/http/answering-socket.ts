import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The answer that is being written on a server's socket, if any; Node keeps it there without declaring it. */
export const answerOn = (socket: Duplex): ServerResponse | undefined =>
  (socket as Duplex & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;

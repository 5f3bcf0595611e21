import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

export interface HttpLoad {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Whole requests, as bytes on the wire; each connection sends the next one when its answer is complete. */
  readonly requests: readonly Buffer[];
}

export interface LoadResult {
  readonly answers: number;
  /** Of each answer, from the first byte sent to the last one received, in ms. */
  readonly times: readonly number[];
}

/** Where the first whole answer in the text ends; 0 while it is not whole. Answers here carry their length. */
const answerEnd = (text: string): number => {
  const end = text.indexOf(END_OF_HEAD);
  if (end === -1) return 0;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1];
  if (length === undefined) throw new Error('an answer without content-length');
  const total = end + END_OF_HEAD.length + Number(length);
  return text.length >= total ? total : 0;
};

/**
 * Loads a port over kept connections on bare sockets, so that the generator costs little beside what it measures.
 * Rejects on any answer but 200.
 */
export const loadHttp = ({ port, connections, seconds, requests }: HttpLoad): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const times: number[] = [];
    const endsAt = performance.now() + seconds * 1_000;
    let asked = 0;
    let open = connections;

    const work = (): void => {
      const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
      let text = '';
      let sentAt = 0;
      const next = (): void => {
        sentAt = performance.now();
        socket.write(requests[asked % requests.length]!);
        asked += 1;
      };
      socket.on('connect', next);
      socket.on('error', reject);
      socket.on('close', () => {
        open -= 1;
        if (open === 0) resolve({ answers: times.length, times });
      });
      socket.on('data', (piece: string) => {
        text += piece;
        const end = answerEnd(text);
        if (end === 0) return;
        if (!text.startsWith('HTTP/1.1 200')) {
          reject(new Error(`answered: ${text.slice(0, 500)}`));
          socket.destroy();
          return;
        }
        times.push(performance.now() - sentAt);
        text = text.slice(end);
        if (performance.now() < endsAt) next();
        else socket.destroy();
      });
    };
    for (let index = 0; index < connections; index += 1) work();
  });

import { busEventSchema, type BusEvent } from '@holdfast/contracts';
import { CliError } from './cli-error.ts';
import type { Session } from './session.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** The data of each server-sent event (WHATWG HTML, 9.2.6) in what arrives; comments and other fields are left out. */
const dataOf = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => line.startsWith('data:'));
      if (lines.length > 0) yield lines.map((line) => line.slice(5).trimStart()).join('\n');
    }
  }
};

const open = async (
  { url, token }: Session,
  after: number | undefined,
  signal: AbortSignal,
): Promise<Response> => {
  const from = after === undefined ? '' : `?after=${after}`;
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const response = await fetch(`${url}/api/events${from}`, { headers, signal });
  if (response.ok || response.status >= 500) return response;
  throw new CliError(`following events: the stack answered ${response.status}`, {
    next: '`bin/holdfast status` shows what runs',
  });
};

/** Events as they happen, from the next one after `after`; goes on where it was when the connection breaks. */
export const liveEvents = async function* (
  session: Session,
  signal: AbortSignal,
  after?: number,
): AsyncGenerator<BusEvent> {
  let last = after;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const response = await open(session, last, signal);
      for await (const data of dataOf(response.body as AsyncIterable<Uint8Array>)) {
        const event = busEventSchema.parse(JSON.parse(data));
        last = event.seq;
        pauseMs = FIRST_PAUSE_MS;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CliError) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
};

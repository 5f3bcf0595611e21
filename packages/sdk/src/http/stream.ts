import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { StreamItem } from '../kernel/define-kernel.ts';

const KEEP_ALIVE_MS = 15_000;

const sseText = (item: StreamItem): string => {
  const lines = item.id === undefined ? '' : `id: ${item.id}\n`;
  const event = item.event === undefined ? '' : `event: ${item.event}\n`;
  return `${lines}${event}data: ${JSON.stringify(item.data)}\n\n`;
};

const ndjsonText = (item: StreamItem): string => `${JSON.stringify(item.data)}\n`;

/**
 * Writes a stream with back-pressure until it ends or the caller goes away. SSE streams carry a comment every 15 s so
 * that proxies and callers see that they are alive.
 */
export const sendStream = async (
  response: ServerResponse,
  kind: 'sse' | 'ndjson',
  items: AsyncIterable<StreamItem>,
  signal: AbortSignal,
): Promise<void> => {
  const text = kind === 'sse' ? sseText : ndjsonText;
  const type = kind === 'sse' ? 'text/event-stream' : 'application/x-ndjson';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
  response.flushHeaders();
  const beat =
    kind === 'sse' ? setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS) : undefined;
  try {
    for await (const item of items) {
      if (signal.aborted || response.destroyed) break;
      if (!response.write(text(item))) await once(response, 'drain', { signal });
    }
    response.end();
  } catch (error) {
    response.destroy();
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(beat);
  }
};

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { observePrometheus, type PrometheusOptions } from './fetch-prometheus.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const optionsOf = (url: string, more: Partial<PrometheusOptions> = {}): PrometheusOptions => ({
  url,
  mapping: { columns: { latency_ms: { metric: 'avg(step)' }, loss: { metric: 'loss{a="b"}' } } },
  startMs: 10_000,
  endMs: 12_000,
  timeoutMs: 10_000,
  ...more,
});

describe('a Prometheus server', () => {
  test('is not followed to where it sends us', async () => {
    let reached = 0;
    const inside = await serve((_request, response) => {
      reached += 1;
      response.end('{"secret":"of the inside"}');
    });
    const url = await serve((_request, response) => {
      response.writeHead(307, { location: `${inside}/latest/meta-data` }).end();
    });
    const { series, error } = await observePrometheus(optionsOf(url));
    expect([series.length, error]).toEqual([
      0,
      'Prometheus answered 307: a redirect is not followed',
    ]);
    expect(reached).toBe(0);
  });

  test('may answer as much as its caller says, and no more', async () => {
    const url = await serve((_request, response) => void response.end(' '.repeat(2_000_000)));
    const { error } = await observePrometheus(optionsOf(url, { maxMiB: 1 }));
    expect(error).toBe('the answer of Prometheus is longer than 1 MiB');
  });

  test('is asked once for every expression, and the answers are joined', async () => {
    const asked: Record<string, string>[] = [];
    const url = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      asked.push({ pathname, ...Object.fromEntries(searchParams) });
      expect(request.headers.authorization).toBe('Bearer t');
      const values =
        searchParams.get('query') === 'avg(step)'
          ? [
              [10, '5'],
              [12, '7'],
            ]
          : [[12, '1.5']];
      const data = { resultType: 'matrix', result: [{ metric: {}, values }] };
      response.end(JSON.stringify({ status: 'success', data }));
    });
    const headers = { authorization: 'Bearer t' };
    const { series, window_s, error } = await observePrometheus(
      optionsOf(`${url}/prom/`, { headers }),
    );
    expect(error).toBeUndefined();
    expect([...series.values('latency_ms')]).toEqual([5, 7]);
    expect(series.value('loss', 1)).toBe(1.5);
    expect(window_s).toBe(2);
    const common = { pathname: '/prom/api/v1/query_range', start: '10', end: '12', step: '1' };
    expect(asked.toSorted((a, b) => String(a.query).localeCompare(String(b.query)))).toEqual([
      { ...common, query: 'avg(step)' },
      { ...common, query: 'loss{a="b"}' },
    ]);
  });

  test.each([
    [400, '{"status":"error","error":"parse error"}', "it says 'parse error'"],
    [502, '<html>', 'Prometheus answered 502 without JSON'],
    [200, '{"status":"success"}', "type 'matrix'"],
  ])('that answers %i %s gives no samples and says why', async (status, body, why) => {
    const url = await serve((_, response) => {
      response.writeHead(status).end(body);
    });
    const { series, error } = await observePrometheus(optionsOf(url));
    expect(series.length).toBe(0);
    expect(error).toContain(why);
  });

  test('is not waited for when another query has failed', async () => {
    let closed: Promise<unknown> | undefined;
    let fail: (() => void) | undefined;
    const failWhenBothAsk = () => closed && fail?.();
    const url = await serve((request, response) => {
      if (request.url?.includes('avg')) closed = once(response, 'close');
      else fail = () => response.writeHead(500).end('no');
      failWhenBothAsk();
    });
    const { error } = await observePrometheus(optionsOf(url, { timeoutMs: 600_000 }));
    expect(error).toBe('Prometheus answered 500 without JSON');
    expect(closed).toBeDefined();
    await closed;
  });

  test('that does not answer is given up after the timeout', async () => {
    const url = await serve(() => undefined);
    const { series, error } = await observePrometheus(optionsOf(url, { timeoutMs: 50 }));
    expect(series.length).toBe(0);
    expect(error).toBe(`no answer from Prometheus at ${new URL(url).host} within 50 ms`);
  });

  test('that is not there is a value too', async () => {
    const url = await serve(() => undefined);
    const server = servers.pop() as Server;
    server.close();
    await once(server, 'close');
    const { error } = await observePrometheus(optionsOf(url));
    expect(error).toBe(`cannot reach Prometheus at ${new URL(url).host}: ECONNREFUSED`);
  });

  test.each(['', 'prometheus:9090', 'file:///etc/passwd', 'http://user:secret@host'])(
    'has no address like %j',
    async (url) => {
      const error = await observePrometheus(optionsOf(url)).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'metrics_unreachable' });
      expect((error as Error).message).not.toContain('secret');
    },
  );
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { EVENT_TYPES, SECRET_HEADER, busApi, type Event } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEventRelay, type EventRelay } from './event-relay.ts';
import { openJournal, type Journal } from './journal.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };
const SECRET = 'the secret of this start';

let folder: string;
let journal: Journal;
let relay: EventRelay | undefined;
let server: Server;
/** Each request as the bus got it; a listener is called after every one. */
let requests: number[][];
let answer: (numbers: number[]) => number;
let arrived: () => void;

const port = (): number => (server.address() as AddressInfo).port;
const numbersOf = (events: readonly Event[]): number[] => events.map((one) => Number(one.data.n));

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { events } = busApi.ops.publishEvents.input.parse(JSON.parse(text));
  const right = request.url === '/bus/events' && request.headers[SECRET_HEADER] === SECRET;
  const numbers = numbersOf(events);
  response.writeHead(right ? answer(numbers) : 401).end('{}');
  requests.push(numbers);
  arrived();
};

/** Resolves once what the bus got satisfies this. */
const until = (holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    arrived = () => {
      if (holds()) resolve();
    };
    arrived();
  });
const drained = async (): Promise<void> => {
  while (journal.health().unpublished > 0) await new Promise((next) => setImmediate(next));
};
const open = () => openJournal({ path: join(folder, 'journal.jsonl'), log });
const start = (): EventRelay =>
  (relay = createEventRelay({ journal, log, secret: SECRET, busPort: port }));
const append = (n: number): void =>
  journal.append({ events: [{ type: EVENT_TYPES.incident, data: { n } }] });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-relay-'));
  journal = await open();
  requests = [];
  answer = () => 200;
  arrived = () => {};
  server = createServer((request, response) => void serve(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  await relay?.stop();
  await journal.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

test('hands events to the bus in their order, each until it was acknowledged and then no more', async () => {
  start();
  for (let n = 1; n <= 250; n += 1) append(n);
  await until(() => requests.flat().length >= 250);
  await drained();
  expect(requests.flat()).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  await relay!.stop();
  await journal.close();
  journal = await open();
  expect(journal.health().unpublished).toBe(0);
});

test('a bus that is away or failing delays events and loses none', async () => {
  let failures = 3;
  answer = () => ((failures -= 1) >= 0 ? 503 : 200);
  start();
  append(1);
  append(2);
  await until(() => requests.length >= 4);
  await drained();
  expect(new Set(requests.flat())).toEqual(new Set([1, 2]));
  expect(requests.at(-1)).toEqual(expect.arrayContaining([2]));
});

test('what a guardian could not publish is published by the next one, with the same ids', async () => {
  append(1);
  append(2);
  await journal.flush();
  const ids = journal.unpublished(10, 1e6).map((one) => one.event.id);
  await journal.close();
  journal = await open();
  expect(journal.unpublished(10, 1e6).map((one) => one.event.id)).toEqual(ids);
  start();
  await until(() => requests.flat().length >= 2);
  await drained();
  expect(requests.flat()).toEqual([1, 2]);
});

test('an event that the bus refuses for good holds up no other', async () => {
  answer = (numbers) => (numbers.includes(2) ? 409 : 200);
  for (const n of [1, 2, 3]) append(n);
  await journal.flush();
  start();
  await drained();
  expect(requests).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect(journal.state.totals.droppedEvents).toBe(1);
});

test('stops while the bus does not answer', async () => {
  let asked = (): void => {};
  const reached = new Promise<void>((resolve) => (asked = resolve));
  server.removeAllListeners('request');
  server.on('request', () => asked());
  start();
  append(1);
  await reached;
  await relay!.stop();
  expect(journal.health().unpublished).toBe(1);
});

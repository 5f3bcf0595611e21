import type { BusEvent, Event } from '@holdfast/contracts';
import { EVENT_TYPES } from '@holdfast/contracts';
import { textPassages } from '../files/file-document.ts';
import { documentId, sha256 } from '../library/document-id.ts';
import { cleanText, type NewDocument } from '../library/document.ts';

/** What is worth finding later: outages, restarts, changes, drift, updates and the kill switch. */
export const INDEXED_EVENTS = Object.values(EVENT_TYPES).filter(
  (type) =>
    type === EVENT_TYPES.incident ||
    type === EVENT_TYPES.dependencyDrift ||
    type === EVENT_TYPES.criticalKernelDown ||
    /^(guardian|kernel\.restart|change|infrastructure\.update|governance\.kill_switch)\./.test(
      type,
    ),
);

const MAX_TEXT = 20_000;
const MAX_DEPTH = 6;
const MAX_TITLE = 300;

function* linesOf(name: string, value: unknown, depth: number): Generator<string> {
  if (value === null || value === undefined || value === '') return;
  if (typeof value !== 'object' || depth > MAX_DEPTH) {
    yield `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
    return;
  }
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    if (value.length > 0) yield `${name}: ${value.join(', ')}`;
    return;
  }
  for (const [key, inner] of Object.entries(value))
    yield* linesOf(name === '' ? key : `${name}.${key}`, inner, depth + 1);
}

/** One line for each fact, so that a person can read it and a word can be found in it. */
const textOf = (event: Event): string => {
  const head = {
    type: event.type,
    subject: event.subject,
    time: event.time,
    actor: event.actor,
    correlation: event.correlationid,
  };
  return cleanText([...linesOf('', head, 0), ...linesOf('', event.data, 0)].join('\n')).slice(
    0,
    MAX_TEXT,
  );
};

const word = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('_', ' ') : '';

/** The incident in an event's data, whether it is the data or a part of it. */
const incidentOf = (event: Event): Record<string, unknown> | undefined => {
  if (event.type !== EVENT_TYPES.incident) return undefined;
  const inner = event.data['incident'];
  const incident =
    typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : event.data;
  return typeof incident['incident_id'] === 'string' ? incident : undefined;
};

const common = (event: Event, position: number) => {
  const text = textOf(event);
  return {
    origin: 'bus' as const,
    source: `event:${event.id}`,
    sha256: sha256(text),
    bytes: Buffer.byteLength(text),
    mtime_us: 0,
    position,
    passages: textPassages(text, 'event'),
  };
};

/**
 * An event as a document. All events of one incident are one document, of which the newest is kept: it has the id of the
 * incident, and the source of its newest event.
 */
export const eventDocument = ({ event, seq }: BusEvent): NewDocument => {
  const incident = incidentOf(event);
  if (!incident)
    return {
      id: documentId(`event:${event.id}`),
      kind: 'event',
      title: cleanText(`${event.type} ${event.subject ?? ''}`.trim()).slice(0, MAX_TITLE),
      url: `/api/log/proof/${encodeURIComponent(event.id)}`,
      ...common(event, seq),
    };
  const component = typeof incident['component'] === 'string' ? incident['component'] : 'unknown';
  const title = `Incident: ${component}, ${word(incident['failure_mode'])} (${word(incident['status'])})`;
  return {
    id: documentId(`incident:${String(incident['incident_id'])}`),
    kind: 'incident',
    title: cleanText(title).slice(0, MAX_TITLE),
    url: `/guardian/incidents?component=${encodeURIComponent(component)}`,
    ...common(event, seq),
  };
};

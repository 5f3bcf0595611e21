import { taskResultSchema, agentTaskSchema } from '@holdfast/contracts';
import * as z from 'zod';

/** One line of the journal. `start_time` names, with the pid, one process for good: see the SDK's process identity. */
export const journalLineSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('task'), id: z.string(), at_ms: z.number(), task: agentTaskSchema }),
  z.object({
    t: z.literal('spawn'),
    id: z.string(),
    pid: z.number().int(),
    start_time: z.string(),
  }),
  z.object({ t: z.literal('result'), id: z.string(), result: taskResultSchema }),
  z.object({ t: z.literal('acked'), id: z.string() }),
]);
export type JournalLine = z.infer<typeof journalLineSchema>;
export type SpawnLine = Extract<JournalLine, { t: 'spawn' }>;

const parseLine = (text: string): JournalLine | undefined => {
  try {
    const result = journalLineSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Reads a journal. A last line without its line feed was never acknowledged to anybody and is dropped; `damaged`
 * counts other lines that cannot be read.
 */
export const parseJournal = (text: string): { lines: JournalLine[]; damaged: number } => {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const texts = whole.split('\n').filter((line) => line !== '');
  const lines = texts.flatMap((line) => parseLine(line) ?? []);
  return { lines, damaged: texts.length - lines.length };
};

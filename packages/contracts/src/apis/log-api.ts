import * as z from 'zod';
import { defineApi, listOf, op, pageInput, streamOp } from '../api.ts';
import { eventSchema } from '../records/event.ts';
import {
  checkpointSchema,
  inclusionProofSchema,
  ledgerEntrySchema,
  logVerificationSchema,
  receiptSchema,
} from '../records/ledger.ts';

/** The ledger: append-only, Merkle hashed (RFC 9162), with signed checkpoints (C2SP). */
export const logApi = defineApi({
  kernel: 'immutable_log',
  ops: {
    appendEntries: op({
      method: 'POST',
      path: '/log/entries',
      summary:
        'Appends events in order; answers after they are durable; an id that is there already keeps its place',
      input: z.object({ events: z.array(eventSchema).min(1).max(1000) }),
      output: z.object({
        receipts: z.array(receiptSchema),
        size: z.number().int(),
        /** The signed checkpoint that covers the receipts, for whoever wants to be a witness. */
        note: z.string(),
      }),
      risk: 'change',
      role: 'internal',
      errors: ['entry_conflict', 'entry_too_large', 'store_unavailable'],
      maxBodyBytes: 32 * 1024 * 1024,
    }),
    listEntries: op({
      method: 'GET',
      path: '/api/log/entries',
      summary: 'Ledger entries; newest first unless order=asc',
      input: z.object({
        ...pageInput,
        order: z.enum(['asc', 'desc']).default('desc'),
        type: z.string().max(200).optional(),
        actor: z.string().max(200).optional(),
        subject: z.string().max(500).optional(),
        correlation: z.string().max(200).optional(),
      }),
      output: listOf(ledgerEntrySchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    getCheckpoint: op({
      method: 'GET',
      path: '/api/log/checkpoint',
      summary: 'The newest signed checkpoint',
      input: z.object({}),
      output: checkpointSchema,
      risk: 'read',
      role: 'viewer',
    }),
    getProof: op({
      method: 'GET',
      path: '/api/log/proof/{id}',
      summary: 'An inclusion proof for an entry (event id, or entry index as a decimal number)',
      input: z.object({ id: z.string().min(1).max(200) }),
      output: inclusionProofSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['entry_not_found'],
    }),
    getConsistency: op({
      method: 'GET',
      path: '/api/log/consistency',
      summary: 'A proof that the tree of size `to` extends the tree of size `from`',
      input: z.object({
        from: z.coerce.number().int().min(0),
        to: z.coerce.number().int().min(0).optional(),
      }),
      output: z.object({
        from: z.number().int(),
        to: z.number().int(),
        hashes: z.array(z.string()),
        checkpoint: checkpointSchema,
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['entry_not_found'],
    }),
    exportLog: streamOp({
      method: 'GET',
      path: '/api/log/export',
      summary:
        'The whole ledger as NDJSON: a header with the checkpoint, then one {index, body} a line',
      input: z.object({}),
      output: z.record(z.string(), z.unknown()),
      risk: 'read',
      role: 'viewer',
      stream: 'ndjson',
    }),
    verifyLog: op({
      method: 'GET',
      path: '/api/log/verify',
      summary:
        'Recomputes the whole tree from the stored entries and compares it with every signed checkpoint',
      input: z.object({}),
      output: logVerificationSchema,
      answerMs: 180_000,
      risk: 'read',
      role: 'viewer',
    }),
  },
});

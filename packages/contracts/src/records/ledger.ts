import * as z from 'zod';
import { eventSchema } from './event.ts';

/** An entry of the ledger: the event, its position, and the hash of its leaf (hex). */
export const ledgerEntrySchema = z.object({
  index: z.number().int(),
  id: z.string(),
  leaf_hash: z.string(),
  event: eventSchema,
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** A signed tree head. `note` is the C2SP signed note; `key` the verifier key to check it with. */
export const checkpointSchema = z.object({
  origin: z.string(),
  size: z.number().int(),
  root: z.string(),
  note: z.string(),
  key: z.string(),
});
export type LedgerCheckpoint = z.infer<typeof checkpointSchema>;

/** Everything needed to check, without a server, that one entry is in the ledger. `body` is the exact leaf input. */
export const inclusionProofSchema = z.object({
  format: z.literal('holdfast.inclusion-proof.v1'),
  id: z.string(),
  index: z.number().int(),
  body: z.string(),
  hashes: z.array(z.string()),
  checkpoint: checkpointSchema,
});
export type InclusionProofFile = z.infer<typeof inclusionProofSchema>;

/** The answer of a whole-ledger check. `problems` say what is wrong and where (`range` excludes its end). */
export const logVerificationSchema = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  root: z.string(),
  /** The newest signed checkpoint, to be kept as a witness. */
  note: z.string().optional(),
  problems: z.array(
    z.object({
      kind: z.string(),
      index: z.number().int().optional(),
      range: z.object({ start: z.number().int(), end: z.number().int() }).optional(),
      message: z.string(),
    }),
  ),
});
export type LogVerification = z.infer<typeof logVerificationSchema>;

/** A receipt: said only after the entry is durable. */
export const receiptSchema = z.object({
  id: z.string(),
  index: z.number().int(),
  leaf_hash: z.string(),
  duplicate: z.boolean(),
});

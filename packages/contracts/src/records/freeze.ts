import * as z from 'zod';

/** What a freeze holds: `host:<id>`, `kind:<kind>`, `kernel:<owner>`, `target:<key>` or `author:<principal>`. */
export const freezeScopeSchema = z
  .string()
  .min(3)
  .max(400)
  .regex(/^(host|kind|kernel|target|author):[\x21-\x7e][\x20-\x7e]*$/);

export const scopedFreezeSchema = z.object({
  scope: freezeScopeSchema,
  reason: z.string(),
  by: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
});
export type ScopedFreeze = z.infer<typeof scopedFreezeSchema>;

/** The kill switch, and what is frozen beside it. */
export const freezeSchema = z.object({
  on: z.boolean(),
  source: z.enum(['environment', 'operator', 'none']),
  reason: z.string(),
  by: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  scopes: z.array(scopedFreezeSchema),
});
export type Freeze = z.infer<typeof freezeSchema>;

/** Whether steps of one change may start now; `code` is a code of the gate. */
export const clearanceSchema = z.object({
  clear: z.boolean(),
  code: z.string().nullable(),
  detail: z.string(),
});
export type Clearance = z.infer<typeof clearanceSchema>;

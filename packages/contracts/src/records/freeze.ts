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

/** What stands after a freeze. `froze` is 0 when the same was frozen already; a scope then has the new reason and end. */
export const frozeSchema = freezeSchema.extend({ froze: z.number().int() });
export type Froze = z.infer<typeof frozeSchema>;

/** What stands after a thaw. `unfroze` is 0 when there was nothing to thaw. */
export const unfrozeSchema = freezeSchema.extend({ unfroze: z.number().int() });
export type Unfroze = z.infer<typeof unfrozeSchema>;

/**
 * How long a clearance lets a step start (ms). A freeze is answered once none is left that was given before it: from then on
 * nothing starts that it holds.
 */
export const CLEARANCE_MS = 250;

/** Whether steps of one change may start now; `code` is a code of the gate. */
export const clearanceSchema = z.object({
  clear: z.boolean(),
  code: z.string().nullable(),
  detail: z.string(),
});
export type Clearance = z.infer<typeof clearanceSchema>;

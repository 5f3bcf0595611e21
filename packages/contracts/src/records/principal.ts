import * as z from 'zod';

/** Human and machine roles, from least to most. `agent` and `kernel` stand apart: they only call what names them. */
export const ROLES = ['viewer', 'operator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

export const principalSchema = z.object({
  id: z.string().min(1).max(200),
  kind: z.enum(['human', 'agent', 'kernel', 'ai']),
  role: z.enum([...ROLES, 'agent', 'kernel']),
  /** What its token is good for, when that is less than its role; see `mayCall`. */
  scopes: z.array(z.string()).optional(),
  /** Id of the token that was sent, never the token. */
  token: z.string().optional(),
});

/** Who is calling. `id` goes into the ledger as the actor. */
export type Principal = z.infer<typeof principalSchema>;

/** Someone on this machine who sent no token, where the profile lets them ask for a heal. */
export const LOCAL_CALLER: Principal = { id: 'local:anonymous', kind: 'human', role: 'operator' };

export const kernelPrincipal = (id: string): Principal => ({
  id: `kernel:${id}`,
  kind: 'kernel',
  role: 'kernel',
});

export const hasRole = (principal: Principal, least: Role): boolean =>
  (ROLES as readonly string[]).indexOf(principal.role) >= ROLES.indexOf(least);

import type { Profile } from '@holdfast/contracts';
import type { KernelContext } from '@holdfast/sdk';
import * as z from 'zod';

/** What may be indexed, and how much of it. */
export const librarianConfig = z.strictObject({
  roots: z.array(z.string()),
  max_file_bytes: z.number().int().positive(),
  max_files: z.number().int().positive(),
});
export type LibrarianConfig = z.infer<typeof librarianConfig>;

export const configFromProfile = (profile: Profile): unknown => profile.librarian;

export type LibrarianContext = KernelContext<LibrarianConfig, Readonly<Record<never, never>>>;

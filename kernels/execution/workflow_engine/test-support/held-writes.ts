import type { Statement } from '@holdfast/store';
import type { AnyKernel } from '@holdfast/testkit';
import { workflowEngine } from '../kernel.ts';

/** What a write of a run puts into its journal. */
export interface Written {
  readonly kind: string;
  readonly step: string | null;
}

const writtenBy = (statements: readonly Statement[]): Written | undefined => {
  const row = statements.find(({ sql }) => sql.startsWith('INSERT INTO journal'))?.params;
  return row && { kind: String(row[3]), step: row[4] as string | null };
};

/** A workflow engine whose runs are written down once a hook has let them; one that throws fails the write. */
export const engineThatWrites = (hold: (written: Written) => unknown): AnyKernel => ({
  ...workflowEngine,
  init: (context) =>
    workflowEngine.init({
      ...context,
      async commit(statements, events) {
        const written = writtenBy(statements);
        if (written) await hold(written);
        return context.commit(statements, events);
      },
    }),
});

import { writeFileSync } from 'node:fs';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

export async function logProve(
  this: CliContext,
  flags: JsonFlag & { out?: string },
  id: string,
): Promise<void> {
  const proof = await openSession(this).log.getProof({ id });
  const file = flags.out ?? `${proof.id}.proof.json`;
  writeFileSync(file, `${JSON.stringify(proof, null, 2)}\n`);
  const { size } = proof.checkpoint;
  print(
    this,
    flags,
    { file, id: proof.id, index: proof.index, size },
    () => `wrote ${file}: entry ${proof.index} of ${size}`,
  );
}

import type { Event, InclusionProofFile } from '@holdfast/contracts';
import {
  createCompactRange,
  createNoteSigner,
  digestToBytes,
  generateSeed,
  hashLeaf,
  proveInclusion,
  signCheckpoint,
  type NoteSigner,
} from '@holdfast/merkle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { provenEvent } from './receipt.ts';

const signer = createNoteSigner({ name: 'ledger-of-this-test', seed: generateSeed() });
const other = createNoteSigner({ name: 'ledger-of-this-test', seed: generateSeed() });

const eventOf = (at: number): Event =>
  ({ id: `evt_${at}`, type: 'change.decided', data: { to: 'approved' } }) as unknown as Event;

/** A proof of the event at `at` in a log of `count`, signed by `by`. */
const proofOf = async (at: number, count: number, by: NoteSigner): Promise<InclusionProofFile> => {
  const nodes = new Map<string, Buffer>();
  const range = createCompactRange({
    onNode: (level, index, digest) => nodes.set(`${level}/${index}`, digestToBytes(digest)),
  });
  const bodies = Array.from({ length: count }, (_, one) => JSON.stringify(eventOf(one)));
  for (const body of bodies) range.append(hashLeaf(body));
  const root = range.root();
  const note = signCheckpoint({ origin: by.name, size: count, root }, [by]);
  const hashes = await proveInclusion(at, count, (level, index) => nodes.get(`${level}/${index}`));
  return {
    format: 'holdfast.inclusion-proof.v1',
    id: `evt_${at}`,
    index: at,
    body: bodies[at]!,
    hashes: hashes.map((hash) => hash.toString('hex')),
    checkpoint: {
      origin: by.name,
      size: count,
      root: root.toString('hex'),
      note,
      key: by.verifierKey,
    },
  };
};

const problemOf = (proof: InclusionProofFile, key = signer.verifierKey): string => {
  const proven = provenEvent(proof, key);
  return proven.event === undefined ? proven.problem : 'none';
};

describe('a receipt of the ledger', () => {
  it('shows the event that is in the log, wherever it is', async () => {
    const positions = fc
      .integer({ min: 1, max: 40 })
      .chain((count) => fc.record({ count: fc.constant(count), at: fc.nat({ max: count - 1 }) }));
    await fc.assert(
      fc.asyncProperty(positions, async ({ count, at }) => {
        const proof = await proofOf(at, count, signer);
        expect(provenEvent(proof, signer.verifierKey).event).toEqual(eventOf(at));
      }),
      { numRuns: 30 },
    );
  });

  it('shows nothing under a checkpoint that another key signed, also one of the same name', async () => {
    expect(problemOf(await proofOf(2, 5, other))).toContain('not signed by the key');
    const claimed = await proofOf(2, 5, other);
    const checkpoint = { ...claimed.checkpoint, key: signer.verifierKey };
    expect(problemOf({ ...claimed, checkpoint })).toContain('not signed by the key');
  });

  it('believes nothing that stands beside the signed text', async () => {
    const proof = await proofOf(2, 5, signer);
    const checkpoint = { ...proof.checkpoint, size: 999, root: '00'.repeat(32), origin: 'else' };
    expect(problemOf({ ...proof, checkpoint })).toBe('none');
  });

  it('shows nothing when one letter of any part is another', async () => {
    const proof = await proofOf(2, 5, signer);
    const { note } = proof.checkpoint;
    const flip = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    // Behind the last blank is the signature; its first bytes name the key.
    const signature = note.lastIndexOf(' ') + 8;
    const notes = [flip(note, note.indexOf('\n') + 3), flip(note, signature), '', 'A\n\n'];
    for (const one of notes)
      expect(problemOf({ ...proof, checkpoint: { ...proof.checkpoint, note: one } })).toContain(
        'not signed by the key',
      );
    const wrong: Partial<InclusionProofFile>[] = [
      { body: proof.body.replace('approved', 'approvee') },
      { index: 3 },
      { index: 5 },
      { index: -1 },
      { hashes: proof.hashes.slice(1) },
      { hashes: [...proof.hashes, '00'.repeat(32)] },
      { hashes: proof.hashes.map(() => 'no hex') },
    ];
    for (const part of wrong)
      expect(problemOf({ ...proof, ...part })).toContain('not under the signed checkpoint');
  });

  it('shows nothing for a key that is none', async () => {
    expect(problemOf(await proofOf(0, 1, signer), 'no key')).toContain('not signed by the key');
  });
});

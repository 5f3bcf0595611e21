import type { Event } from '@holdfast/contracts';
import {
  canonicalize,
  createCompactRange,
  createNoteSigner,
  digestToBytes,
  hashLeaf,
  proveInclusion,
  signCheckpoint,
  type NoteSigner,
} from '@holdfast/merkle';

type Ops = Readonly<Record<string, (input: never) => unknown>>;

/** Makes the signer of such a ledger; the same text makes the same key. */
export const fakeLedgerSigner = (text = 'fake-ledger'): NoteSigner =>
  createNoteSigner({ name: text, seed: Buffer.from(text.padEnd(32, '.').slice(0, 32)) });

/** The Merkle tree over the texts so far. It begins anew when what it was given before is not what there is. */
const createTree = () => {
  let ids: string[] = [];
  let nodes = new Map<string, Buffer>();
  const create = () =>
    createCompactRange({
      onNode: (level, index, digest) => nodes.set(`${level}/${index}`, digestToBytes(digest)),
    });
  let range = create();
  return {
    over(events: readonly Event[]) {
      if (ids.some((id, index) => events[index]?.id !== id)) {
        ids = [];
        nodes = new Map();
        range = create();
      }
      for (const event of events.slice(ids.length)) {
        range.append(hashLeaf(canonicalize(event)));
        ids.push(event.id);
      }
      return range;
    },
    prove: (index: number, size: number) =>
      proveInclusion(index, size, (level, at) => nodes.get(`${level}/${at}`)),
  };
};

/** The double of a ledger that signs at once for every event it is given. `signer` may change between two calls. */
export const createFakeLedger = (
  events: () => readonly Event[],
  signer: () => NoteSigner = () => fakeLedgerSigner(),
): Ops => {
  const tree = createTree();
  return {
    listEntries({ correlation, type }: { correlation?: string; type?: string }) {
      const items = events()
        .map((event, index) => ({ index, id: event.id, leaf_hash: '', event }))
        .filter(({ event }) => correlation === undefined || event.correlationid === correlation)
        .filter(({ event }) => type === undefined || event.type === type);
      return { items, total: items.length, next_cursor: null };
    },
    async getProof({ id }: { id: string }) {
      const all = events();
      const index = all.findIndex((event) => event.id === id);
      const range = tree.over(all);
      const { name: origin, verifierKey: key } = signer();
      const { size } = range;
      const root = range.root();
      const note = signCheckpoint({ origin, size, root }, [signer()]);
      const hashes = await tree.prove(index, size);
      return {
        format: 'holdfast.inclusion-proof.v1',
        id,
        index,
        body: canonicalize(all[index]!),
        hashes: hashes.map((hash) => hash.toString('hex')),
        checkpoint: { origin, size, root: root.toString('hex'), note, key },
      };
    },
  };
};

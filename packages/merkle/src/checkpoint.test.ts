import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
import { flipBit } from './naive-tree.fixture.ts';
import { createNoteSigner, encodeVerifierKey, generateSeed, parseVerifierKey } from './note-key.ts';
import { openNote, parseNote, signNote } from './signed-note.ts';

// The example key and note of Go's sumdb/note package, the origin of the format.
const KNOWN_VERIFIER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const KNOWN_SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(
  1,
);
const KNOWN_TEXT =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n";
const KNOWN_NOTE =
  `${KNOWN_TEXT}\n` +
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

// The example of the tlog-checkpoint specification.
const SPEC_CHECKPOINT =
  'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
  '\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';

const ORIGIN = 'holdfast.example/ledger';
const signer = createNoteSigner({ name: ORIGIN, seed: Buffer.alloc(32, 7) });
const verifier = parseVerifierKey(signer.verifierKey);
const checkpoint: Checkpoint = { origin: ORIGIN, size: 42, root: Buffer.alloc(32, 9) };
const note = signCheckpoint(checkpoint, [signer]);

describe('note keys', () => {
  it('reproduce the known verifier key and signature', () => {
    const known = createNoteSigner({ name: 'PeterNeumann', seed: KNOWN_SEED });
    expect(known.verifierKey).toBe(KNOWN_VERIFIER_KEY);
    expect(known.keyId).toBe(0xc74f20a3);
    expect(signNote(KNOWN_TEXT, [known])).toBe(KNOWN_NOTE);
  });

  it('made from fresh seeds sign what their verifier key verifies', () => {
    const fresh = createNoteSigner({ name: 'a', seed: generateSeed() });
    const text = Buffer.from('x\n');
    const key = parseVerifierKey(fresh.verifierKey);
    expect(key).toMatchObject({ name: 'a', keyId: fresh.keyId });
    expect(key.verify(text, fresh.sign(text))).toBe(true);
    expect(verifier.verify(text, fresh.sign(text))).toBe(false);
  });

  it.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u3000b', 'a\nb', 'a\u0085b', 'a\ud800'])(
    'refuse the name %j',
    (name) => {
      expect(() => createNoteSigner({ name, seed: generateSeed() })).toThrow('read a note key');
      expect(() => encodeVerifierKey(name, Buffer.alloc(32))).toThrow('read a note key');
    },
  );

  it('refuse seeds and public keys that are not 32 bytes', () => {
    expect(() => createNoteSigner({ name: 'a', seed: Buffer.alloc(31) })).toThrow('31 bytes');
    expect(() => encodeVerifierKey('a', Buffer.alloc(33))).toThrow('33 bytes');
  });

  it.each([
    '',
    'PeterNeumann',
    'PeterNeumann+c74f20a3',
    'PeterNeumann+c74f20a3+',
    'PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T',
    'PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n',
  ])('are not read from %j', (text) => {
    expect(() => parseVerifierKey(text)).toThrow('read a note key');
  });
});

describe('signed notes', () => {
  const known = parseVerifierKey(KNOWN_VERIFIER_KEY);

  it('open with a trusted key, from text or bytes', () => {
    expect(openNote(KNOWN_NOTE, [known])).toEqual({ text: KNOWN_TEXT, signedBy: [known] });
    expect(openNote(Buffer.from(KNOWN_NOTE), [verifier, known]).text).toBe(KNOWN_TEXT);
  });

  it('ignore signatures of unknown keys, also ones that share a name or an id', () => {
    const twin = createNoteSigner({ name: ORIGIN, seed: Buffer.alloc(32, 8) });
    const sameId = {
      name: 'elsewhere',
      keyId: signer.keyId,
      verifierKey: '',
      sign: () => Buffer.alloc(64),
    };
    const many = signNote('x\n', [twin, sameId, signer]);
    expect(openNote(many, [verifier]).signedBy).toEqual([verifier]);
    const both = openNote(many, [parseVerifierKey(twin.verifierKey), verifier]);
    expect(both.signedBy).toHaveLength(2);
  });

  it('are refused when no trusted key signed', () => {
    expect(() => openNote(KNOWN_NOTE, [verifier])).toThrow('no trusted key signed it');
    expect(() => openNote(KNOWN_NOTE, [])).toThrow('no trusted key signed it');
  });

  it('are refused when one trusted signature is wrong, whatever the others say', () => {
    const forged = { ...signer, sign: () => Buffer.alloc(64) };
    const other = createNoteSigner({ name: 'witness', seed: Buffer.alloc(32, 1) });
    const bad = signNote('x\n', [other, forged]);
    expect(() => openNote(bad, [parseVerifierKey(other.verifierKey), verifier])).toThrow(
      'is wrong',
    );
  });

  it('keep earlier signatures when another is added', () => {
    const { text, signatures } = parseNote(KNOWN_NOTE);
    const more = signNote(text, [signer], signatures);
    expect(openNote(more, [known, verifier]).signedBy).toEqual([known, verifier]);
  });

  it('keep empty lines of the text', () => {
    const text = 'a\n\n\nb\n';
    expect(openNote(signNote(text, [signer]), [verifier]).text).toBe(text);
  });

  it('of 16 signatures open, of 65 are refused', () => {
    const line = (note.split('\n\n')[1] ?? '').trimEnd();
    const withSignatures = (n: number) =>
      `x\n\n${Array.from({ length: n }, () => line).join('\n')}\n`;
    expect(parseNote(withSignatures(16)).signatures).toHaveLength(16);
    expect(() => parseNote(withSignatures(65))).toThrow('more than 64 signatures');
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['only text', 'x\n'],
    ['no signature line', 'x\n\n'],
    ['no newline at the end', KNOWN_NOTE.slice(0, -1)],
    ['no blank line', KNOWN_NOTE.replace('\n\n', '\n')],
    ['a carriage return', KNOWN_NOTE.replace('\n', '\r\n')],
    ['a tab', KNOWN_NOTE.replace(' ', '\t')],
    ['a hyphen for the dash', KNOWN_NOTE.replace('\u2014', '-')],
    ['two spaces', KNOWN_NOTE.replace('PeterNeumann ', 'PeterNeumann  ')],
    ['a plus in the name', KNOWN_NOTE.replace('PeterNeumann ', 'Peter+Neumann ')],
    ['trailing words', KNOWN_NOTE.replace('=\n', '= x\n')],
    ['unpadded base64', KNOWN_NOTE.replace('=\n', '\n')],
    ['url base64', KNOWN_NOTE.replace('go/Z', 'go_Z')],
    ['a key id without signature', 'x\n\n\u2014 a AAAAAA==\n'],
    ['a lone surrogate', `\ud800${KNOWN_NOTE}`],
    ['invalid UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(KNOWN_NOTE)])],
    ['two mebibytes', 'x'.repeat(2 ** 21) + KNOWN_NOTE],
  ])('are refused with %s', (_, bad) => {
    expect(() => openNote(bad, [known])).toThrow('read or write a note');
  });

  it('cannot be made of text that a note cannot carry', () => {
    for (const text of ['', 'x', 'a\tb\n', 'a\u0000\n', '\udc00\n']) {
      expect(() => signNote(text, [signer])).toThrow('read or write a note');
    }
    expect(() => signNote('x\n', [])).toThrow('got 0 signatures');
  });
});

describe('checkpoints', () => {
  it('are signed and opened', () => {
    const trust = { origin: ORIGIN, verifiers: [verifier] };
    expect(openCheckpoint(note, trust)).toEqual({ ...checkpoint, signedBy: [verifier] });
  });

  it('read as in the example of the specification', () => {
    const read = parseCheckpoint(parseNote(SPEC_CHECKPOINT).text);
    expect(read.origin).toBe('example.com/behind-the-sofa');
    expect(read.size).toBe(20_852_163);
    expect(`${formatCheckpoint(read)}\n`).toBe(SPEC_CHECKPOINT.split('\u2014')[0]);
  });

  it('keep extension lines and any size up to 2^53-1', () => {
    for (const size of [0, 1, Number.MAX_SAFE_INTEGER]) {
      const full = { ...checkpoint, size, extensions: ['one', 'two words'] };
      expect(parseCheckpoint(formatCheckpoint(full))).toEqual(full);
    }
  });

  it('are refused after a change of any byte', () => {
    const bytes = Buffer.from(note);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const bent = flipBit(bytes, bit);
        expect(() => openCheckpoint(bent, { origin: ORIGIN, verifiers: [verifier] })).toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('of another log are refused even when a trusted key signed them', () => {
    const trust = { origin: 'other.example/log', verifiers: [verifier] };
    expect(() => openCheckpoint(note, trust)).toThrow(`it is of log '${ORIGIN}'`);
  });

  it.each([
    ['no size', 'o\n'],
    ['no root', 'o\n1\n'],
    ['an empty origin', `\n1\n${'A'.repeat(43)}=\n`],
    ['a leading zero', `o\n01\n${'A'.repeat(43)}=\n`],
    ['a sign', `o\n+1\n${'A'.repeat(43)}=\n`],
    ['an exponent', `o\n1e3\n${'A'.repeat(43)}=\n`],
    ['a size of 2^53', `o\n9007199254740992\n${'A'.repeat(43)}=\n`],
    ['a size of 30 digits', `o\n${'9'.repeat(30)}\n${'A'.repeat(43)}=\n`],
    ['a short root', 'o\n1\nAAAA\n'],
    ['a root with stray bits', `o\n1\n${'A'.repeat(42)}B=\n`],
    ['an empty extension line', `o\n1\n${'A'.repeat(43)}=\n\nx\n`],
    ['no newline at the end', `o\n1\n${'A'.repeat(43)}=`],
  ])('are not read with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow('read or write a checkpoint');
  });

  it.each<[string, Partial<Checkpoint>]>([
    ['an origin of two lines', { origin: 'a\nb' }],
    ['no origin', { origin: '' }],
    ['a negative size', { size: -1 }],
    ['a root of 31 bytes', { root: Buffer.alloc(31) }],
    ['an empty extension', { extensions: [''] }],
  ])('are not written with %s', (_, change) => {
    expect(() => formatCheckpoint({ ...checkpoint, ...change })).toThrow('a checkpoint');
  });
});

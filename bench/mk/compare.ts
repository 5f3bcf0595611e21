import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, type Figure } from '../lib/report.ts';
import { writeSamples } from './fixture/write-samples.ts';
import { OURS, reference, runOften, type Program, type Ran } from '../lib/mk-program.ts';

/**
 * `mk` against the reference: start-up, a dry run of drift, a look at a million samples, fifty iterations of a watch. The
 * reference runs beside it where MK_REFERENCE names a checkout; else ours are held against figures of it that were
 * measured on two cores (Python 3.11).
 */
const LINES = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-mk-'));
let runs = 0;
const out = (): string => join(folder, `out-${(runs += 1)}`);

interface Case {
  readonly what: string;
  readonly args: () => readonly string[];
  readonly times: number;
  /** Seconds that the reference took on two cores. */
  readonly known: number;
  /** How much of the reference's time ours may take. */
  readonly share: number;
  /** MiB that it may have at its peak; 120 unless told. */
  readonly memory?: number;
}

const samples = join(folder, 'samples.jsonl');

const CASES: readonly Case[] = [
  { what: 'start-up (--version)', args: () => ['--version'], times: 15, known: 0.07, share: 1.2 },
  {
    what: 'dry run of drift',
    args: () => ['closed-loop', 'run', '--scenario', 'drift', '--dry-run', '--out', out()],
    times: 15,
    known: 0.08,
    share: 1,
  },
  {
    what: `observe of ${LINES.toLocaleString('en')} lines`,
    args: () => ['observe', '--source', 'file', '--path', samples, '--out', out()],
    times: 3,
    known: 9.26,
    share: 0.2,
  },
  {
    what: `roi mk074 of ${LINES.toLocaleString('en')} lines`,
    args: () => [
      ...['roi', 'mk074', '--observe-source', 'file', '--observe-path', samples],
      ...['--out', out()],
    ],
    times: 1,
    // 0.92 s were measured for a hundredth of the lines.
    known: 92,
    share: 0.1,
    memory: 150,
  },
  {
    what: 'watch, 50 iterations',
    args: () => [
      ...['closed-loop', 'watch', '--scenario', 'drift', '--dry-run', '--interval', '0s'],
      ...['--max-iterations', '50', '--out', out()],
    ],
    times: 5,
    known: 0.49,
    share: 1,
  },
];

const sizeOf = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

const mustEnd = ({ code }: Ran, { name }: Program, what: string): void => {
  if (code !== 0) throw new Error(`${what}: ${name} ended with ${code}`);
};

try {
  await writeSamples(samples, LINES);
  const peer = reference();
  if (peer === undefined) console.log('reference: not here (MK_REFERENCE names no checkout)');
  for (const one of CASES) {
    const ours = await runOften(OURS, one.args, one.times);
    mustEnd(ours, OURS, one.what);
    const disk = one.what.startsWith('watch') ? sizeOf(join(folder, `out-${runs}`)) / 1024 : 0;
    const theirs = peer && (await runOften(peer, one.args, one.times));
    if (peer && theirs) mustEnd(theirs, peer, one.what);
    const base = theirs?.seconds ?? one.known;
    const figures: Figure[] = [
      { what: 'mk', value: ours.seconds * 1000, unit: 'ms' },
      {
        what: 'mk, peak memory',
        value: ours.peakMb,
        unit: 'MiB',
        goal: { atMost: one.memory ?? 120 },
      },
      ...(disk > 0 ? [{ what: 'mk, left on disk', value: disk, unit: 'kB' }] : []),
      { what: theirs ? 'reference' : 'reference, as known', value: base * 1000, unit: 'ms' },
      ...(theirs ? [{ what: 'reference, peak memory', value: theirs.peakMb, unit: 'MiB' }] : []),
      {
        what: 'mk against the reference',
        value: ours.seconds / base,
        unit: 'x',
        goal: { atMost: one.share },
      },
    ];
    report(one.what, figures);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
  },
});
const number = (name: 'faults' | 'seed' | 'minutes'): number => {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number`);
  return value;
};

const faults = number('faults');
const seed = number('seed');
const replay = `node tests/campaign/run.mjs --faults ${faults} --seed ${seed}`;
console.log(replay);
const result = await runCampaign({
  faults,
  seed,
  minutes: values.minutes === undefined ? undefined : number('minutes'),
  say: (line) => console.log(line),
});
console.log(['', ...result.lines].join('\n'));
for (const problem of result.problems) console.error(`PROBLEM ${problem}`);
if (result.problems.length > 0) {
  console.error(`${result.problems.length} problems; again: ${replay}`);
  process.exitCode = 1;
} else console.log(`${result.struck} faults, no problem`);

// Figures as a table, and ours against what was asked for.
const NONE = '-';
const round = (value, digits = 0) =>
  value === undefined
    ? NONE
    : value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** Nearest rank; undefined of nothing. */
export const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];

/** All kills of a result, over its rounds. */
const allKills = ({ kills }) => {
  const sum = (key) => kills.reduce((total, one) => total + one[key], 0);
  const times = kills.flatMap((one) => one.times);
  return { times, refused: sum('refused'), broken: sum('broken'), lost: sum('lost') };
};

const total = (memory) => memory.reduce((sum, { mb }) => sum + mb, 0);

const row = (result) => {
  const { name, starts, memory, hangs, theft, crash } = result;
  const kills = allKills(result);
  const hang =
    hangs.unnoticed > 0
      ? `no${hangs.times.length > 0 ? ` (after ${hangs.times.length} times yes)` : ''}`
      : `yes, ${round(quantile(hangs.times, 0.5))} / ${round(Math.max(...hangs.times))}`;
  const healed = theft.healedMs === undefined ? 'not healed' : `healed in ${round(theft.healedMs)}`;
  return [
    name,
    round(quantile(starts, 0.5)),
    round(total(memory), 1),
    `${round(quantile(kills.times, 0.5), 1)} / ${round(quantile(kills.times, 0.99), 1)}`,
    `${round(kills.refused)} (${kills.times.length + kills.lost})${kills.lost > 0 ? `, ${kills.lost} not back` : ''}`,
    round(kills.broken),
    hang,
    `${theft.stolen ? 'stolen' : 'cannot'}, ${healed}, ${round(theft.cpu, 1)} s CPU`,
    `${crash.starts} starts, ${round(crash.cpu, 2)} + ${round(crash.startsCpu, 2)} s CPU`,
  ];
};

const HEAD = [
  'supervisor',
  'start 20 (ms)',
  'daemon PSS (MB)',
  'kill -9 to healthy p50 / p99 (ms)',
  'refused (kills)',
  'broken',
  'SIGSTOP noticed, p50 / most (ms)',
  'port theft',
  'crash loop, 20 s: supervisor + starts',
];

export const printTable = (results) => {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log(line(HEAD));
  console.log(line(HEAD.map(() => '---')));
  for (const result of results) console.log(line(row(result)));
};

/** What makes up the memory of each supervisor. */
export const printMemory = (results) => {
  for (const { name, memory } of results) {
    const parts = memory.map(
      ({ program, count, mb }) => `${count > 1 ? `${count} ` : ''}${program} ${round(mb, 1)}`,
    );
    console.log(`memory of ${name}: ${parts.join(', ')} MB PSS`);
  }
};

const verdict = (what, value, asked, holds) =>
  console.log(
    `${value === undefined ? 'NOT MEASURED' : holds ? 'PASS' : 'MISS'}  ${what}: ${value ?? NONE} (goal ${asked})`,
  );

/** Ours against the goals; `crowd` is the memory of our supervisor over 25 children. */
export const printVerdicts = (results, crowd) => {
  const ours = results.find(({ name }) => name === 'Holdfast');
  const pm2 = results.find(({ name }) => name === 'PM2');
  if (ours === undefined) return;
  const { hangs } = ours;
  const kills = allKills(ours);
  const p50 = quantile(kills.times, 0.5);
  const p99 = quantile(kills.times, 0.99);
  const ratio = pm2 && p50 !== undefined && p50 / quantile(allKills(pm2).times, 0.5);
  const refused = kills.refused + kills.lost;
  const worst = hangs.unnoticed > 0 ? Infinity : Math.max(...hangs.times);
  const guardian = crowd?.find(({ program }) => program === 'guardian')?.mb;
  verdict('refused connections', refused, '0', refused === 0);
  verdict('p50 to PM2', ratio && round(ratio, 2), 'at most 0.2', ratio <= 0.2);
  verdict('p99 in ms', p99 && round(p99, 1), 'under 60', p99 < 60);
  verdict('SIGSTOP healed, most, in ms', round(worst), 'under 3,000', worst < 3_000);
  verdict(
    'guardian over 25 children in MB PSS',
    guardian && round(guardian, 1),
    'at most 45',
    guardian <= 45,
  );
  if (crowd !== undefined) {
    const all = crowd.map(({ program, mb }) => `${program} ${round(mb, 1)}`).join(', ');
    console.log(`      with what belongs to it: ${all}; together ${round(total(crowd), 1)} MB`);
  }
};

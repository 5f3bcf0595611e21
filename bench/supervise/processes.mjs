// What Linux tells about processes: proc(5). A process is its pid with its start time.
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const TICKS_PER_SECOND = 100;
const POLL_MS = 50;

const readText = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** Undefined when there is no such process, or only a dead one that nobody collected. */
const look = (pid) => {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20 || 'ZX'.includes(fields[0])) return undefined;
  const seconds = (index) => Number(fields[index]) / TICKS_PER_SECOND;
  return {
    pid,
    parent: Number(fields[1]),
    start: fields[19],
    cpu: seconds(11) + seconds(12),
    childrenCpu: seconds(13) + seconds(14),
  };
};

const commandOf = (pid) => readText(`/proc/${pid}/cmdline`).split('\0');

const everyPid = () =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);

/**
 * The processes of one instance, parents before their children: the roots, all that descends from them, and those whose
 * command line names the instance's own folder.
 */
export const family = (roots, folder) => {
  const all = everyPid().flatMap((pid) => look(pid) ?? []);
  const found = all.filter(
    ({ pid }) => roots.includes(pid) || commandOf(pid).some((word) => word.includes(folder)),
  );
  const known = new Set(found.map(({ pid }) => pid));
  for (let at = 0; at < found.length; at += 1)
    for (const one of all)
      if (one.parent === found[at].pid && !known.has(one.pid)) {
        known.add(one.pid);
        found.push(one);
      }
  const depth = new Map();
  const depthOf = ({ pid, parent }) => {
    if (!depth.has(pid)) {
      const above = found.find((one) => one.pid === parent);
      depth.set(pid, above === undefined ? 0 : depthOf(above) + 1);
    }
    return depth.get(pid);
  };
  return found.sort((a, b) => depthOf(a) - depthOf(b));
};

/** Proportional set size in MB. */
export const pssMb = (pid) =>
  Number(/^Pss:\s+(\d+)/m.exec(readText(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;

/** CPU seconds of those that still run: their own, and those of children that they collected. */
export const cpuOf = (members) => {
  const sum = { own: 0, children: 0 };
  for (const member of members) {
    const now = look(member.pid);
    if (now?.start !== member.start) continue;
    sum.own += now.cpu;
    sum.children += now.childrenCpu;
  }
  return sum;
};

/** The program of a process by the name of its file: the script where an interpreter runs one. */
export const programName = (pid) => {
  const words = commandOf(pid);
  const script = words.slice(1).find((word) => /\.m?js$/.test(word));
  return basename(script ?? words[0]?.split(' ')[0] ?? '').replace(/\.m?js$/, '');
};

const isAlive = (member) => look(member.pid)?.start === member.start;

/** Waits for processes to leave; ends those that did not, in the given order. Answers how many had to be ended. */
export const endAll = async (members, graceMs) => {
  const until = performance.now() + graceMs;
  while (members.some(isAlive) && performance.now() < until) await delay(POLL_MS);
  const left = members.filter(isAlive);
  for (const member of left) process.kill(member.pid, 'SIGKILL');
  return left.length;
};

import type { Incident, LogVerification } from '@holdfast/contracts';
import { createSeeded } from '../harness/seeded.ts';
import { SHIPPED_KERNELS } from '../harness/shipped-kernels.ts';
import { createStack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { startCallers } from './callers.ts';
import { createCampaignWorld, type CampaignWorld } from './campaign-world.ts';
import { FAULTS } from './faults.ts';
import { createFigures, type Figures } from './figures.ts';
import { prepareMachine } from './machine.ts';
import {
  FAULT_KINDS,
  describeFault,
  planFaults,
  type FaultKind,
  type PlannedFault,
} from './plan.ts';
import { startWriters } from './writers.ts';

export interface CampaignOptions {
  readonly faults: number;
  readonly seed: number;
  /** Ends earlier when this time is over. */
  readonly minutes?: number;
  readonly say: (line: string) => void;
}

export interface CampaignResult {
  readonly struck: number;
  readonly problems: readonly string[];
  /** Kinds of faults that this machine cannot have, with the reason. */
  readonly impossible: Partial<Record<FaultKind, string>>;
  readonly lines: readonly string[];
}

const SAY_EVERY = 25;

const strike = async (
  world: CampaignWorld,
  fault: PlannedFault,
  figures: Figures,
): Promise<void> => {
  const began = performance.now();
  try {
    const withstood = await FAULTS[fault.kind](world, fault);
    if (withstood === undefined) figures.healed(fault.kind, performance.now() - began);
    else figures.withstood(fault.kind, withstood);
  } catch (error) {
    world.problems.push(`${describeFault(fault)}: ${(error as Error).message}`);
  }
};

/** A fault and those that overlap with it, one after the other but not waiting for each other. */
const groups = (planned: readonly PlannedFault[]): PlannedFault[][] => {
  const found: PlannedFault[][] = [];
  for (const fault of planned) {
    if (fault.overlaps) found.at(-1)!.push(fault);
    else found.push([fault]);
  }
  return found;
};

const wrongIncidents = (incidents: readonly Incident[]): string[] => {
  const ids = incidents.map((one) => one.incident_id);
  const found = ids.length === new Set(ids).size ? [] : ['an incident is there twice'];
  for (const { incident_id, component, detected_at, resolved_at, mttr_seconds } of incidents) {
    const ms = resolved_at === null ? undefined : Date.parse(resolved_at) - Date.parse(detected_at);
    if (ms === undefined) found.push(`incident ${incident_id} of ${component} was never resolved`);
    else if (ms <= 0)
      found.push(`incident ${incident_id} of ${component} was resolved ${-ms} ms before it began`);
    else if (Math.abs(ms / 1_000 - (mttr_seconds ?? 0)) > 0.002)
      found.push(
        `incident ${incident_id} of ${component}: ${mttr_seconds} s to repair, not ${ms} ms`,
      );
  }
  return found;
};

export const runCampaign = async (options: CampaignOptions): Promise<CampaignResult> => {
  const { faults, seed, say } = options;
  const machine = prepareMachine();
  const kinds = FAULT_KINDS.filter((kind) => machine.impossible[kind] === undefined);
  const planned = planFaults({
    faults,
    kinds,
    kernels: SHIPPED_KERNELS,
    random: createSeeded(seed),
  });
  const stack = await createStack({ home: machine.home, env: machine.env });
  const world = createCampaignWorld(stack, machine);
  const figures = createFigures();
  const { problems } = world;
  const deadline = performance.now() + (options.minutes ?? Infinity) * 60_000;
  try {
    const up = await stack.up();
    if (up.code !== 0) throw new Error(`up: ${up.stderr}`);
    await until('this host', () => stack.infrastructure.getHost({ id: 'local' }));
    await stack.governance.freeze({ reason: 'campaign' });
    await world.whole();
    const callers = startCallers(stack, SHIPPED_KERNELS);
    const writers = startWriters(stack);
    let said = 0;
    let told = 0;
    try {
      for (const group of groups(planned)) {
        if (performance.now() > deadline) break;
        const running: Promise<void>[] = [];
        for (const fault of group) {
          await new Promise((resolve) => setTimeout(resolve, fault.pauseMs));
          running.push(strike(world, fault, figures));
        }
        await Promise.all(running);
        await world.whole();
        for (; told < problems.length; told += 1) say(`PROBLEM ${problems[told]}`);
        if (figures.total() >= said + SAY_EVERY) {
          said = figures.total();
          say(`${said} faults, ${writers.acknowledged()} writes, ${problems.length} problems`);
        }
      }
    } catch (error) {
      problems.push(`after ${figures.total()} faults: ${(error as Error).message}`);
    }
    await writers.stop();
    const load = await callers.load.stop();
    if (load.refused > 0) problems.push(`${load.refused} connections were refused`);
    if (load.silent > 0) problems.push(`${load.silent} calls got no answer`);
    if (load.wrong > 0) problems.push(`${load.wrong} answers were wrong`);
    if (load.refused + load.silent + load.wrong > 0)
      problems.push(...load.told.filter((line) => !line.startsWith('reset')));
    problems.push(...(await writers.lost()));
    for (const name of SHIPPED_KERNELS)
      problems.push(...wrongIncidents(await world.incidents(name)));
    const verified = (await stack.cli('log', 'verify', '--json')).json<LogVerification>();
    if (!verified.ok) problems.push(`the ledger is damaged: ${JSON.stringify(verified.problems)}`);
    const statuses = [...callers.statuses].map(([status, count]) => `${status}: ${count}`);
    return {
      struck: figures.total(),
      problems,
      impossible: machine.impossible,
      lines: [
        ...figures.lines(),
        ...Object.entries(machine.impossible).map(([kind, why]) => `${kind}: not here: ${why}`),
        `${load.answered} calls answered (${statuses.join(', ')}), ${load.connected} bare connections`,
        `${load.refused} refused, ${load.reset} broken off by a killed process, ${load.silent} without an answer`,
        `${writers.acknowledged()} writes acknowledged, ${verified.entries} ledger entries verified`,
      ],
    };
  } finally {
    await stack.destroy().catch(() => {});
    machine.release();
  }
};

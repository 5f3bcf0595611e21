import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { HoldfastError, type ActiveConfig, type Profile } from '@holdfast/contracts';
import { layOver, loadProfile } from '@holdfast/sdk/profile';

const SHIPPED = fileURLToPath(new URL('../../../../../config/profiles', import.meta.url));

interface Wanted {
  readonly profile: string;
  readonly overrides: Record<string, unknown>;
}

const revisionOf = ({ profile, overrides }: Wanted): string =>
  createHash('sha256')
    .update(JSON.stringify([profile, overrides]))
    .digest('hex');

const without = (overrides: Wanted['overrides'], keys: readonly string[]): Wanted['overrides'] =>
  Object.fromEntries(Object.entries(overrides).filter(([key]) => !keys.includes(key)));

/** A guardian over the shipped profiles, with a knob for each of its moods. */
export const createFakeGuardian = async (profile = 'user') => {
  const load = async (wanted: Wanted): Promise<Profile> => {
    const laid = layOver(await loadProfile(SHIPPED, wanted.profile), wanted.overrides);
    if (laid.ok) return laid.profile;
    const { key, detail } = laid.problems[0]!.details as Record<string, string>;
    throw new HoldfastError('config_patch_invalid', { detail: `${key}: ${detail}`, path: key });
  };
  const plain = { profile, overrides: {} };
  let active: ActiveConfig = { ...plain, revision: revisionOf(plain), change: null };
  const knobs = {
    /** So many questions pass before what was put is in force. */
    slowness: 0,
    fails: false,
    away: false,
    unhealthy: 0,
    puts: 0,
    /** What another profile than that of the settings in force does not take: everything else is carried over. */
    drops: [] as string[],
  };
  let left = 0;
  const answering = (): void => {
    if (knobs.away) throw new HoldfastError('kernel_unavailable', { kernel: 'guardian' });
  };
  const row = (name: string, status: string) => ({ name, status });
  return {
    knobs,
    get active() {
      return active;
    },
    /** Somebody starts the stack with another profile. */
    restart(wanted: Wanted): void {
      active = { ...wanted, revision: revisionOf(wanted), change: null };
    },
    ops: {
      async getActiveConfig() {
        answering();
        return { active, effective: await load(active), settled: left === 0 };
      },
      async checkConfig({ carry_over, ...asked }: Wanted & { carry_over?: boolean }) {
        answering();
        const dropped = carry_over === true ? knobs.drops : [];
        const overrides = without(asked.overrides, dropped);
        const effective = await load({ ...asked, overrides });
        const revision = revisionOf({ profile: effective.name, overrides });
        return { revision, effective, overrides, dropped };
      },
      async putConfig(wanted: Wanted & { change: string; expected_revision: string }) {
        answering();
        const { name } = await load(wanted);
        const { overrides, change, expected_revision } = wanted;
        const revision = revisionOf({ profile: name, overrides });
        if (active.revision !== expected_revision && active.revision !== revision)
          throw new HoldfastError('plan_stale', { expected_revision, revision: active.revision });
        if (revision !== active.revision || change !== active.change) {
          active = { profile: name, overrides, revision, change };
          knobs.puts += 1;
          left = knobs.slowness;
        } else left = Math.max(0, left - 1);
        if (knobs.fails)
          throw new HoldfastError('reload_failed', { component: 'gateway', detail: 'it died' });
        return { active, settled: left === 0, replaced: ['gateway'] };
      },
      async getGuardianStatus() {
        answering();
        const ill = Array.from({ length: knobs.unhealthy }, (_, n) => row(`ill-${n}`, 'failed'));
        return {
          kernels: [row('governance', 'healthy'), ...ill],
          processes: [row('agent', 'idle')],
        };
      },
    },
  };
};

export type FakeGuardian = Awaited<ReturnType<typeof createFakeGuardian>>;

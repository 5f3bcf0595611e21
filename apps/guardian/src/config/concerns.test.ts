import { profileSchema } from '@holdfast/contracts';
import { testProfile } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { concernOf, settingsOf } from './concerns.ts';

const keysOf = (schema: object, path: string): string[] => {
  const { shape } = schema as { readonly shape?: Readonly<Record<string, object>> };
  if (shape === undefined) return [path];
  return Object.entries(shape).flatMap(([key, inner]) =>
    keysOf(inner, path === '' ? key : `${path}.${key}`),
  );
};

describe('whom a setting concerns', () => {
  it('is said for every key of a profile: what concerns everything does so on purpose', () => {
    const keys = keysOf(profileSchema, '');
    expect(keys.length).toBeGreaterThan(30);
    const all = keys.filter((key) => concernOf(key) === 'everything');
    expect(all).toEqual(['name', 'inherits', 'kernels']);
  });

  it('is everything for a key that nobody has heard of', () => {
    expect(concernOf('unheard.of')).toBe('everything');
  });
});

describe('the name of the settings of a process', () => {
  const before = testProfile();
  const changed = (after: ReturnType<typeof testProfile>) =>
    (['message_bus', 'infrastructure_manager', 'governance', 'workflow_engine'] as const)
      .map((name) => [name, settingsOf(name, before) !== settingsOf(name, after)] as const)
      .concat(
        (['gateway', 'gateway-2', 'agent', 'guardian'] as never[]).map(
          (name) => [name, settingsOf(name, before) !== settingsOf(name, after)] as const,
        ),
      )
      .flatMap(([name, is]) => (is ? [name] : []));

  it('changes for the gateways alone with the rate limit', () => {
    const after = testProfile({ limits: { rate_limit_rps: 51 } });
    expect(changed(after)).toEqual(['gateway', 'gateway-2']);
  });

  it('changes for those who look at hosts with an interval', () => {
    const after = testProfile({ infrastructure: { scan_interval_s: 1 } });
    expect(changed(after)).toEqual(['infrastructure_manager', 'agent']);
    const health = testProfile({ infrastructure: { health_interval_s: 1 } });
    expect(settingsOf('policy_engine', health)).not.toBe(settingsOf('policy_engine', before));
  });

  it('changes for every process but the guardian with the log level', () => {
    expect(changed(testProfile({ logging: { level: 'debug' } }))).not.toContain('guardian');
    expect(changed(testProfile({ logging: { level: 'debug' } }))).toHaveLength(7);
  });

  it('changes for the guardian alone with its own numbers', () => {
    const after = testProfile({ guardian: { failure_threshold: 9 } });
    expect(changed(after)).toEqual(['guardian']);
    expect(changed(testProfile({ limits: { log_retention_days: 9 } }))).toEqual(['guardian']);
  });

  it('changes for everything with the profile', () => {
    expect(changed(testProfile({ name: 'pro' }))).toHaveLength(8);
  });

  it('does not depend on the order of keys', () => {
    const { name, ...rest } = before;
    expect(settingsOf('gateway', { ...rest, name })).toBe(settingsOf('gateway', before));
  });
});

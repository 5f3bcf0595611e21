import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weakeningAttempt, type WeakeningSource } from './weakening-attempt.ts';

const config = (patch: unknown): string | undefined => weakeningAttempt('config', patch);
const policy = (text: string): string | undefined => weakeningAttempt('policy', text);
const root = new URL('../../../../config/', import.meta.url);

const shipped = (folder: string): [string, string][] => {
  const at = new URL(`${folder}/`, root);
  if (!existsSync(at)) return [];
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => [name, readFileSync(`${parentPath}/${name}`, 'utf8')]);
};

describe('an attempt to weaken the hard rules', () => {
  it('is seen in settings, and says which rule', () => {
    expect(config({ patch: { tripwires: { enabled: false } } })).toBe(
      'the settings would weaken the tripwires (patch.tripwires); nothing reaches them',
    );
    expect(config({ guardian: { kill_switch: 'off' } })).toContain('tripwire T4');
    expect(config({ tripwires: { T7: 'off' } })).toContain('the tripwires');
    expect(config({ gate: { disabled_rules: ['T9'] } })).toContain('tripwire T9');
    expect(config({ require_consent: false })).toContain('tripwire T3');
    expect(config({ gate: { except: ['packages_outside_an_isolated_environment'] } })).toContain(
      'tripwire T10',
    );
    expect(config({ config: { allow: ['tripwires.*'] } })).toContain('the tripwires');
  });

  const SPELLINGS = [
    'tripwires',
    'TripWires',
    'TRIP-WIRES',
    'trip wires',
    't.r.i.p.w.i.r.e.s',
    '\uff54\uff52\uff49\uff50\uff57\uff49\uff52\uff45\uff53',
    'tr\u0456pwires',
    '\u0442\u0433\u0456\u0440w\u0456r\u0435\u0455',
    'trip\u200bwires',
    'trip\u00adwires',
    'tri\u0301pwires',
    'trip\u{e0041}wires',
    '\u{1d42d}\u{1d42b}\u{1d422}\u{1d429}wires',
    'tr\u13a5pwires',
    '\\u0074ripwires',
    '\\\\u0074ripwires',
    '\\x74ripwires',
    '\\u{74}ripwires',
    '%74ripwires',
    '%2574ripwires',
    '&#x74;ripwires',
    '&#116;ripwires',
    'trip\\\n  wires',
  ];

  it.each(SPELLINGS)('is seen as %j, as key, as value, in lists and nested', (spelling) => {
    const patches: unknown[] = [
      { [spelling]: null },
      { gate: { [spelling]: { level: 'soft' } } },
      { [`gate.${spelling}.T4`]: false },
      { config: { allow: ['limits.*', `${spelling}.*`] } },
      [[[{ a: [{ b: spelling }] }]]],
      { a: JSON.stringify({ b: JSON.stringify({ [spelling]: 0 }) }) },
      JSON.parse(`{"__proto__": {${JSON.stringify(spelling)}: 1}}`),
      { constructor: { prototype: { [spelling]: 1 } } },
    ];
    for (const patch of patches) expect(config(patch), JSON.stringify(patch)).toBeDefined();
    for (const what of ['config', 'profile', 'vote', 'token'] as const)
      expect(weakeningAttempt(what, `x: { ${spelling}: off }`)).toBeDefined();
  });

  it('is seen at any depth, and what is too deep to be looked through is one', () => {
    const under = (levels: number, end: unknown): unknown =>
      levels === 0 ? end : { a: under(levels - 1, end) };
    fc.assert(
      fc.property(fc.nat(300), (levels) => {
        expect(config(under(levels, { tripwires: 1 }))).toBeDefined();
      }),
    );
    expect(config(under(300, 'harmless'))).toContain('deeper than');
    expect(config(under(10, 'harmless'))).toBeUndefined();
  });

  it('is seen wherever it is put into something harmless', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (harmless, name) => {
        expect(config({ ...harmless, [name]: [harmless, { Tripwires: 0 }] })).toBeDefined();
      }),
    );
  });

  it('is seen in the text of a profile', () => {
    const profile = (yaml: string): string | undefined => weakeningAttempt('profile', yaml);
    expect(profile('name: x\ngate:\n  "\\x74ripwires": []\n')).toContain('the tripwires');
    expect(profile('gate: { kill_switch: false }\n')).toContain('tripwire T4');
    expect(profile('updates:\n  require_consent: never\n')).toContain('tripwire T3');
    expect(profile('rules:\n  T11: off\n')).toContain('tripwire T11');
    expect(profile('? "trip\\\n  wires"\n: off\n')).toBeDefined();
    expect(profile('# tripwires are not settings\nname: x\n')).toBeUndefined();
  });

  it('is seen in a policy that permits by naming them, not in one that forbids more', () => {
    const seen = [
      'permit(principal, action, resource) when { context.tripwires == [] };',
      'permit(principal, action == Action::"release \\u{74}ripwire", resource);',
      'permit(principal, action, resource); permit(principal, action, resource) when { context.x == "T\\"ripwire" };',
      '// harmless\npermit(principal, action, resource) // ;\nunless { context.killSwitch };',
      'permit(principal, action, resource) when { "//" != context.tripwire };',
      '@disables("tripwire T4") forbid(principal, action, resource);',
      '@id("skip-the-hard-rules") permit(principal, action, resource);',
      'permit(principal == Role::"x", action, resource) when { context["trip\\\nwire"] }',
    ];
    for (const text of seen) expect(policy(text), text).toBeDefined();
    expect(policy(seen[5]!)).toContain('tripwire T4');
    const harmless = [
      '// the tripwires run before this\npermit(principal, action, resource);',
      'forbid(principal, action, resource) when { context.tripwires != [] };',
      '@id("owner-may") permit(principal, action, resource) when { context.kind == "config" };',
      '@id("a;b") permit(principal, action, resource);',
      '',
    ];
    for (const text of harmless) expect(policy(text), text).toBeUndefined();
    expect(weakeningAttempt('policy', [{ name: 'x.cedar', text: seen[0] }])).toBeDefined();
    expect(weakeningAttempt('policy', [{ name: 'x.cedar', text: harmless[0] }])).toBeUndefined();
  });

  it('is seen in a vote and in the scopes of a token', () => {
    expect(weakeningAttempt('vote', { class: 'covenant', suspend: 'T12' })).toBeDefined();
    expect(weakeningAttempt('vote', { class: 'tripwire', k: 1 })).toBeDefined();
    expect(weakeningAttempt('vote', { class: 'covenant', voters: ['bob'], k: 3 })).toBeUndefined();
    const token = (scopes: unknown): string | undefined => weakeningAttempt('token', scopes);
    expect(token(['read', 'tripwires:*'])).toContain('the token would weaken the tripwires');
    expect(token(['op:disableTripwire'])).toBeDefined();
    expect(token('op:setKillSwitchOff')).toContain('tripwire T4');
    expect(token(['*', 'governance:*', 'op:getTripwires', 'op:releaseTripwireCase'])).toBe(
      undefined,
    );
  });

  it('is none in the profiles and policies that are shipped', () => {
    const profiles = shipped('profiles');
    expect(profiles.length).toBeGreaterThan(3);
    for (const [name, text] of profiles)
      expect(weakeningAttempt('profile', text), name).toBe(undefined);
    for (const [name, text] of shipped('policies')) expect(policy(text), name).toBe(undefined);
  });

  it('is none in words that only look like it from afar', () => {
    const names = [
      'orchard rules',
      'strip_wires',
      'round trip',
      'stop_timeout_ms',
      'T1 line',
      'on',
    ];
    for (const name of names) {
      // A strip of wires is the one price of seeing through separators.
      const isPrice = name === 'strip_wires';
      expect(config({ [name]: name }) !== undefined, name).toBe(isPrice);
    }
    expect(config({ limits: { rate_limit_rps: 5 }, logging: { level: 'debug' } })).toBeUndefined();
    expect(
      config({ note: '\u6587\u5b57\u5217\u306f\u554f\u984c\u3042\u308a\u307e\u305b\u3093' }),
    ).toBe(undefined);
  });

  it('answers every text and value, always the same', () => {
    const sources: WeakeningSource[] = ['config', 'profile', 'policy', 'vote', 'token'];
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        (what, subject) => {
          expect(weakeningAttempt(what, subject)).toBe(weakeningAttempt(what, subject));
        },
      ),
    );
  });
});

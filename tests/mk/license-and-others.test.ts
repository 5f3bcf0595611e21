import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMkWorld, withLicence, type MkWorld } from './support/mk-world.ts';

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

describe('mk license', () => {
  it('mints a licence that verifies with its own ring', async () => {
    const licensed = await withLicence(world);
    const { code } = await world.mk('license verify --out v', licensed);
    expect(code).toBe(0);
    expect(world.read('v/license_verify_latest.json')).toMatchObject({
      schema_version: 'license_verify.v0',
      license_ok: true,
      reason: 'ok',
      reason_code: 'ok',
      entitlements: ['apply', 'observe', 'paid'],
    });
  });

  it('believes nobody without a ring', async () => {
    await withLicence(world);
    const { code, stderr } = await world.mk('license verify --license license_dev.json --out v');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: license_invalid: public_keys_unavailable .*\n$/);
    expect(world.read('v/license_verify_latest.json')).toMatchObject({
      license_ok: false,
      failure_code: 'public_keys_unavailable',
    });
  });

  it('makes a key, signs with it, and verifies', async () => {
    await world.mk('license keygen --kid k1 --out-priv k1.priv --out-keyring ring.json');
    expect(statSync(world.path('k1.priv')).mode & 0o777).toBe(0o600);
    expect(statSync(world.path('k1.priv')).size).toBe(32);
    const { code } = await world.mk(
      'license issue --kid k1 --org me --expires 2090-01-01T00:00:00Z --entitlements apply,observe --out l.json --priv k1.priv',
    );
    expect(code).toBe(0);
    const verified = await world.mk(
      'license verify --license l.json --root-public-keys ring.json --out v',
    );
    expect(verified.code).toBe(0);
  });
});

describe('mk chords validate', () => {
  it('takes the catalog that ships', async () => {
    const file = new URL('../../packages/tuning/src/chords/catalog_v1.json', import.meta.url);
    const { code, stdout } = await world.mk(
      `chords validate --catalog ${fileURLToPath(file)} --out c`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok: 9 chords\n' });
    expect(world.read('c/chords_validate_latest.json')).toMatchObject({ ok: true, errors: [] });
  });

  it('counts the chords of a catalog, and names each id once', async () => {
    const chord = { id: 'A', intent: 'i', risk_tier: 'safe' };
    const lists = { required_signals: [], invariants: [], knobs_touched: [] };
    const chords = [
      { ...chord, ...lists },
      { ...chord, ...lists },
    ];
    world.write('catalog.json', { schema_version: 'chord_catalog.v1', chords });
    expect((await world.mk('chords validate --catalog catalog.json --out c')).code).toBe(2);
    expect(world.read('c/chords_validate_latest.json')).toMatchObject({
      chord_count: 2,
      chord_ids: ['A'],
      errors: ["chords[1]: duplicate chord id 'A'"],
    });
  });

  it('lists what is wrong with a catalog, and ends with 2', async () => {
    world.write('catalog.json', { schema_version: 'chord_catalog.v1', chords: [{ id: 'A' }] });
    const { code, stderr } = await world.mk('chords validate --catalog catalog.json --out c');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: invalid chord catalog: .*\n$/);
    expect(world.read('c/chords_validate_latest.json')).toMatchObject({
      schema_version: 'chords_validate.v0',
      ok: false,
    });
  });
});

describe('mk doctor', () => {
  it('passes where kubectl and a kubeconfig are there', async () => {
    world.write('kubeconfig', 'apiVersion: v1\n');
    const { code, stdout } = await world.mk('doctor', { KUBECONFIG: world.path('kubeconfig') });
    expect(code).toBe(0);
    expect(stdout.match(/^PASS /gm)).toHaveLength(2);
  });

  it('fails with 2 where they are not', async () => {
    const { code, stdout } = await world.mk('doctor', {
      KUBECTL: '/nowhere',
      KUBECONFIG: '/nowhere',
    });
    expect(code).toBe(2);
    expect(stdout.match(/^FAIL /gm)).toHaveLength(2);
  });
});

describe('mk passport', () => {
  it('ships seven templates, each of which validates', async () => {
    const { stdout } = await world.mk('passport templates');
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names).toEqual(['comm', 'cost', 'io', 'perf', 'pilot', 'recovery', 'safe']);
    for (const name of names) {
      const shown = await world.mk(`passport show --template ${name}`);
      world.write('passport.json', shown.stdout);
      expect((await world.mk('passport validate --file passport.json')).code).toBe(0);
    }
  });

  it('writes a passport that proposes only, and a report without knobs', async () => {
    const { code } = await world.mk('passport observe-max --scenario drift --duration 60s --out p');
    expect(code).toBe(0);
    expect(world.read('p/passport_latest.json')).toMatchObject({
      allowed_actuators: { hot: [], cold: [] },
    });
    expect(world.read('p/observe_max_latest.json')).toMatchObject({ proposals: ['P1', 'P2'] });
    expect(world.text('p/observe_max_latest.json')).not.toContain('grad_accum');
  });
});

describe('mk fleet', () => {
  it('lists each context once, in the order given', async () => {
    await world.mk('fleet inventory --contexts kind-other,kind-test --context kind-test --out f');
    const report = world.read('f/inventory_latest.json');
    expect(report).toMatchObject({
      schema: 'inventory.v0',
      contexts: [{ context: 'kind-other' }, { context: 'kind-test' }],
    });
  });

  it('plans who would get a policy, and changes nothing', async () => {
    await world.mk('fleet policy --policy safe --out f');
    expect(world.read('f/policy_propagation_latest.json')).toMatchObject({
      schema: 'policy_propagation.v0',
      desired_policy: {
        policy_ref: 'safe',
        version_short: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
      contexts: [
        {
          context: 'kind-test',
          deployments: [{ name: 'trainer', current_policy_ref: null, change_required: true }],
        },
      ],
    });
    expect(world.calls().flat()).not.toContain('patch');
  });
});

describe('mk eval', () => {
  it('says what the loop would propose for a file', async () => {
    world.write(
      'samples.jsonl',
      Array.from(
        { length: 40 },
        (_, i) => `{"ts":${i + 1},"step_time_ms":100,"loss":${1 + i / 10}}\n`,
      ).join(''),
    );
    const { code } = await world.mk('eval file --path samples.jsonl --out e');
    expect(code).toBe(0);
    expect(world.read('e/eval_latest.json')).toMatchObject({
      schema_version: 'eval.v0',
      signals: { drift: true },
      proposed: [{ knob: 'grad_accum_steps' }, { knob: 'microbatch_size' }],
    });
  });
});

describe('mk export bundle', () => {
  it('packs a folder to the same bytes each time, with checksums that hold', async () => {
    await world.mk('closed-loop run --out report', { KUBECTL: '' });
    await world.mk('export bundle --in report --out a.tar');
    await world.mk('export bundle --in report --out b.tar');
    expect(readFileSync(world.path('a.tar')).equals(readFileSync(world.path('b.tar')))).toBe(true);
    mkdirSync(world.path('unpacked'));
    execFileSync('tar', ['-xf', world.path('a.tar'), '-C', world.path('unpacked')]);
    const said = execFileSync('sh', [world.path('unpacked/bundle/verify.sh')], {
      encoding: 'utf8',
    });
    expect(said).toContain('k8s_plan.json: OK');
  });

  it('refuses a folder in which there is nothing', async () => {
    const { code, stderr } = await world.mk('export bundle --in nowhere --out a.tar');
    expect(code).toBe(2);
    expect(stderr).toBe('ERROR: nowhere: no such file or directory\n');
  });
});

describe('mk demo', () => {
  it('runs one dry pass without a cluster', async () => {
    expect((await world.mk('demo run --out d')).code).toBe(0);
    expect(world.read('d/closed_loop_latest.json')).toMatchObject({ proposed_actions_count: 2 });
    expect(world.calls()).toEqual([]);
  });

  it('goes through an incident, its recovery and the relock', async () => {
    const { stdout } = await world.mk('demo mk068 --out d');
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '1 calm: nothing',
      '2 drift: grad_accum_steps, microbatch_size',
      '3 drift and straggler: grad_accum_steps, microbatch_size, dataloader_num_workers, timeout_ms',
      '4 cleared: __recover__',
      '5 stable: nothing',
      '6 stable again: __relock__',
    ]);
    expect(world.lines('d/decision_trace_latest.jsonl')).toHaveLength(6);
  });
});

describe('mk quickstart', () => {
  it('runs every step, on the cluster too where that is asked for, and changes nothing', async () => {
    const before = world.world();
    const { code, stdout } = await world.mk('quickstart --cluster --out q');
    expect(stdout.match(/^ok {3}\w+/gm)).toHaveLength(7);
    expect(world.read('q/roi/roi_latest.json')).toMatchObject({ preflight_ok: true });
    expect(code).toBe(0);
    expect(world.files('.')).toContain('q.tar');
    expect(world.world()).toEqual(before);
  });

  it('says 1 and which step failed', async () => {
    const { code, stdout } = await world.mk('quickstart --cluster --out q', {
      KUBECTL: '/nowhere',
    });
    expect(code).toBe(1);
    expect(stdout).toContain('FAIL preflight');
  });
});

describe('mk replay', () => {
  it('goes through a recording window by window with the policy that is named', async () => {
    const line = (ts: number) => `{"ts":${ts},"step_time_ms":${ts === 130 ? 900 : 100},"loss":1}\n`;
    world.write('samples.jsonl', Array.from({ length: 180 }, (_, i) => line(i + 1)).join(''));
    await world.mk('replay --path samples.jsonl --policy scalar --out r');
    expect(world.read('r/replay_latest.json')).toMatchObject({
      schema_version: 'replay.v0',
      policy: 'scalar',
      window_count: 3,
      incident_windows: 1,
      actions_by_knob: { concurrency: 1 },
    });
  });
});

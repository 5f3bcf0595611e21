import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';

const SCRIPTS = [
  'bin/mk-mint-dev-license',
  'bin/mk-demo-safety-gates',
  'bin/mk-demo-k8s-drift',
  'bin/mk-demo-sales',
  'scripts/kind-bootstrap.sh',
  'scripts/dev-shell.sh',
  'scripts/e2e-smoke-kind.sh',
  'scripts/e2e-apply-kind.sh',
] as const;

/** What the scripts themselves run, besides what each of them needs and names. */
const BASICS = [
  'bash',
  'cat',
  'chmod',
  'cp',
  'dirname',
  'grep',
  'mkdir',
  'rm',
  'sed',
  'sort',
  'tail',
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mk-demo-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A PATH with the basics, this node, and stubs: name to shell script. */
const pathWith = (stubs: Record<string, string> = {}): string => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of BASICS) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .find((candidate) => existsSync(join(candidate, name)));
    symlinkSync(join(found!, name), join(bin, name));
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const [name, script] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
};

/** Runs a script of the repository in the test's folder, with nothing set for mk. */
const run = (script: string, args: readonly string[], env: Record<string, string> = {}) => {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(MODEKEEPER_|KUBE|DEV_SHELL_)/.test(name),
  );
  return runProgram(join(ROOT, script), args, {
    cwd: folder,
    env: { ...Object.fromEntries(clean), ...env },
  });
};

describe.each(SCRIPTS)('%s', (script) => {
  test('refuses an argument that it does not know, and shows those it knows', async () => {
    const { code, stdout, stderr } = await run(script, ['--frobnicate']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[\w-]+: unknown argument '--frobnicate'\nusage: \S+.*\n$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('shows its usage when asked', async () => {
    const name = new RegExp(`^usage: ${script.replace('.', '\\.')} .*\n$`);
    expect(await run(script, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(name),
      stderr: '',
    });
  });
});

describe('what a script needs', () => {
  test.each([
    ['bin/mk-demo-k8s-drift', {}, 'not on PATH: kubectl (reaches the cluster)'],
    ['bin/mk-demo-sales', {}, 'not on PATH: kubectl (reaches the cluster)'],
    [
      'scripts/kind-bootstrap.sh',
      {},
      'not on PATH: docker (kind needs it), kind (makes the cluster), kubectl (reaches the cluster)',
    ],
    [
      'scripts/kind-bootstrap.sh',
      { docker: 'exit 1', kind: '', kubectl: '' },
      'the docker daemon does not answer: kind needs it',
    ],
    [
      'scripts/e2e-smoke-kind.sh',
      { kubectl: '' },
      'not on PATH: docker (kind needs it), kind (makes the cluster)',
    ],
    ['scripts/e2e-apply-kind.sh', { kubectl: '' }, 'not on PATH: helm (installs the trainer)'],
    [
      'bin/mk-demo-k8s-drift',
      { kubectl: 'exit 1' },
      'no cluster answers for namespace default: kubectl get namespace default fails',
    ],
  ])('%s with %j names it in one line', async (script, stubs, line) => {
    const { code, stdout, stderr } = await run(script, [], { PATH: pathWith(stubs) });
    const name = script.replace(/^.*\//, '').replace('.sh', '');
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${name}: ${line}\n` });
    expect(readdirSync(folder)).toEqual(['bin']);
  });

  test.each(['bin/mk-demo-k8s-drift', 'bin/mk-demo-sales', 'scripts/e2e-apply-kind.sh'])(
    '%s does not turn off a kill switch that somebody has set',
    async (script) => {
      const PATH = pathWith(
        Object.fromEntries(
          ['docker', 'helm', 'kind', 'kubectl'].map((name) => [name, `: > '${folder}/${name}'`]),
        ),
      );
      const { code, stderr } = await run(script, [], { PATH, MODEKEEPER_KILL_SWITCH: '1' });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^[\w-]+: MODEKEEPER_KILL_SWITCH is on: .*\n$/);
      expect(readdirSync(folder)).not.toContain('kubectl');
    },
  );

  test.each([
    [['--namespace', 'a; reboot'], "--namespace is 'a; reboot', expected a Kubernetes name"],
    [['--namespace'], '--namespace needs a value'],
    [['--out', ''], '--out needs a value'],
  ])('mk-demo-k8s-drift refuses %j', async (args, line) => {
    const { code, stderr } = await run('bin/mk-demo-k8s-drift', args);
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(`mk-demo-k8s-drift: ${line}`);
  });
});

describe('mk-demo-safety-gates', () => {
  test('shows all four refusals, whatever was set for mk, and asks the cluster to change nothing', async () => {
    const touched = join(folder, 'kubectl-was-called');
    const { code, stdout } = await run('bin/mk-demo-safety-gates', ['--out', 'out'], {
      PATH: pathWith({ kubectl: `: > '${touched}'` }),
      KUBECTL: 'kubectl',
      MODEKEEPER_KILL_SWITCH: '1',
      MODEKEEPER_PAID: '1',
      MODEKEEPER_INTERNAL_OVERRIDE: '1',
      MODEKEEPER_LICENSE_PATH: join(folder, 'none.json'),
    });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'PASS A: licence file that is not there -> license_invalid (rc=2)',
      'PASS B: licence of a kid that the key ring lacks -> license_invalid (rc=2)',
      'PASS C: verify report that says no -> verify_failed (rc=2)',
      'PASS D: kill switch -> kill_switch (rc=2)',
    ]);
    expect(code).toBe(0);
    expect(existsSync(touched)).toBe(false);
    expect(readFileSync(join(folder, 'out/setup/no-cluster.calls'), 'utf8')).not.toContain('patch');
    expect(readdirSync(join(folder, 'out'))).toEqual(
      expect.arrayContaining(['case_a', 'case_b', 'case_c', 'case_d']),
    );
    expect(readFileSync(join(folder, 'out/case_d/stderr.log'), 'utf8')).toBe(
      'ERROR: MODEKEEPER_KILL_SWITCH=1 blocks apply/mutate operations\n',
    );
  });

  test('leaves no licence and no private key behind', async () => {
    expect((await run('bin/mk-demo-safety-gates', ['--out', 'out'])).code).toBe(0);
    const setup = readdirSync(join(folder, 'out/setup'));
    expect(setup.filter((name) => /license_dev\.json|\.key$/.test(name))).toEqual([]);
  });
});

test('mk-mint-dev-license makes a licence that mk accepts', async () => {
  expect((await run('bin/mk-mint-dev-license', [])).code).toBe(0);
  const verified = await run('bin/mk', ['license', 'verify', '--license', './license_dev.json'], {
    MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: './license_dev_public_keys.json',
  });
  expect(verified.code).toBe(0);
});

describe('dev-shell.sh', () => {
  test('runs a command that finds mk, with the help of mk before it unless it is to be quiet', async () => {
    const loud = await run('scripts/dev-shell.sh', ['mk', '--version']);
    expect(loud).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mk \d/) });
    expect(loud.stderr).not.toBe('');
    const quiet = await run('scripts/dev-shell.sh', ['mk', '--version'], { DEV_SHELL_QUIET: '1' });
    expect(quiet).toMatchObject({ code: 0, stdout: loud.stdout, stderr: '' });
  });

  test('sourced, it adds the folder of mk to PATH once and leaves the shell as it is', async () => {
    const script = join(ROOT, 'scripts/dev-shell.sh');
    const body = `. '${script}'; . '${script}'; echo "$PATH"; false; echo still here`;
    const { stdout } = await runProgram('bash', ['-c', body], {
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, DEV_SHELL_QUIET: '1' },
    });
    const [path, still] = stdout.split('\n');
    expect(path!.split(':').filter((entry) => entry === join(ROOT, 'bin'))).toHaveLength(1);
    expect(still).toBe('still here');
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMkWorld, withLicence, type MkWorld } from './support/mk-world.ts';

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

const unpack = (archive: string): void => {
  mkdirSync(world.path('unpacked'));
  execFileSync('tar', ['-xf', world.path(archive), '-C', world.path('unpacked')]);
};

const allFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('mk export handoff-pack', () => {
  it('packs what is known, with words about it, to the same bytes each time', async () => {
    await world.mk('closed-loop run --out report', { KUBECTL: '' });
    world.write('report/raw.jsonl', '{"ts":1}\n');
    world.write('report/license.json', { signature: 'x' });
    const { code } = await world.mk('export handoff-pack --in report --out a.tar');
    await world.mk('export handoff-pack --in report --out b.tar');
    expect(code).toBe(0);
    expect(readFileSync(world.path('a.tar')).equals(readFileSync(world.path('b.tar')))).toBe(true);
    unpack('a.tar');
    const names = allFiles(world.path('unpacked')).map((path) => path.split('/').at(-1));
    expect(names).toEqual(
      expect.arrayContaining(['k8s_plan.json', 'README.md', 'SHA256SUMS', 'verify.sh']),
    );
    expect(names).not.toContain('raw.jsonl');
    expect(names).not.toContain('license.json');
    const said = execFileSync('sh', [world.path('unpacked/handoff/verify.sh')], {
      encoding: 'utf8',
    });
    expect(said).toContain('artifacts/k8s_plan.json: OK');
    expect(world.text('unpacked/handoff/README.md')).toContain('`k8s_plan.json`: the plan;');
  });

  it('refuses a folder in which there is nothing to hand over', async () => {
    mkdirSync(world.path('empty'));
    const { code, stderr } = await world.mk('export handoff-pack --in empty --out a.tar');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ERROR: empty: there is nothing to hand over\n',
    });
  });
});

describe('mk support-bundle', () => {
  const SECRETS = {
    REGISTRY_TOKEN: 'hunter2hunter2',
    DATABASE_PASSWORD: 'correct "horse" battery',
    CLOUD_ACCESS_KEY: 'abcdefgh12345678',
  };

  it('holds reports and logs, and nothing secret of environment, licence, key or cluster', async () => {
    const licensed = await withLicence(world);
    await world.mk('license keygen --kid k --out-priv report_k.priv --out-keyring ring.json');
    world.change((state) => {
      state.answers = [
        {
          args: ['config', 'current-context'],
          rc: 1,
          stderr: `error: https://me:${SECRETS.REGISTRY_TOKEN}@host said ${SECRETS.DATABASE_PASSWORD}; Authorization: Bearer abcdef.ghijkl-123\n`,
        },
      ];
    });
    await world.mk('closed-loop run --apply --out report', licensed);
    world.write('report/token_latest.json', { value: SECRETS.CLOUD_ACCESS_KEY });
    world.write('report/license.json', world.text('license_dev.json'));
    world.write('report/raw.jsonl', `{"note":"${SECRETS.CLOUD_ACCESS_KEY}"}\n`);
    world.write('report/eval_latest.json', { [SECRETS.CLOUD_ACCESS_KEY]: { apiKey: 'short' } });
    const { code } = await world.mk('support-bundle --in report --out s.tar', {
      ...licensed,
      ...SECRETS,
    });
    expect(code).toBe(0);
    unpack('s.tar');
    const files = allFiles(world.path('unpacked'));
    const names = files.map((path) => path.split('/').at(-1));
    expect(names).toEqual(
      expect.arrayContaining(['machine.json', 'explain.jsonl', 'k8s_verify_latest.json']),
    );
    for (const name of ['token_latest.json', 'license.json', 'raw.jsonl', 'license_dev.json'])
      expect(names).not.toContain(name);
    const everything = readFileSync(world.path('s.tar'), 'utf8');
    expect(everything).toContain('[redacted]');
    const licence = world.read('license_dev.json');
    const words = [
      ...Object.values(SECRETS),
      'horse',
      'abcdef.ghijkl-123',
      'short',
      String(licence['signature']),
      world.text('license_dev_public_keys.json').match(/[\w+/]{43}=/)![0],
    ];
    for (const word of words) expect(everything).not.toContain(word);
    expect(world.read('unpacked/support/machine.json')).toMatchObject({
      schema_version: 'support_bundle.v0',
      variables_set: ['KUBECTL', 'MODEKEEPER_LICENSE_PATH', 'MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH'],
    });
  });

  it('is made where no report is, too', async () => {
    expect((await world.mk('support-bundle --out s.tar')).code).toBe(0);
    unpack('s.tar');
    expect(allFiles(world.path('unpacked/support'))).toHaveLength(3);
  });
});

interface Rule {
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

describe('mk install k8s-runner', () => {
  const INSTALL = 'install k8s-runner --image mk:1.0 --k8s-namespace train --out r';
  const read = <T>(name: string): T => parse(world.text(`r/${name}`)) as T;
  const rules = (): Rule[] => read<{ rules: Rule[] }>('role.yaml').rules;

  it('writes a runner that can only look, and calls no cluster', async () => {
    const { code } = await world.mk(INSTALL);
    expect(code).toBe(0);
    expect(world.calls()).toEqual([]);
    expect(rules()).toEqual([
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: ['trainer'],
        verbs: ['get'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ]);
    const { resources } = read<{ resources: string[] }>('kustomization.yaml');
    expect([...resources, 'README.md', 'kustomization.yaml'].toSorted()).toEqual(world.files('r'));
    expect(world.text('r/deployment.yaml')).not.toContain('licen');
    expect(world.text('r/deployment.yaml')).not.toContain('"--apply"');
  });

  it('adds the patch of one workload where it may apply, and takes its licence from a Secret', async () => {
    await world.mk(`${INSTALL} --apply`);
    const patching = rules().filter(({ verbs }) => verbs.includes('patch'));
    expect(patching).toMatchObject([
      { resources: ['deployments'], resourceNames: ['trainer'], verbs: ['get', 'patch'] },
    ]);
    const deployment = world.text('r/deployment.yaml');
    expect(deployment).toContain('"--apply"');
    expect(deployment).toContain('secretName: "mk-license"');
  });

  it.each(['', ' --apply'])('gives the pod no more than it needs (flags:%s)', async (flags) => {
    await world.mk(`${INSTALL}${flags}`);
    for (const { verbs, resources } of rules())
      for (const word of [...verbs, ...resources])
        expect(['*', 'create', 'delete', 'update', 'secrets', 'nodes']).not.toContain(word);
    expect(read('deployment.yaml')).toMatchObject({
      spec: {
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                image: 'mk:1.0',
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    });
    expect(read('network-policy.yaml')).toMatchObject({ spec: { policyTypes: ['Ingress'] } });
  });

  it.each([
    ['install k8s-runner --out r', '--image is required'],
    ['install k8s-runner --image a;b --out r', '--image a;b'],
    ['install k8s-runner --image mk:1 --k8s-namespace A_B --out r', '--k8s-namespace A_B'],
  ])('refuses %s in one line, with 2', async (args, words) => {
    const { code, stderr } = await world.mk(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: .*\n$/);
    expect(stderr).toContain(words);
  });
});

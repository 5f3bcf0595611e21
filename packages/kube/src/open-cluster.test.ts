import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { openCluster } from './open-cluster.ts';
import { scratchFolder } from './test-support/doubles.ts';

it('takes KUBECTL first, then a kubeconfig, then the kubectl on PATH, then nothing', async () => {
  const folder = scratchFolder();
  const [program, config] = [join(folder, 'kubectl'), join(folder, '.kube', 'config')];
  mkdirSync(join(folder, '.kube'));
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  const PATH = `/nowhere${delimiter}${folder}`;
  expect(openCluster({ PATH, HOME: folder }).mode).toBe('kubectl');
  writeFileSync(config, '{}');
  expect(openCluster({ PATH, HOME: folder }).mode).toBe('api');
  expect(openCluster({ PATH, HOME: folder, KUBECTL: '' }).mode).toBe('api');
  expect(openCluster({ PATH, HOME: folder, KUBECTL: 'kubectl' }).mode).toBe('kubectl');
  expect(openCluster({ KUBECONFIG: config }).mode).toBe('api');
  const absent = openCluster({ PATH, HOME: folder, KUBECONFIG: join(folder, 'absent') });
  expect(absent.mode).toBe('kubectl');
  expect(await absent.present()).toBe(true);
  expect(await openCluster({}).present()).toBe(false);
});

it('leaves the Kubernetes client on disk for programs that never ask the API', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'out',
    logLevel: 'silent',
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((file) =>
    outputs[file]?.entryPoint?.endsWith('index.ts'),
  );
  const loaded = (file: string | undefined, seen = new Set<string>()): string[] => {
    const output = file === undefined ? undefined : outputs[file];
    if (file === undefined || output === undefined || seen.has(file)) return [];
    seen.add(file);
    const eager = output.imports.filter(({ kind }) => kind === 'import-statement');
    return [...Object.keys(output.inputs), ...eager.flatMap(({ path }) => loaded(path, seen))];
  };
  const isClient = (input: string): boolean => input.includes('@kubernetes/client-node');
  expect(loaded(entry).length).toBeGreaterThan(10);
  expect(loaded(entry).filter(isClient)).toEqual([]);
  expect(Object.keys(metafile.inputs).some(isClient)).toBe(true);
});

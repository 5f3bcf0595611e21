import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asciiJson, replaceJson } from './durable-json.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-json-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('asciiJson', () => {
  it('says every JSON value without a byte above 0x7E', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = asciiJson(value);
        expect(text).toMatch(/^[\n\x20-\x7e]*$/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('replaceJson', () => {
  it('makes the folder, for the owner alone, and leaves nothing beside the file', async () => {
    const path = join(folder, 'configs', 'one.json');
    await replaceJson(path, { a: 1 });
    await replaceJson(path, { a: 2 });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ a: 2 });
    expect(await readdir(join(folder, 'configs'))).toEqual(['one.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves a whole file whenever its process is killed', async () => {
    const path = join(folder, 'one.json');
    const program = join(folder, 'writer.mjs');
    const source = fileURLToPath(new URL('./durable-json.ts', import.meta.url));
    await build({
      stdin: {
        contents: `import { replaceJson } from ${JSON.stringify(source)};
          const filler = 'x'.repeat(200_000);
          for (let n = 0; ; n += 1) {
            await replaceJson(${JSON.stringify(path)}, { n, filler, end: n });
            if (n === 0) process.stdout.write('begun');
          }`,
        resolveDir: folder,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
      logLevel: 'error',
    });
    for (let round = 0; round < 12; round += 1) {
      const writer = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(writer.stdout, 'data');
      await delay(round * 3);
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const { n, filler, end } = JSON.parse(await readFile(path, 'utf8')) as Record<string, never>;
      expect(end).toBe(n);
      expect(filler).toHaveLength(200_000);
    }
  });
});

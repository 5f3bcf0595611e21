import { expect, it } from 'vitest';
import { openStore } from '../open-store.ts';
import { codeOf, insertNote, names } from './harness.ts';
import type { Harness } from './harness.ts';

export function lifecycleCases({ open, newKernel }: Harness): void {
  it('answers every accepted write before it closes, and refuses the next', async () => {
    const kernel = newKernel();
    const store = await open({ kernel });
    const writes = Array.from({ length: 30 }, (_, index) => store.write([insertNote(`n${index}`)]));
    const closed = store.close();
    expect(await codeOf(store.write([insertNote('late')]))).toBe('STORE_CLOSED');
    expect(await codeOf(store.read('SELECT name FROM notes'))).toBe('STORE_CLOSED');
    await closed;
    await Promise.all(writes);
    await store.close();
    expect(await names(await open({ kernel }))).toHaveLength(30);
  });

  it('refuses a second writer until the first has left', async () => {
    const kernel = newKernel();
    const first = await open({ kernel });
    const refused = open({ kernel, lockTimeoutMs: 50 });
    await expect(refused).rejects.toThrow('another process writes');
    expect(await codeOf(refused)).toBe('STORE_LOCKED');
    const waiting = open({ kernel, lockTimeoutMs: 5000 });
    await first.write([insertNote('a')]);
    await first.close();
    expect(await names(await waiting)).toEqual(['a']);
  });

  it('lets a reader in beside the writer, and lets it change nothing', async () => {
    const kernel = newKernel();
    const writer = await open({ kernel });
    await writer.write([insertNote('a')]);
    const reader = await open({ kernel, readonly: true });
    expect(await names(reader)).toEqual(['a']);
    await writer.write([insertNote('b')]);
    expect(await names(reader)).toEqual(['a', 'b']);
    expect(await codeOf(reader.write([insertNote('c')]))).toBe('STORE_SQL');
    await reader.close();
    await writer.write([insertNote('d')]);
    expect(await names(writer)).toEqual(['a', 'b', 'd']);
  });

  it('refuses a reader where the schema is not current', async () => {
    const kernel = newKernel();
    const writer = await open({ kernel, migrations: [] });
    expect(await codeOf(open({ kernel, readonly: true }))).toBe('STORE_MIGRATION');
    await writer.close();
  });

  it('keeps kernels apart', async () => {
    const [one, other] = [await open(), await open()];
    await one.write([insertNote('a')]);
    expect(await names(other)).toEqual([]);
  });

  it('refuses a kernel name that could leave its place', async () => {
    for (const kernel of ['../up', 'a"b', '', 'A']) {
      const opening = openStore({ kernel, dir: 'unused', migrations: [] });
      expect(await codeOf(opening)).toBe('STORE_SQL');
    }
  });
}

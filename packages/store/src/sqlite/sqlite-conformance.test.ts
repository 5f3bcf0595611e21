import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { storeConformance } from '../conformance.ts';

const dir = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

storeConformance('sqlite', () => ({ dir }));

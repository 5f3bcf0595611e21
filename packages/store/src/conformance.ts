import { describe } from 'vitest';
import { concurrencyCases } from './conformance/concurrency-cases.ts';
import { crashCases } from './conformance/crash-cases.ts';
import { createHarness } from './conformance/harness.ts';
import type { ConformanceTarget } from './conformance/harness.ts';
import { lifecycleCases } from './conformance/lifecycle-cases.ts';
import { migrationCases } from './conformance/migration-cases.ts';
import { outboxCases } from './conformance/outbox-cases.ts';
import { readCases } from './conformance/read-cases.ts';
import { valueCases } from './conformance/value-cases.ts';
import { writeCases } from './conformance/write-cases.ts';

export type { ConformanceTarget } from './conformance/harness.ts';

/** What every engine must do; `target` is asked when the first test runs. */
export function storeConformance(name: string, target: () => ConformanceTarget): void {
  describe(`${name} conformance`, () => {
    const harness = createHarness(target);
    writeCases(harness);
    readCases(harness);
    valueCases(harness);
    concurrencyCases(harness);
    migrationCases(harness);
    outboxCases(harness);
    lifecycleCases(harness);
    crashCases(harness);
  });
}

import { describeDriverConformance, missingVenv } from '@holdfast/testkit';
import { openPipHarness } from '../../test-support/pip-harness.ts';

describeDriverConformance('pip', openPipHarness, missingVenv());

import { describeDriverConformance } from '@holdfast/testkit';
import { missingNpm, openNpmHarness } from '../../test-support/npm-harness.ts';

describeDriverConformance('npm', openNpmHarness, missingNpm());

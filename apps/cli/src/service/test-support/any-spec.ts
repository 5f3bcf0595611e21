import * as fc from 'fast-check';
import type { ServiceSpec } from '../service-spec.ts';

const nasty = fc.constantFrom(' ', '%', '$', '"', "'", '\\', '&', '<', '>', ';', '#', '=', '{{a}}');

/** Absolute paths with everything that some format treats specially, and any other printable character. */
export const anyPath = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => `/${parts.join('').replaceAll(/\p{Cc}/gu, '')}`)
  .filter((path) => path.isWellFormed());

export const anySpec = (scope: ServiceSpec['scope']): fc.Arbitrary<ServiceSpec> =>
  fc.record({
    scope: fc.constant(scope),
    profile: fc.constantFrom('user', 'pro', 'enterprise-vip'),
    home: anyPath,
    node: anyPath,
    program: anyPath,
    runAs:
      scope === 'system'
        ? fc.option(fc.constant('svc'), { nil: undefined })
        : fc.constant(undefined),
    environment: fc.record({ HOLDFAST_HOME: anyPath, PATH: anyPath }),
  });

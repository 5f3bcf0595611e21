import { fillTemplate } from '../fill-template.ts';
import { MARKER, type ServiceSpec } from '../service-spec.ts';
import { environmentLine, quoteArgument, quoteProgram } from './quote.ts';

/** The unit file for a spec. `template` is that of its scope in deploy/systemd. */
export const renderUnit = (template: string, spec: ServiceSpec): string => {
  const { node, program, environment, runAs, scope } = spec;
  const args = [program, 'up'].map(quoteArgument);
  return fillTemplate(template, {
    marker: MARKER,
    exec: [quoteProgram(node), ...args].join(' '),
    environment: Object.entries(environment).map(([name, value]) => environmentLine(name, value)),
    ...(scope === 'system' ? { run_as: runAs === undefined ? [] : [`User=${runAs}`] } : {}),
  });
};

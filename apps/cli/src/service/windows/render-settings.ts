import { MARKER, type ServiceSpec } from '../service-spec.ts';

/** What `deploy/windows/HoldfastService.cs` reads: `key=value` lines; values hold no line breaks. */
export const renderSettings = ({ node, program, environment }: ServiceSpec): string => {
  const values = { node, program };
  return [
    `# ${MARKER}`,
    ...Object.entries(values).map(([key, value]) => `${key}=${value}`),
    ...Object.entries(environment).map(([name, value]) => `env.${name}=${value}`),
    '',
  ].join('\n');
};

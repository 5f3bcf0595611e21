import { fillTemplate } from '../fill-template.ts';
import { MARKER, type ServiceSpec } from '../service-spec.ts';

/** Character data of XML 1.0, section 2.4. */
export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const string = (text: string): string => `<string>${xmlText(text)}</string>`;
const key = (text: string): string => `<key>${xmlText(text)}</key>`;

/** The property list for a spec, after launchd.plist(5). `errors`: a file in a folder that exists. */
export const renderPlist = (
  template: string,
  spec: ServiceSpec,
  { label, errors }: { readonly label: string; readonly errors: string },
): string => {
  const { node, program, environment, runAs } = spec;
  return fillTemplate(template, {
    marker: MARKER,
    label,
    run_as: runAs === undefined ? [] : [key('UserName'), string(runAs)],
    arguments: [node, program, 'up'].map(string),
    environment: Object.entries(environment).flatMap(([name, value]) => [key(name), string(value)]),
    errors: xmlText(errors),
  });
};

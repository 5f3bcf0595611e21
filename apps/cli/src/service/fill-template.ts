/**
 * Puts values where a template says `{{name}}`. A line that holds only a placeholder is left out when its value is empty,
 * and repeated with its indentation for each line of the value. Throws for a name without a value, and for a value that
 * the template has no place for. Values are escaped by the caller: each format has its own rules.
 */
export const fillTemplate = (
  template: string,
  values: Readonly<Record<string, string | readonly string[]>>,
): string => {
  const used = new Set<string>();
  const valueOf = (name: string): string | readonly string[] => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`template: no value for ${name}`);
    used.add(name);
    return value;
  };
  const lines = template.split('\n').flatMap((line) => {
    const [, indent, alone] = /^(\s*)\{\{(\w+)\}\}$/.exec(line) ?? [];
    if (alone !== undefined) return [valueOf(alone)].flat().map((part) => `${indent}${part}`);
    return [line.replace(/\{\{(\w+)\}\}/g, (_, name: string) => [valueOf(name)].flat().join(' '))];
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`template: no place for ${unused.join(', ')}`);
  return lines.join('\n');
};

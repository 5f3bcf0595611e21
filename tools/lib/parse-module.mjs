import { parseSync } from 'rolldown/utils';

/** Syntax tree (ESTree with TypeScript nodes) of a module's text. Throws when the text does not parse. */
export const parseModule = (file, text) => {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return program;
};

/** Calls `visit(node, parents)` for every node, outermost first; `parents` ends with the nearest. */
export const walk = (node, visit, parents = []) => {
  visit(node, parents);
  const inner = [...parents, node];
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (child !== null && typeof child === 'object' && typeof child.type === 'string')
        walk(child, visit, inner);
};

export const lineOf = (text, offset) => text.slice(0, offset).split('\n').length;

/** The string that an expression is, when it is a plain one. */
export const stringOf = (node) => {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TSLiteralType') return stringOf(node.literal);
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0].value.cooked;
  return undefined;
};

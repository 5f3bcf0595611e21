import { lineOf, parseModule, stringOf, walk } from '../lib/parse-module.mjs';

const nameOf = (key) => key?.name ?? key?.value;

/** The keys of an object literal; undefined when something is spread into it or it is not a literal. */
const keysOf = (node) => {
  if (node === undefined) return [];
  if (node.type !== 'ObjectExpression') return undefined;
  if (node.properties.some((property) => property.type === 'SpreadElement')) return undefined;
  return node.properties.map((property) => nameOf(property.key));
};

const isComparison = (parent) =>
  (parent.type === 'BinaryExpression' && /^[!=]==$/.test(parent.operator)) ||
  parent.type === 'SwitchCase' ||
  (parent.type === 'CallExpression' && parent.callee.name === 'isHoldfastError');

const isDeclared = (parents) =>
  parents.at(-1)?.type === 'ArrayExpression' && nameOf(parents.at(-2)?.key) === 'errors';

/**
 * What a module does with error codes. `raised`: strings that may be given to a caller; `declared`: those of an
 * operation's `errors`; `made`: each `new HoldfastError('code', {...})` with the keys of its details.
 */
export const readUses = (file, text) => {
  const uses = { raised: new Set(), declared: [], made: [] };
  walk(parseModule(file, text), (node, parents) => {
    const line = () => lineOf(text, node.start);
    if (node.type === 'NewExpression' && node.callee.name === 'HoldfastError') {
      const code = stringOf(node.arguments[0]);
      if (code !== undefined)
        uses.made.push({ code, keys: keysOf(node.arguments[1]), line: line() });
    }
    const value = stringOf(node);
    if (value === undefined) return;
    if (isDeclared(parents)) uses.declared.push({ code: value, line: line() });
    else if (!isComparison(parents.at(-1))) uses.raised.add(value);
  });
  return uses;
};

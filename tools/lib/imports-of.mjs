import { lineOf, parseModule, stringOf, walk } from './parse-module.mjs';

const isRequire = (node) =>
  node.type === 'CallExpression' &&
  ((node.callee.type === 'Identifier' && node.callee.name === 'require') ||
    (node.callee.type === 'MemberExpression' &&
      node.callee.property.name === 'resolve' &&
      (node.callee.object.name === 'require' || node.callee.object.type === 'MetaProperty')));

/** The node that names the imported module, for every way there is to name one. */
const sourceOf = (node) => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node.source ?? node.argument;
    case 'ExportNamedDeclaration':
      return node.source ?? undefined;
    case 'TSExternalModuleReference':
      return node.expression;
    default:
      return isRequire(node) ? node.arguments[0] : undefined;
  }
};

const isTypeOnly = (node) =>
  node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';

/**
 * Every import of a module: static, type, dynamic, export-from, `import('x').T`, `require`, `resolve`.
 * `{ name, line, typeOnly }[]`; `name` is undefined when it is computed.
 */
export const importsOf = (file, text) => {
  const imports = [];
  walk(parseModule(file, text), (node) => {
    const source = sourceOf(node);
    if (source)
      imports.push({
        name: stringOf(source),
        line: lineOf(text, source.start),
        typeOnly: isTypeOnly(node),
      });
  });
  return imports;
};

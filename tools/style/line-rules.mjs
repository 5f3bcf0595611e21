const isTest = (file) => /\.test\.ts$/.test(file);

/**
 * Rules about single lines: `pattern` must not occur in files that `applies` keeps. Words that would match themselves
 * here are put together from parts.
 */
export const LINE_RULES = [
  {
    pattern: /[^\p{ASCII}]/u,
    applies: () => true,
    text: 'is not ASCII',
  },
  {
    pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`),
    applies: () => true,
    text: 'marks unfinished work: finish it or write it into the tracker',
  },
  {
    pattern: /\b(test|it|describe|suite|bench)(\.\w+)*\.only\b/,
    applies: isTest,
    text: 'leaves other tests out',
  },
  {
    pattern: /(^|[^\w./*}])\/(work|root)\/|(^|[^\w.}])\/(home|Users)\/\w/,
    applies: () => true,
    text: 'names a path of one machine',
  },
  {
    pattern: new RegExp(
      [
        ['registry', 'npmjs', 'org'],
        ['registry', 'yarnpkg', 'com'],
        ['pypi', 'org'],
        ['pythonhosted', 'org'],
        ['deb', 'debian', 'org'],
        ['archive', 'ubuntu', 'com'],
      ]
        .map((parts) => parts.join('\\.'))
        .join('|'),
    ),
    applies: () => true,
    text: 'names a registry host: the user configures those',
  },
];

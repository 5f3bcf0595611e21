export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly upper: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'mark'; readonly text: string };

const PATTERN =
  /\s+|--[^\n]*|('(?:[^']|'')*')|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|(<>|<=|>=|!=|\|\||[-+*/%(),.=<>?;])/y;

/** Cuts a statement into words, literals and marks. Throws at what is none of them. */
export const tokensOf = (sql: string): Token[] => {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < sql.length) {
    const start = PATTERN.lastIndex;
    const found = PATTERN.exec(sql);
    if (!found) throw new Error(`cannot read SQL at '${sql.slice(start, start + 20)}' in: ${sql}`);
    const [, text, word, digits, mark] = found;
    if (text !== undefined)
      tokens.push({
        kind: 'text',
        value: text.slice(1, -1).replaceAll("''", "'"),
      });
    else if (word !== undefined)
      tokens.push({ kind: 'word', text: word, upper: word.toUpperCase() });
    else if (digits !== undefined) tokens.push({ kind: 'number', value: Number(digits) });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
};

/** Walks over tokens. */
export interface Reader {
  readonly sql: string;
  atEnd(): boolean;
  /** Whether these words come next. */
  sees(...words: string[]): boolean;
  /** Takes these words when they come next. */
  takes(...words: string[]): boolean;
  needs(...words: string[]): void;
  seesMark(mark: string): boolean;
  takesMark(mark: string): boolean;
  needsMark(mark: string): void;
  name(): string;
  next(): Token;
  peek(): Token | undefined;
  fail(what: string): never;
}

export const createReader = (sql: string): Reader => {
  const tokens = tokensOf(sql);
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`the simulated store cannot read this SQL: ${what} in: ${sql}`);
  };
  const reader: Reader = {
    sql,
    atEnd: () => at >= tokens.length || reader.seesMark(';'),
    sees: (...words) =>
      words.every((word, index) => {
        const token = tokens[at + index];
        return token?.kind === 'word' && token.upper === word;
      }),
    takes(...words) {
      if (!reader.sees(...words)) return false;
      at += words.length;
      return true;
    },
    needs(...words) {
      if (!reader.takes(...words)) fail(`expected ${words.join(' ')}`);
    },
    seesMark(mark) {
      const token = tokens[at];
      return token?.kind === 'mark' && token.text === mark;
    },
    takesMark(mark) {
      if (!reader.seesMark(mark)) return false;
      at += 1;
      return true;
    },
    needsMark(mark) {
      if (!reader.takesMark(mark)) fail(`expected ${mark}`);
    },
    name() {
      const token = reader.next();
      return token.kind === 'word' ? token.text : fail('expected a name');
    },
    next() {
      const token = tokens[at];
      at += 1;
      return token ?? fail('unexpected end');
    },
    peek: () => tokens[at],
    fail,
  };
  return reader;
};

/** One command of a transcript with the output that the page promises. `...` stands for any text, alone for any lines. */
export interface Exchange {
  readonly command: string;
  readonly expected: readonly string[];
  /** Exit status, 0 unless the page says `[exit N]`. */
  readonly exit: number;
}

/** Every `$ command` of the console blocks of a page, in order. */
export const readTranscript = (markdown: string): Exchange[] => {
  const exchanges: Exchange[] = [];
  for (const [, block] of markdown.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const part of block!.split(/^\$ /m).slice(1)) {
      const [command, ...lines] = part.trimEnd().split('\n');
      const exit = /^\[exit (\d+)\]$/.exec(lines.at(-1) ?? '')?.[1];
      exchanges.push({
        command: command!,
        expected: exit === undefined ? lines : lines.slice(0, -1),
        exit: Number(exit ?? 0),
      });
    }
  }
  return exchanges;
};

const escape = (text: string): string =>
  text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, ' +');

/** A pattern for the whole output; runs of spaces may be longer or shorter, as in a table. */
export const outputPattern = (expected: readonly string[]): RegExp => {
  const lines = expected.map((line) =>
    line === '...' ? '(?:.*\n)*?' : `${line.split('...').map(escape).join('.*')}[ ]*\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
};

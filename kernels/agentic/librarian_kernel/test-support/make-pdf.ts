const toText = (line: string): string => line.replace(/[\\()]/g, (sign) => `\\${sign}`);

const content = (lines: readonly string[]): string => {
  const shown = lines.map((line) => `(${toText(line)}) Tj 0 -16 Td`).join('\n');
  return `BT /F1 12 Tf 72 720 Td\n${shown}\nET`;
};

/** A PDF 1.4 file (ISO 32000-1) with one line of text for each entry; a page without entries has no text layer. */
export const makePdf = (title: string, pages: readonly (readonly string[])[]): Buffer => {
  const kids = pages.map((_, at) => `${5 + at * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Title (${toText(title)}) >>`,
    ...pages.flatMap((lines, at) => {
      const stream = lines.length === 0 ? '' : content(lines);
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${6 + at * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
};

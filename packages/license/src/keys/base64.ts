/** Bytes of standard base64 (RFC 4648 section 4) in its one canonical spelling, exactly this many; else undefined. */
export const bytesOfBase64 = (text: string, length: number): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
};

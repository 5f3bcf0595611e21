/** The files of a history, in memory. They survive crashes: what is renamed or written is there at once. */
const files = new Map<string, Buffer>();
const kept = new Map<string, Buffer>();
const open = new Map<number, string>();
let descriptors = 100;

export const clearFiles = (): void => {
  files.clear();
  for (const [path, bytes] of kept) files.set(path, bytes);
};
/** A file that is there at the start of each history. */
export const keepFile = (path: string, text: string): void => {
  kept.set(path, Buffer.from(text));
  files.set(path, Buffer.from(text));
};

const missing = (path: string): Error =>
  Object.assign(new Error(`ENOENT: no such file, '${path}'`), {
    code: 'ENOENT',
    syscall: 'open',
  });

type Data = string | Uint8Array;

export const existsSync = (path: string): boolean =>
  files.has(path) || [...files.keys()].some((name) => name.startsWith(`${path}/`));
export const mkdirSync = (): void => {};
export const chmodSync = (): void => {};
export const openSync = (path: string, flags = 'r'): number => {
  if (flags.startsWith('w')) files.set(path, Buffer.alloc(0));
  open.set((descriptors += 1), path);
  return descriptors;
};
export const closeSync = (descriptor: number): void => void open.delete(descriptor);
export const fsyncSync = (): void => {};
export const writeFileSync = (path: string | number, data: Data): void => {
  const name = typeof path === 'number' ? open.get(path)! : path;
  files.set(name, Buffer.from(data as string));
};
export const writeSync = (descriptor: number, data: Data): number => {
  const path = open.get(descriptor);
  if (path === undefined) throw new Error(`descriptor ${descriptor} is not open`);
  const bytes = Buffer.from(data as string);
  files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), bytes]));
  return bytes.length;
};
export const readFileSync = (path: string, encoding?: string): Buffer | string => {
  const bytes = files.get(path);
  if (!bytes) throw missing(path);
  return encoding === undefined ? Buffer.from(bytes) : bytes.toString('utf8');
};
export const renameSync = (from: string, to: string): void => {
  const bytes = files.get(from);
  if (!bytes) throw missing(from);
  files.delete(from);
  files.set(to, bytes);
};
export const rmSync = (path: string): void => void files.delete(path);
export const unlinkSync = rmSync;
export const readdirSync = (folder: string): string[] =>
  [...files.keys()].flatMap((name) =>
    name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1).split('/')[0]!] : [],
  );

export const mkdir = async (): Promise<void> => {};
export const chmod = mkdir;
export const writeFile = async (path: string, data: Data): Promise<void> =>
  writeFileSync(path, data);
export const rename = async (from: string, to: string): Promise<void> => renameSync(from, to);
export const readFile = async (path: string, encoding?: string): Promise<Buffer | string> =>
  readFileSync(path, encoding);
export const rm = async (path: string): Promise<void> => rmSync(path);
export const unlink = rm;

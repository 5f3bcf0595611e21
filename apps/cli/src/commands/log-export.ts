import { createWriteStream } from 'node:fs';
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { actingCredentials } from '@holdfast/client/stack';
import { logApi } from '@holdfast/contracts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';

export async function logExport(this: CliContext, flags: JsonFlag, file: string): Promise<void> {
  const { url, token } = actingCredentials(this);
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    get(
      url + logApi.ops.exportLog.path,
      { headers: { authorization: `Bearer ${token}` } },
      resolve,
    ).once('error', reject);
  });
  if (response.statusCode !== 200)
    throw new CliError(`exporting the ledger: the server answered ${response.statusCode}`);
  let lines = 0;
  response.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines += 1;
  });
  await pipeline(response, createWriteStream(file));
  print(this, flags, { file, entries: lines - 1 }, () => `wrote ${lines - 1} entries to ${file}`);
}

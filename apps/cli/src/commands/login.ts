import { sessionFile, stackUrl, writePrivate, type StoredSession } from '@holdfast/client/stack';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { listenForCallback } from '../login/callback-listener.ts';
import { note, print, type JsonFlag } from '../output.ts';
import { connect } from '../session.ts';

const parsePort = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CliError(`--port ${text}: expected 0 to 65535`, { exit: EXIT.usage });
};

/** Logs in at the identity provider with a browser, which comes back to a port of this machine (RFC 8252). */
export async function login(this: CliContext, flags: JsonFlag & { port: string }): Promise<void> {
  const url = stackUrl(this);
  const { governance } = connect({ url, token: '' });
  const listener = await listenForCallback(parsePort(flags.port));
  try {
    const begun = await governance.beginLogin({ redirect_uri: listener.redirectUri });
    note(this, `open this address in a browser of this machine:\n\n  ${begun.authorization_url}\n`);
    const session = await listener.next(begun.state, begun.expires_in_s * 1_000, (callback_url) =>
      governance.finishLogin({ callback_url }),
    );
    const { principal, expires_at } = session.record;
    const stored: StoredSession = { url, token: session.token, principal, expires_at };
    writePrivate(sessionFile(this, url), stored);
    print(this, flags, session.record, () => `logged in as ${principal} until ${expires_at}`);
  } finally {
    listener.close();
  }
}

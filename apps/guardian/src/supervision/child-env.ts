type Environment = Readonly<Record<string, string | undefined>>;

const COMMON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|HTTP_PROXY|HTTPS_PROXY|NO_PROXY|ALL_PROXY)$/i;

/** pip's and npm's own configuration: the agent runs them, nobody else does. */
const AGENT = /^(PIP_|NPM_|UV_|PYTHON|REQUESTS_CA_BUNDLE$|CURL_CA_BUNDLE$|XDG_|DEBIAN_FRONTEND$)/i;

/** What the stack tells its children over their channels, and to none by its environment. */
const OWN = /^(HOLDFAST_|ADMIN_TOKEN$|NODE_OPTIONS$)/i;

/** Names of the stack's own secrets never match: a child is told what it needs over its channel. */
const pick = (env: Environment, wanted: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && wanted(name) ? [[name, value]] : [],
    ),
  );

/** The environment of a child: only what it needs of the guardian's. */
export const childEnv = (
  name: string,
  env: Environment,
  cacheDir: string,
  further: readonly string[] = [],
): Record<string, string> => ({
  ...pick(env, (key) => COMMON.test(key) || (name === 'agent' && AGENT.test(key))),
  ...pick(env, (key) => further.includes(key) && !OWN.test(key)),
  NODE_COMPILE_CACHE: cacheDir,
  // The SQLite library keeps a pool of threads for waiting on the disk; a store has one writer.
  TOKIO_WORKER_THREADS: '1',
});

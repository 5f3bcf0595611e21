/**
 * The agent's environment without the variables that match, plus some: indexes, proxies and certificates of the user
 * stay in force. `LC_ALL=C` makes what tools print parsable.
 */
export const toolEnvironment = (
  dropped: RegExp,
  added: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', ...added };
};

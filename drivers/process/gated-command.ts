/**
 * Program of the process that stands in front of a tool until its start is on record. It runs nothing before it has
 * read a byte, ends when its input closes first (the agent died), and then becomes the tool's stand-in: same group,
 * same output, same exit status.
 */
const GATE = `
const { spawn } = require('node:child_process');
const [command, ...args] = process.argv.slice(1);
const fail = (error) => {
  process.stderr.write(String(error.code) + ': ' + command + '\\n');
  process.exit(127);
};
process.stdin.once('end', () => process.exit(126));
process.stdin.once('data', () => {
  process.stdin.removeAllListeners('end');
  process.stdin.destroy();
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', fail);
  child.once('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(code);
  });
});
`;

/** The argv that runs `command` behind a gate, opened by one byte on its standard input. */
export const gatedCommand = (
  command: string,
  args: readonly string[],
): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ['-e', GATE, '--', command, ...args],
});

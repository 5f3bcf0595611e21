import { VERSION } from '@holdfast/contracts/version';

// A reader that has seen enough (`| head`) is no failure of ours. It ends what would go on for long in the way in which it
// ends when it is told to, and leaves alone what is about to end: an apply must not be cut short by the loss of its output.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode ||= 1;
    if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM');
  });

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--version') process.stdout.write(`mk ${VERSION}\n`);
else {
  const { runMk } = await import('./frame/run-mk.ts');
  const code = await runMk(args, {
    env: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    now: () => performance.timeOrigin + performance.now(),
  });
  if (code !== 0) process.exitCode = code;
}

import { VERSION } from '@holdfast/contracts/version';

// A reader that has seen enough (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--version') process.stdout.write(`mk ${VERSION}\n`);
else {
  const { runMk } = await import('./frame/run-mk.ts');
  process.exitCode = await runMk(args, {
    env: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    now: () => performance.timeOrigin + performance.now(),
  });
}

import { createLogger, exitOnUncaught, openChildChannel } from '@holdfast/sdk';
import { createGateway } from './gateway.ts';

const channel = await openChildChannel();
const { init } = channel;
const log = createLogger(init.name, init.profile.logging.level);
exitOnUncaught(log);

const giveUp = (problem: string): void => {
  log.fatal({ problem }, 'start failed');
  channel.failed([problem]);
  process.exitCode = 1;
  process.disconnect?.();
};

const gateway = createGateway({
  profile: init.profile,
  secret: init.secret,
  tokens: init.auth ?? [],
  ports: channel.ports,
  onPorts: channel.onPorts,
  ask: channel.ask,
  log,
  share: init.profile.gateway.processes,
});

channel.onLetGo(gateway.letGo);
channel.setActivity(gateway.activity);
channel.onStop(() => {
  void gateway.stop().finally(() => process.exit());
});
gateway.server.once('error', (error) => giveUp(error.message));
if (init.auth === undefined || init.auth.length === 0) giveUp('no token record was handed over');
else
  gateway.server.listen(channel.handle as { fd: number }, () => {
    channel.ready();
    log.info('serving');
  });

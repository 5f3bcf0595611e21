// The service as a child of our guardian: it serves on the socket that comes with `init`.
import { isKernelId, kernelRow } from '@holdfast/contracts';
import { openChildChannel } from '@holdfast/sdk';
import { createHealthServer } from './health-server.mjs';

const channel = await openChildChannel();
const { name } = channel.init;
const server = createHealthServer(isKernelId(name) ? kernelRow(name).name : name);
channel.onStop(() => {
  server.close();
  setImmediate(() => process.exit(0));
});
server.listen(channel.handle, () => channel.ready());

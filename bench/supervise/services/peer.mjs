// The service as the peers run it: it binds its own port. Usage: node peer.mjs <name> <port>
import { createHealthServer } from './health-server.mjs';

const [name, port] = process.argv.slice(2);
createHealthServer(name).listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));

// A keep-alive load generator on bare sockets: each connection sends its next request when the answer is complete.
import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/** Bytes of a whole answer at the start of the text, 0 while it is not whole; answers here carry their length. */
const answerLength = (text) => {
  const end = text.indexOf(END_OF_HEAD);
  if (end === -1) return 0;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end));
  if (length === null) throw new Error('an answer without content-length');
  const total = end + END_OF_HEAD.length + Number(length[1]);
  return text.length >= total ? total : 0;
};

const percentile = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

process.once('message', ({ url, token, connections, seconds }) => {
  const { hostname, port, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const times = [];
  const sockets = [];
  let failed = 0;
  let over = false;

  const open = () => {
    const socket = connect(Number(port), hostname);
    let text = '';
    let sentAt = 0;
    const next = () => {
      sentAt = performance.now();
      socket.write(request, 'latin1');
    };
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('connect', next);
    socket.on('data', (piece) => {
      text += piece;
      const length = answerLength(text);
      if (length === 0) return;
      if (!text.startsWith('HTTP/1.1 200')) failed += 1;
      times.push(performance.now() - sentAt);
      text = text.slice(length);
      if (!over) next();
    });
    socket.on('error', () => (failed += 1));
    sockets.push(socket);
  };

  for (let index = 0; index < connections; index += 1) open();
  setTimeout(() => {
    over = true;
    for (const socket of sockets) socket.destroy();
    times.sort((a, b) => a - b);
    const result = {
      rps: times.length / seconds,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      failed,
    };
    process.send(result, () => process.disconnect());
  }, seconds * 1000);
});

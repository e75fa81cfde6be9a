/**
 * The baseline: `ws` and nothing else. No tokens, channels, history or limits; a message is serialised once and sent to all. Follows the probe's
 * channel: `{publish, offset, bytes}` sends a frame of the same shape and about the same size as ours.
 */
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
const open = new Set<WebSocket>();
const SUBSCRIBED = JSON.stringify({ type: 'subscribed', payload: { offset: 0 } });

sockets.on('connection', (socket) => {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('message', () => socket.send(SUBSCRIBED));
});

process.on('message', (question: { ask: string; offset: number; body: string }) => {
  if (question.ask !== 'publish') return;
  const frame = Buffer.from(
    JSON.stringify({
      type: 'post_created',
      ts: new Date().toISOString(),
      payload: { body: question.body },
      channel: 'discussions:episode:bare',
      offset: question.offset,
    }),
  );
  for (const socket of open) socket.send(frame, { binary: false });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`listening on http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => process.exit(0));

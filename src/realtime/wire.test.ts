import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textMessage } from './wire.ts';

describe('a text message on the wire', () => {
  it('is what a client of ws reads, at every length of the head, in order with what ws sends', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    const texts = [0, 1, 125, 126, 65_535, 65_536, 200_000].map(
      (length) => 'é'.repeat(length >> 1) + 'x'.repeat(length & 1),
    );
    server.on('upgrade', (request, socket, rest) =>
      sockets.handleUpgrade(request, socket, rest, (ws) => {
        for (const [nth, text] of texts.entries()) {
          ws.send(`before ${nth}`);
          socket.write(textMessage(Buffer.from(text)));
        }
        ws.close(1000);
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const heard: string[] = [];
    client.on('message', (data, isBinary) => {
      expect(isBinary).toBe(false);
      heard.push(String(data));
    });
    const [code] = await once(client, 'close');
    server.close();
    expect(code).toBe(1000);
    expect(heard).toEqual(texts.flatMap((text, nth) => [`before ${nth}`, text]));
  });

  it('is made once', () => {
    const frame = Buffer.from('{}');
    expect(textMessage(frame)).toBe(textMessage(frame));
  });
});

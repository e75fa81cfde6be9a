import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server, whose link can be cut, stalled, half open, and whose WebSocket frames can be tampered with. */
export interface FaultyLink {
  /** As the server's own `baseUrl`. */
  readonly baseUrl: string;
  /** Connections made so far. */
  readonly made: number;
  /** Open connections. */
  readonly open: number;
  /** Where new connections go; for a server that was started anew. */
  target(baseUrl: string): void;
  /** Resets every connection. */
  cut(): void;
  /** While true, new connections are reset at once. */
  refuse(isRefusing: boolean): void;
  /** While true, nothing is read from the server: what it sends piles up there. */
  stall(isStalled: boolean): void;
  /** From now on the connections there are swallow everything, in both directions, and stay open. */
  halfOpen(): void;
  /** Text frames from the server (not masked, RFC 6455 5.2) become what this answers; null: they pass. */
  tamper(change: ((text: string) => readonly string[]) | null): void;
  /** Sends a text frame to every client, as if the server had. */
  inject(text: string): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Swallows everything. */
  dead: boolean;
  /** After the handshake of a WebSocket there are frames. */
  frames: Buffer | undefined;
}

export async function createFaultyLink(baseUrl: string): Promise<FaultyLink> {
  let to = new URL(baseUrl);
  let refusing = false;
  let stalled = false;
  let change: ((text: string) => readonly string[]) | null = null;
  let made = 0;
  const pairs = new Set<Pair>();

  function forward(pair: Pair, chunk: Buffer): void {
    if (pair.dead) return;
    if (pair.frames === undefined) {
      const head = chunk.indexOf('\r\n\r\n');
      const isUpgrade = head >= 0 && chunk.subarray(0, 12).toString().endsWith('101');
      if (!isUpgrade) return void pair.client.write(chunk);
      pair.client.write(chunk.subarray(0, head + 4));
      pair.frames = chunk.subarray(head + 4);
    } else {
      pair.frames = Buffer.concat([pair.frames, chunk]);
    }
    for (let frame = firstFrame(pair.frames); frame !== null; frame = firstFrame(pair.frames)) {
      pair.frames = pair.frames.subarray(frame.bytes.length);
      if (frame.text === null || change === null) pair.client.write(frame.bytes);
      else for (const text of change(frame.text)) pair.client.write(textFrame(text));
    }
  }

  const proxy = createServer((client) => {
    client.on('error', () => undefined);
    if (refusing) return void client.resetAndDestroy();
    made += 1;
    const server = connect(Number(to.port), to.hostname);
    const pair: Pair = { client, server, dead: false, frames: undefined };
    pairs.add(pair);
    if (stalled) server.pause();
    server.on('error', () => undefined);
    server.on('data', (chunk: Buffer) => forward(pair, chunk));
    client.on('data', (chunk: Buffer) => {
      if (!pair.dead) server.write(chunk);
    });
    server.on('end', () => {
      if (!pair.dead) client.end();
    });
    client.on('end', () => server.end());
    const gone = () => {
      if (pair.dead && !client.destroyed) return;
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    server.on('close', gone);
    client.on('close', gone);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    pairs.clear();
  }

  return {
    baseUrl: `http://127.0.0.1:${port}`,
    get made() {
      return made;
    },
    get open() {
      return pairs.size;
    },
    target(url) {
      to = new URL(url);
    },
    cut,
    refuse(isRefusing) {
      refusing = isRefusing;
    },
    stall(isStalled) {
      stalled = isStalled;
      for (const { server } of pairs) isStalled ? server.pause() : server.resume();
    },
    halfOpen() {
      for (const pair of pairs) pair.dead = true;
    },
    tamper(next) {
      change = next;
    },
    inject(text) {
      for (const { client, frames } of pairs) if (frames !== undefined) client.write(textFrame(text));
    },
    async close() {
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/** The first whole frame; `text` is null for one that is not a whole text message. */
function firstFrame(bytes: Buffer): { bytes: Buffer; text: string | null } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1);
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < head + length) return null;
  const whole = bytes.subarray(0, head + length);
  return { bytes: whole, text: bytes.readUInt8(0) === 0x81 ? whole.subarray(head).toString() : null };
}

function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const isLong = body.length > 0xffff;
  const head = Buffer.alloc(body.length < 126 ? 2 : isLong ? 10 : 4);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(body.length < 126 ? body.length : isLong ? 127 : 126, 1);
  if (isLong) head.writeBigUInt64BE(BigInt(body.length), 2);
  else if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

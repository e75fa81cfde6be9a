/**
 * The client's end of a WebSocket on a raw socket, as cheap as it can be: clients share the machine with the server they measure. Trusts the
 * server's framing and copies nothing it need not.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface WireOptions {
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** A text frame came; the bytes are only good during the call. */
  readonly onText: (text: Buffer) => void;
  readonly onOpen?: () => void;
  /** The connection is over: the close code, or what else ended it. */
  readonly onEnd?: (why: number | string) => void;
}

export interface Wire {
  readonly socket: Socket;
  /** Short texts only (below 64 KB). */
  send(text: string): void;
  /** As a browser leaves. */
  close(): void;
}

const END_OF_HEAD = '\r\n\r\n';
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export function open({ port, path, onText, onOpen, onEnd }: WireOptions): Wire {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let isOpen = false;
  let rest: Buffer | undefined;
  let why: number | string = 'ended';
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  socket.on('data', (chunk: Buffer) => {
    let data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    if (!isOpen) {
      const end = data.indexOf(END_OF_HEAD);
      if (end < 0) {
        rest = data;
        return;
      }
      const status = data.toString('latin1', 9, 12);
      if (status !== '101') {
        why = `refused with ${status}`;
        socket.destroy();
        return;
      }
      isOpen = true;
      onOpen?.();
      data = data.subarray(end + END_OF_HEAD.length);
    }
    rest = frames(data);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    why = error.code ?? error.message;
  });
  socket.on('close', () => onEnd?.(why));

  /** Hands on whole frames; answers the beginning of the next one. */
  function frames(data: Buffer): Buffer | undefined {
    let at = 0;
    while (data.length - at >= 2) {
      let length = (data[at + 1] as number) & 0x7f;
      let head = 2;
      if (length === 126) {
        if (data.length - at < 4) break;
        length = data.readUInt16BE(at + 2);
        head = 4;
      } else if (length === 127) {
        if (data.length - at < 10) break;
        length = Number(data.readBigUInt64BE(at + 2));
        head = 10;
      }
      const [from, end] = [at + head, at + head + length];
      if (data.length < end) break;
      const opcode = (data[at] as number) & 0x0f;
      if (opcode === OPCODE.text) onText(data.subarray(from, end));
      else if (opcode === OPCODE.ping) write(OPCODE.pong, data.subarray(from, end));
      else if (opcode === OPCODE.close) {
        why = length >= 2 ? data.readUInt16BE(from) : 1005;
        write(OPCODE.close, data.subarray(from, end));
      }
      at = end;
    }
    return at === data.length ? undefined : Buffer.from(data.subarray(at));
  }

  /** Masked with zeros: allowed, and nothing has to be turned around. */
  function write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 6 : 8);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (length < 126 ? length : 126);
    if (length >= 126) head.writeUInt16BE(length, 2);
    socket.write(Buffer.concat([head, payload]));
  }

  return {
    socket,
    send: (text) => write(OPCODE.text, Buffer.from(text)),
    close: () => write(OPCODE.close, Buffer.from([0x03, 0xe8])),
  };
}

const OFFSET = Buffer.from('"offset":');

/** The offset at the end of an event's frame (`..."offset":12}`), without parsing the rest; -1 for a frame that has none there. */
export function offsetAtEnd(frame: Buffer): number {
  let at = frame.length - 2;
  let value = 0;
  let scale = 1;
  for (let digit = frame[at]; digit !== undefined && digit >= 48 && digit <= 57; digit = frame[--at]) {
    value += (digit - 48) * scale;
    scale *= 10;
  }
  return scale > 1 && frame.subarray(at - OFFSET.length + 1, at + 1).equals(OFFSET) ? value : -1;
}

/** Milliseconds on the clock that all processes of a machine share. */
export const sharedNow = (() => {
  const begin = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => begin + performance.now();
})();

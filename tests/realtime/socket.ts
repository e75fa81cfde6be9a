import { WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly ts?: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly channel?: string;
  readonly offset?: number;
}

/** A client that remembers everything it was sent. */
export interface TestSocket {
  readonly ws: WebSocket;
  readonly frames: Frame[];
  send(type: string, payload?: object): void;
  /** The next frame nobody took yet that fits; rejects after a while. */
  next(type: string, fits?: (frame: Frame) => boolean): Promise<Frame>;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: string[];
}

/** Without positions, which come every 25 seconds whatever else happens. */
export const withoutBeats = (frames: readonly Frame[]): Frame[] => frames.filter(({ type }) => type !== 'position');

const PATIENCE_MS = 10_000;

/** Opens a socket; `path` begins with `/`. Rejects with `HandshakeRefused` when the server answers something else than 101. */
export async function connect(baseUrl: string, path: string, options: ConnectOptions = {}): Promise<TestSocket> {
  const ws = new WebSocket(baseUrl.replace(/^http/, 'ws') + path, options.protocols ?? [], {
    headers: {
      ...options.headers,
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
  });
  const frames: Frame[] = [];
  const taken = new Set<Frame>();
  let wake = () => undefined as void;
  ws.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('error', reject);
    ws.on('unexpected-response', (request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        reject(new HandshakeRefused(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString()));
        request.destroy();
      });
    });
  });
  return {
    ws,
    frames,
    closed,
    send: (type, payload) => ws.send(JSON.stringify(payload === undefined ? { type } : { type, payload })),
    async next(type, fits = () => true) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const found = frames.find((frame) => !taken.has(frame) && frame.type === type && fits(frame));
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        const left = deadline - Date.now();
        if (left <= 0) throw new Error(`no ${type} within ${PATIENCE_MS} ms; had ${JSON.stringify(frames.slice(-5))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 100));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    async close() {
      ws.close();
      await closed;
    },
  };
}

export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly code?: string; readonly detail?: unknown };

  constructor(status: number, headers: HandshakeRefused['headers'], body: string) {
    super(`the handshake was answered with ${status}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = JSON.parse(body) as HandshakeRefused['body'];
  }
}

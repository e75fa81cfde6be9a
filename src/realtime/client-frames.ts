/** A frame of a client, as far as it can be understood (spec/api.md 5, 6). */
export type ClientFrame =
  | { readonly type: 'auth'; readonly token: string }
  | { readonly type: 'subscribe'; readonly channel: string; readonly since: Since | undefined }
  | { readonly type: 'unsubscribe'; readonly channel: string }
  | { readonly type: 'typing_start' | 'typing_stop'; readonly channel: string | undefined }
  | { readonly type: 'heartbeat' };

export interface Since {
  readonly offset: number;
  readonly epoch: string;
}

export type Parsed =
  | { readonly ok: true; readonly frame: ClientFrame }
  /** `unknown`: well formed, but of a type nobody knows; January clients are not told (W9). */
  | { readonly ok: false; readonly problem: string; readonly unknown: boolean };

const MAX_NAME = 200;
const MAX_TOKEN = 8_192;

/** Reads a text frame; the problem is one sentence for the client's developer (W5-W7). */
export function parseFrame(text: string): Parsed {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return wrong('Invalid JSON');
  }
  if (!isObject(frame)) return wrong('Invalid message: expected an object with a string "type"');
  const { type } = frame;
  if (typeof type !== 'string') return wrong('Invalid message: "type" must be a string');
  const payload = frame['payload'] ?? {};
  if (!isObject(payload)) return wrong('Invalid message: "payload" must be an object');
  switch (type) {
    case 'heartbeat':
      return { ok: true, frame: { type } };
    case 'auth': {
      const { token } = payload;
      if (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN) {
        return wrong('Invalid message: "payload.token" must be a token');
      }
      return { ok: true, frame: { type, token } };
    }
    case 'subscribe': {
      const { channel, offset, epoch } = payload;
      if (!isName(channel)) return wrong('Invalid message: "payload.channel" must be the name of a channel');
      const since = sinceOf(offset ?? undefined, epoch ?? undefined);
      if (since === null) {
        return wrong(
          'Invalid message: "payload.offset" must be a whole number from 0 on, with the "epoch" it was told with',
        );
      }
      return { ok: true, frame: { type, channel, since } };
    }
    case 'unsubscribe': {
      const { channel } = payload;
      if (!isName(channel)) return wrong('Invalid message: "payload.channel" must be the name of a channel');
      return { ok: true, frame: { type, channel } };
    }
    case 'typing_start':
    case 'typing_stop': {
      const channel = payload['channel'] ?? undefined;
      if (channel !== undefined && !isName(channel)) {
        return wrong('Invalid message: "payload.channel" must be the name of a channel');
      }
      return { ok: true, frame: { type, channel } };
    }
    default:
      return { ok: false, problem: 'Invalid message: unknown "type"', unknown: true };
  }
}

/** Position of a client; undefined when it has none, null when it cannot be one. */
export function sinceOf(offset: unknown, epoch: unknown): Since | undefined | null {
  if (offset === undefined && epoch === undefined) return undefined;
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) return null;
  if (typeof epoch !== 'string' || epoch.length > MAX_NAME) return null;
  return { offset, epoch };
}

function wrong(problem: string): Parsed {
  return { ok: false, problem, unknown: false };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { LiveEvent, PassingFrame } from './events.ts';

/** How far a channel has come. Offsets of another epoch count in another history. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** A frame of the server, as far as this client knows it (docs/realtime.md). */
export type ServerFrame =
  | { readonly kind: 'event'; readonly channel: string; readonly event: LiveEvent }
  | { readonly kind: 'passing'; readonly channel: string; readonly passing: PassingFrame }
  | { readonly kind: 'subscribed'; readonly channel: string; readonly position: Position; readonly recovered: boolean }
  | { readonly kind: 'unsubscribed'; readonly channel: string }
  | { readonly kind: 'position'; readonly channel: string; readonly position: Position }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly channel: string | undefined };

/** Null for what is no frame, or of a kind a newer server may have: a lost event shows as a gap. */
export function readFrame(text: string): ServerFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(frame) || typeof frame['type'] !== 'string' || !isObject(frame['payload'])) return null;
  const { type, payload, channel, offset } = frame;
  if (typeof channel === 'string') {
    if (isOffset(offset)) return { kind: 'event', channel, event: frame as unknown as LiveEvent };
    if (type === 'typing' || type === 'presence') {
      return { kind: 'passing', channel, passing: frame as unknown as PassingFrame };
    }
    return null;
  }
  if (type === 'authenticated') return { kind: 'authenticated' };
  return type === 'error' ? errorOf(payload) : aboutChannel(type, payload);
}

function errorOf(payload: Record<string, unknown>): ServerFrame {
  const { code, message, channel } = payload;
  return {
    kind: 'error',
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: typeof message === 'string' ? message : '',
    channel: typeof channel === 'string' ? channel : undefined,
  };
}

function aboutChannel(type: string, payload: Record<string, unknown>): ServerFrame | null {
  const { channel, epoch, offset, recovered } = payload;
  if (typeof channel !== 'string') return null;
  if (type === 'unsubscribed') return { kind: 'unsubscribed', channel };
  if (typeof epoch !== 'string' || !isOffset(offset)) return null;
  const position = { epoch, offset };
  if (type === 'subscribed') return { kind: 'subscribed', channel, position, recovered: recovered === true };
  return type === 'position' ? { kind: 'position', channel, position } : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

import type { LiveEvent, Position } from '../platform/live/channels.ts';

/** Codes of `error` frames (spec/api.md 6). */
export type ErrorCode =
  | 'AUTH_REQUIRED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_FRAME'
  | 'RATE_LIMITED'
  | 'TOO_MANY_CHANNELS'
  | 'UNAVAILABLE';

/** Close codes (spec/api.md 6). */
export const CLOSE = {
  goingAway: 1001,
  binary: 1003,
  tooLarge: 1009,
  internal: 1011,
  slow: 1013,
  tokenOver: 4401,
  notAllowed: 4403,
  noHeartbeat: 4408,
  tooMany: 4429,
} as const;

/** ISO 8601 UTC with microseconds and offset (spec/api.md 5), of milliseconds since 1970. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000+00:00`;
}

/** An event as everybody of one audience gets it; null payload: its place is told, its content withheld. */
export function eventFrame(channel: string, event: LiveEvent, payload: string | null): string {
  const type = payload === null ? 'withheld' : event.type;
  return `{"type":"${type}","ts":"${event.at}","payload":${payload ?? '{}'},"channel":"${channel}","offset":${event.offset}}`;
}

/** What has no place in the history: typing, presence. */
export function passingFrame(now: number, type: string, channel: string, payload: object): string {
  return JSON.stringify({ type, ts: timestamp(now), payload, channel });
}

/** @param position from which delivery holds: the next event has the next offset */
export function subscribedFrame(now: number, channel: string, position: Position, recovered: boolean): string {
  const payload = { room: channel, channel, epoch: position.epoch, offset: position.offset, recovered };
  return JSON.stringify({ type: 'subscribed', ts: timestamp(now), payload });
}

export function unsubscribedFrame(now: number, channel: string): string {
  return JSON.stringify({ type: 'unsubscribed', ts: timestamp(now), payload: { room: channel, channel } });
}

export function positionFrame(now: number, channel: string, position: Position): string {
  return JSON.stringify({ type: 'position', ts: timestamp(now), payload: { channel, ...position } });
}

export function authenticatedFrame(now: number, userId: string | null, expiresAt: number | null): string {
  const payload = { user_id: userId, expires_at: expiresAt === null ? null : timestamp(expiresAt * 1000) };
  return JSON.stringify({ type: 'authenticated', ts: timestamp(now), payload });
}

export function errorFrame(now: number, code: ErrorCode, message: string, channel?: string): string {
  const payload = { message, code, ...(channel === undefined ? {} : { channel }) };
  return JSON.stringify({ type: 'error', ts: timestamp(now), payload });
}

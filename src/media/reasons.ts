/**
 * Why an image is not stored; one stable code each, kept with the image in `media.fetch_state` (`spec/media.md` V1).
 * `skip`: nothing was tried, and a change of settings or data may change that. `refuse`: never tried again for this address.
 * `retry`: tried again later, a few times.
 */
export const REASONS = {
  no_url: 'skip',
  no_identifier: 'skip',
  unlicensed: 'skip',
  source_off: 'skip',
  host_stopped: 'skip',
  taken_down: 'refuse',

  bad_url: 'refuse',
  scheme_not_allowed: 'refuse',
  host_not_allowed: 'refuse',
  port_not_allowed: 'refuse',
  credentials_in_url: 'refuse',
  address_not_allowed: 'refuse',
  redirect_not_allowed: 'refuse',
  too_large: 'refuse',
  not_an_image: 'refuse',
  format_not_accepted: 'refuse',
  svg_not_accepted: 'refuse',
  too_many_pixels: 'refuse',
  too_many_frames: 'refuse',

  not_found: 'retry',
  gone: 'refuse',
  forbidden: 'retry',
  rate_limited: 'retry',
  upstream_error: 'retry',
  timeout: 'retry',
  network: 'retry',
  encoding: 'retry',
  empty: 'retry',
  truncated: 'retry',
  corrupt: 'retry',
  being_removed: 'retry',
  store_error: 'retry',
} as const satisfies Record<string, 'skip' | 'refuse' | 'retry'>;

export type Reason = keyof typeof REASONS;

/** One image was not stored. `detail`: one line for a person, without credentials or query strings. */
export interface NotStored {
  readonly kind: 'not_stored';
  readonly reason: Reason;
  readonly detail: string;
  /** What the upstream asked us to wait, in seconds. */
  readonly retryAfter?: number;
}

export function notStored(reason: Reason, detail: string, retryAfter?: number): NotStored {
  return { kind: 'not_stored', reason, detail, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

import type { EnvReader } from './read.ts';

/** Requests per minute and process; 0 switches a limit off. */
export interface LimitsConfig {
  /** Of a signed-in person. */
  readonly userReads: number;
  readonly userWrites: number;
  /** Of an address without a token; many people may share one. */
  readonly addressReads: number;
  readonly addressWrites: number;
  /** Addresses that are not counted (`RATE_LIMIT_EXEMPT`). */
  readonly exempt: readonly string[];
}

export const NO_LIMITS: LimitsConfig = { userReads: 0, userWrites: 0, addressReads: 0, addressWrites: 0, exempt: [] };

export function readLimits(env: EnvReader): LimitsConfig {
  const perMinute = (name: string, fallback: number) => env.number(name, fallback, { min: 0, max: 10_000_000 });
  return {
    userReads: perMinute('RATE_LIMIT_USER_READS', 600),
    userWrites: perMinute('RATE_LIMIT_USER_WRITES', 120),
    addressReads: perMinute('RATE_LIMIT_ADDRESS_READS', 1200),
    addressWrites: perMinute('RATE_LIMIT_ADDRESS_WRITES', 240),
    exempt: env.list('RATE_LIMIT_EXEMPT') ?? [],
  };
}

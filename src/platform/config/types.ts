import type { AuthConfig } from './auth.ts';
import type { LimitsConfig } from './limits.ts';
import type { PipelineConfig } from './pipeline.ts';
import type { RealtimeConfig } from './realtime.ts';
import type { SourceAccess } from './sources.ts';

/** Everything the program reads from its environment, validated and frozen (design 12). */
export interface Config {
  /** Absolute path of the data folder (`TRR_DATA_DIR`, default `.trr` in the project). */
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly limits: LimitsConfig;
  readonly realtime: RealtimeConfig;
  readonly tmdb: TmdbConfig;
  readonly sources: SourceAccess;
  readonly media: MediaConfig;
  readonly pipeline: PipelineConfig;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly production: boolean;
}

export type DatabaseConfig = (
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'url';
      readonly url: string;
      /** The variable it came from, for messages. */
      readonly variable: string;
    }
) & {
  /** Connections per process over all pools (`DB_POOL_MAX`, default 8). */
  readonly poolMax: number;
};

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** `PUBLIC_URL`, without trailing slash. */
  readonly publicUrl: string | null;
  /** `TRUST_PROXY`: addresses or networks of proxies; empty trusts none. */
  readonly trustProxy: readonly string[];
  /** `CORS_ALLOW_ORIGINS`; null means any origin without credentials. */
  readonly corsAllowOrigins: readonly string[] | null;
}

export interface TmdbConfig {
  readonly bearer: string | null;
  readonly apiKey: string | null;
  /** Requests per second over all workers of this process (`TMDB_RATE`, default 25). */
  readonly rate: number;
  readonly apiBaseUrl: string;
  readonly imageBaseUrl: string;
  /** `TMDB_LIST_ID`, used by `trr import` when no list is named. */
  readonly listIds: readonly string[];
}

export interface MediaConfig {
  readonly s3Bucket: string | null;
  readonly s3Prefix: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly cdnBaseUrl: string | null;
}

import type { AuthConfig } from './auth.ts';
import type { ImdbDatasetsConfig } from './imdb-datasets.ts';
import type { ImdbConfig } from './imdb-pages.ts';
import type { LimitsConfig } from './limits.ts';
import type { PipelineConfig } from './pipeline.ts';
import type { RealtimeConfig } from './realtime.ts';
import type { SheetConfig } from './sheet.ts';
import type { SourceAccess } from './sources.ts';
import type { FandomConfig } from './wikis.ts';

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
  readonly imdbDatasets: ImdbDatasetsConfig;
  readonly imdb: ImdbConfig;
  readonly fandom: FandomConfig;
  readonly sheet: SheetConfig;
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
  /** The S3-compatible store; null keeps files in `folder`. */
  readonly s3: S3Config | null;
  /** `TRR_MEDIA_DIR`: where the filesystem store keeps files (default `media` in the data folder). */
  readonly folder: string;
  /** `AWS_CDN_BASE_URL`: where hosted images are read from, without trailing slash; null: `/media` of this server. */
  readonly cdnBaseUrl: string | null;
}

export interface S3Config {
  readonly bucket: string;
  readonly region: string;
  /** `AWS_ENDPOINT_URL_S3`, for stores that are not Amazon's. */
  readonly endpoint: string | null;
  /** `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`; explicit keys are ignored beside it (`spec/media.md` 2). */
  readonly profile: string | null;
  /** Without profile, when both are set; null: the default chain of credentials. */
  readonly keys: { readonly id: string; readonly secret: string; readonly session: string | null } | null;
  /** `AWS_EC2_METADATA_DISABLED=false` asks the machine's metadata service for credentials; off by default. */
  readonly metadataService: boolean;
}

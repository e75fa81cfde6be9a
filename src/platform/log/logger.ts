import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Never written, whoever logs them and at whatever depth these objects appear. */
const SECRET_PATHS = [
  'authorization',
  'cookie',
  'password',
  'token',
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.token',
  'req.headers.authorization',
  'req.headers.cookie',
  'req.headers["x-anonymous-key"]',
  'err.config',
  'err.client',
  'err.parameters',
];

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Default: standard error, so that standard output stays what a command prints. */
  readonly stream?: DestinationStream;
}

/** The process's logger: one JSON object a line, ISO 8601 UTC times, secrets removed. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[removed]' },
    },
    options.stream ?? destination({ dest: 2, sync: true }),
  );
}

/** A request's path and query with the value of `token` removed (spec/api.md 6: never logged). */
export function loggableUrl(url: string): string {
  return url.replace(/([?&](?:token|access_token)=)[^&]*/gi, '$1[removed]');
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from './answers/answer.ts';
import { handleControl } from './control.ts';
import { createFaults, type FaultRule } from './faults.ts';
import { createImageHost, IMAGE_BASE, IMAGE_TEMPLATE, type ImageHost } from './image-host.ts';
import { createLimiter, type RateLimit, retryAfterValue } from './limiter.ts';
import { type Counts, createMeter, type LoggedRequest } from './meter.ts';
import { compressed, jsonReply, notModified, type Reply, send, spoiled } from './reply.ts';
import { routeOf, UNKNOWN_TEMPLATE } from './router.ts';
import type { World } from './world/world.ts';

export interface SimulatorOptions {
  readonly world: World;
  /** Loopback port; default 0, a free one. */
  readonly port?: number;
  /** Milliseconds every answer takes at least. */
  readonly latencyMs?: number;
  /** Up to this much more, evenly spread. */
  readonly jitterMs?: number;
  /** 429 above it; default none. */
  readonly rateLimit?: RateLimit;
  /**
   * Who may ask. `any` (default): whoever shows a bearer or a key. Named credentials: only those. `none`: everybody.
   */
  readonly auth?: 'any' | 'none' | { readonly bearer?: string; readonly apiKey?: string };
  readonly faults?: readonly FaultRule[];
  /** How many requests `requests()` remembers; default 20,000. */
  readonly logSize?: number;
  /** `Cache-Control: public, max-age`; default 21,600, in the range of recorded answers. */
  readonly cacheSeconds?: number;
  /** Answer `/_simulator/...` (see `control.ts`); default off. Such requests are not counted. */
  readonly control?: boolean;
  /** The simulator's calendar for the change feeds; default the real one. */
  readonly now?: () => Date;
}

export interface Simulator {
  /** `http://127.0.0.1:<port>`; the API lies under `/3`, so `TMDB_API_BASE_URL` is `apiBaseUrl`. */
  readonly url: string;
  readonly apiBaseUrl: string;
  /** Where its images are: `TMDB_IMAGE_BASE_URL`. Anybody may ask. */
  readonly imageBaseUrl: string;
  readonly images: Pick<ImageHost, 'set'>;
  /** What it serves; edits count at once. */
  readonly state: World;
  counts(): Counts;
  /** The last requests, oldest first. */
  requests(): readonly LoggedRequest[];
  /** Forgets counts and log (not the faults). */
  reset(): void;
  /** Replaces all fault rules and restarts their counts. */
  setFaults(rules: readonly FaultRule[]): void;
  setLatency(ms: number, jitterMs?: number): void;
  setRateLimit(limit: RateLimit | null): void;
  close(): Promise<void>;
}

/** Credentials that work with the default settings. */
export const SIMULATOR_BEARER = 'simulated-bearer';
export const SIMULATOR_API_KEY = 'simulated-key';

const BASE = '/3';

/** Serves a world as TMDb's v3 API over HTTP on a loopback port. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const meter = createMeter(options.logSize ?? 20_000);
  const faults = createFaults();
  faults.set(options.faults ?? []);
  const closing = new AbortController();
  const now = options.now ?? (() => new Date());
  const images = createImageHost();
  let latency = { ms: options.latencyMs ?? 0, jitterMs: options.jitterMs ?? 0 };
  let limit = options.rateLimit ?? null;
  let admit = limit === null ? () => true : createLimiter(limit);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://simulator');
    const path = url.pathname.startsWith(`${BASE}/`) ? url.pathname.slice(BASE.length) : '';
    const image = url.pathname.startsWith(`${IMAGE_BASE}/`) ? url.pathname.slice(IMAGE_BASE.length) : undefined;
    const found = image === undefined ? routeOf(path) : { ...routeOf(''), template: IMAGE_TEMPLATE };
    const request = describe(req, url, image === undefined ? path : url.pathname, found.template);
    meter.arrive(request);
    let bytes = 0;
    try {
      const admitted = admit(request.monotonic);
      const hit = admitted ? faults.hit(request) : { latencies: [], fault: undefined };
      const wait = [latency, ...hit.latencies].reduce((sum, l) => sum + l.ms + Math.random() * (l.jitterMs ?? 0), 0);
      if (wait > 0) await sleep(wait, undefined, { signal: closing.signal });
      const fault = hit.fault;
      if (fault?.kind === 'silence') await sleep(2 ** 31 - 1, undefined, { signal: closing.signal });
      if (fault?.kind === 'reset') {
        meter.decide(request, 0, fault.kind);
        res.socket?.resetAndDestroy();
        return;
      }
      const reply = !admitted
        ? overLimit()
        : image === undefined
          ? answerTo(req, request, url, found, fault)
          : notModified(await images.answer(image, fault, now().getTime()), req.headers['if-none-match']);
      meter.decide(request, reply.status, fault?.kind ?? null);
      bytes = await send(res, reply, fault, closing.signal);
    } finally {
      meter.leave(bytes);
    }
  }

  function answerTo(
    req: IncomingMessage,
    request: LoggedRequest,
    url: URL,
    found: ReturnType<typeof routeOf>,
    fault: ReturnType<typeof faults.hit>['fault'],
  ): Reply {
    const question = { world: options.world, parts: found.parts, query: url.searchParams, now: now().getTime() };
    const allowed = mayAsk(options.auth ?? 'any', req, url);
    const said = !allowed ? errors.badKey() : request.method !== 'GET' ? errors.badMethod() : found.handle(question);
    const plain = jsonReply(said.status, said.body, { cacheSeconds: options.cacheSeconds ?? 21_600 });
    const reply = spoiled(plain, said.body, fault, question.now);
    return compressed(
      notModified(reply, req.headers['if-none-match']),
      req.headers['accept-encoding'] as string | undefined,
    );
  }

  function overLimit(): Reply {
    const said = errors.overLimit(meter.counts().total, limit?.perSecond ?? 0);
    const reply = jsonReply(said.status, said.body, { cacheSeconds: 0 });
    reply.headers['retry-after'] = retryAfterValue(limit?.retryAfter ?? 1, limit?.retryAfterForm, Date.now());
    return reply;
  }

  const server = createServer((req, res) => {
    const control = options.control === true && (req.url ?? '').startsWith('/_simulator/');
    (control ? handleControl(simulator, req, res, req.url ?? '') : handle(req, res)).catch((error: unknown) => {
      if (closing.signal.aborted || res.destroyed) return;
      // A defect of the simulator must be seen as one, not as an upstream's fault.
      process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!res.headersSent) res.writeHead(599, { 'content-type': 'text/plain' });
      res.end(`simulator defect: ${String(error)}`);
    });
  });
  // Longer than any client keeps a connection idle, so that the client's pool decides.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const simulator: Simulator = {
    url,
    apiBaseUrl: `${url}${BASE}`,
    imageBaseUrl: `${url}${IMAGE_BASE}`,
    images,
    state: options.world,
    counts: meter.counts,
    requests: meter.requests,
    reset: meter.reset,
    setFaults: faults.set,
    setLatency(ms, jitterMs = 0) {
      latency = { ms, jitterMs };
    },
    setRateLimit(next) {
      limit = next;
      admit = next === null ? () => true : createLimiter(next);
    },
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return simulator;
}

function describe(req: IncomingMessage, url: URL, path: string, template: string): LoggedRequest {
  const query = new URLSearchParams(url.searchParams);
  query.delete('api_key');
  const auth =
    req.headers.authorization !== undefined ? 'bearer' : url.searchParams.has('api_key') ? 'api_key' : 'none';
  return {
    at: Date.now(),
    monotonic: performance.now(),
    method: req.method ?? 'GET',
    path: path === '' ? url.pathname : path,
    query: query.toString(),
    template: path === '' ? UNKNOWN_TEMPLATE : template,
    auth,
    conditional: req.headers['if-none-match'] !== undefined,
    userAgent: req.headers['user-agent'] ?? '',
    status: 0,
    fault: null,
  };
}

function mayAsk(auth: NonNullable<SimulatorOptions['auth']>, req: IncomingMessage, url: URL): boolean {
  if (auth === 'none') return true;
  const bearer = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  const key = url.searchParams.get('api_key') ?? undefined;
  if (auth === 'any') return Boolean(bearer) || Boolean(key);
  return (bearer !== undefined && bearer === auth.bearer) || (key !== undefined && key === auth.apiKey);
}

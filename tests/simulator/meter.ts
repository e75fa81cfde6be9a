/** One request as the simulator saw it. Credentials are not kept. */
export interface LoggedRequest {
  /** Arrival, milliseconds since 1970. */
  readonly at: number;
  /** Arrival on the monotonic clock, milliseconds: for distances between requests. */
  readonly monotonic: number;
  readonly method: string;
  /** Without the `/3` base. */
  readonly path: string;
  /** Without `api_key`. */
  readonly query: string;
  readonly template: string;
  readonly auth: 'bearer' | 'api_key' | 'none';
  /** Carried `If-None-Match`. */
  readonly conditional: boolean;
  readonly userAgent: string;
  /** Filled in when the answer has been decided; 0 for a connection that was cut before one. */
  status: number;
  fault: string | null;
}

export interface Counts {
  readonly total: number;
  readonly byTemplate: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests with `If-None-Match`. */
  readonly conditional: number;
  /** Of those, answered 304. */
  readonly notModified: number;
  /** Most arrivals in any window of one second (sliding, by arrival). */
  readonly perSecondHighWater: number;
  readonly inFlight: number;
  readonly inFlightHighWater: number;
  readonly bodyBytes: number;
}

/** Counts arrivals and answers; keeps the last `logSize` requests. */
export interface Meter {
  arrive(request: LoggedRequest): void;
  decide(request: LoggedRequest, status: number, fault: string | null): void;
  leave(bytes: number): void;
  counts(): Counts;
  requests(): readonly LoggedRequest[];
  reset(): void;
}

export function createMeter(logSize: number): Meter {
  let byTemplate: Record<string, number> = {};
  let byStatus: Record<string, number> = {};
  let log: LoggedRequest[] = [];
  let [total, conditional, notModified, perSecondHighWater, inFlight, inFlightHighWater, bodyBytes] = [
    0, 0, 0, 0, 0, 0, 0,
  ];
  let window: number[] = [];
  return {
    arrive(request) {
      total += 1;
      byTemplate[request.template] = (byTemplate[request.template] ?? 0) + 1;
      if (request.conditional) conditional += 1;
      inFlight += 1;
      inFlightHighWater = Math.max(inFlightHighWater, inFlight);
      window.push(request.monotonic);
      const first = window.findIndex((at) => at > request.monotonic - 1_000);
      if (first > 0) window = window.slice(first);
      perSecondHighWater = Math.max(perSecondHighWater, window.length);
      if (logSize > 0) log.push(request);
      // Twice the size before cutting: the cost of the cut is shared by as many requests.
      if (log.length > 2 * logSize) log = log.slice(-logSize);
    },
    decide(request, status, fault) {
      request.status = status;
      request.fault = fault;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (status === 304) notModified += 1;
    },
    leave(bytes) {
      inFlight -= 1;
      bodyBytes += bytes;
    },
    counts: () => ({
      total,
      byTemplate: { ...byTemplate },
      byStatus: { ...byStatus },
      conditional,
      notModified,
      perSecondHighWater,
      inFlight,
      inFlightHighWater,
      bodyBytes,
    }),
    requests: () => (logSize > 0 ? log.slice(-logSize) : []),
    reset() {
      byTemplate = {};
      byStatus = {};
      log = [];
      window = [];
      [total, conditional, notModified, perSecondHighWater, inFlightHighWater, bodyBytes] = [0, 0, 0, 0, inFlight, 0];
    },
  };
}

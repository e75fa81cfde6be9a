import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What this process measures, in Prometheus' text format. One registry per application, so that tests do not share counts. */
export interface Metrics {
  /** One request answered. `operation`: its operation id; a bounded set, so that paths people invent make no series. */
  observeRequest(operation: string, method: string, status: number, seconds: number): void;
  requestStarted(): void;
  requestEnded(): void;
  /** A number that is looked up when somebody asks. */
  gauge(name: string, help: string, read: () => number): void;
  /** As `gauge`, for a number by labels; looked up when somebody asks. A failed look-up leaves the last numbers. */
  table(name: string, help: string, labels: readonly string[], read: () => Promise<readonly LabelledValue[]>): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['operation', 'method', 'status'] as const;
  const requests = new Counter({
    name: 'trr_http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'trr_http_request_duration_seconds',
    help: 'From the request line to the last byte of the answer',
    labelNames: ['operation'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'trr_http_requests_in_flight',
    help: 'Requests being answered',
    registers: [registry],
  });
  // Finding the series of a set of labels costs more than counting: it is done once for each.
  const known = new Map<string, { count: () => void; time: (seconds: number) => void }>();
  const seriesOf = (operation: string, method: string, status: number) => {
    const key = `${operation} ${method} ${status}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const [counter, histogram] = [requests.labels(operation, method, String(status)), durations.labels(operation)];
    const made = { count: () => counter.inc(), time: (seconds: number) => histogram.observe(seconds) };
    known.set(key, made);
    return made;
  };
  return {
    observeRequest(operation, method, status, seconds) {
      const series = seriesOf(operation, method, status);
      series.count();
      series.time(seconds);
    },
    requestStarted: () => inFlight.inc(),
    requestEnded: () => inFlight.dec(),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    table(name, help, tableLabels, read) {
      new Gauge({
        name,
        help,
        labelNames: [...tableLabels],
        registers: [registry],
        async collect() {
          const values = await read().catch(() => undefined);
          if (values === undefined) return;
          this.reset();
          for (const { labels, value } of values) this.set({ ...labels }, value);
        },
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a worker measures, in Prometheus' text format. */
export interface WorkMetrics {
  /** One answer of a source, retries included: how it ended (`ok`, `rate_limited`, ...) and how long it took from asking to answering. */
  observeRequest(source: string, outcome: string, seconds: number): void;
  /** One unit: a stage of a show, fetch and write together. */
  observeUnit(stage: string, status: string, seconds: number): void;
  /** A numbered fact that is looked up when somebody asks: rows of value by the label's value. */
  gauge(name: string, help: string, label: string, read: () => Promise<Readonly<Record<string, number>>>): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function createWorkMetrics(): WorkMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'trr_source_answers_total',
    help: 'Answers of sources, by how they ended',
    labelNames: ['source', 'outcome'] as const,
    registers,
  });
  const requestTimes = new Histogram({
    name: 'trr_source_answer_duration_seconds',
    help: 'From asking a source to its answer, waiting for a turn and retries included',
    labelNames: ['source'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180],
    registers,
  });
  const units = new Counter({
    name: 'trr_units_total',
    help: 'Units of work, by how they ended',
    labelNames: ['stage', 'status'] as const,
    registers,
  });
  const unitTimes = new Histogram({
    name: 'trr_unit_duration_seconds',
    help: 'One stage of one show: fetch and write together',
    labelNames: ['stage'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  return {
    observeRequest(source, outcome, seconds) {
      requests.labels(source, outcome).inc();
      requestTimes.labels(source).observe(seconds);
    },
    observeUnit(stage, status, seconds) {
      units.labels(stage, status).inc();
      unitTimes.labels(stage).observe(seconds);
    },
    gauge(name, help, label, read) {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        async collect() {
          // A database that is away shows as series that are missing, not as a failed scrape.
          const values = await read().catch(() => ({}));
          this.reset();
          for (const [value, count] of Object.entries(values)) this.labels(value).set(count);
        },
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

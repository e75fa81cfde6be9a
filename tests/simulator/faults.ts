import type { Json } from './answers/answer.ts';

/** What goes wrong with a request. */
export type Fault =
  /** Answers late, by `ms` plus up to `jitterMs`. Adds to the simulator's own latency. */
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** A status with TMDb's error body (429 with code 25, 404 with 34, 401 with 7, others with 11), or one of the rule's own. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Seconds, or a date this many seconds ahead when `retryAfterForm` is `date`. */
      readonly retryAfter?: number;
      readonly retryAfterForm?: 'seconds' | 'date';
    }
  /** The connection is reset before an answer. */
  | { readonly kind: 'reset' }
  /** The connection is reset after this part (0 to 1) of the body; the announced length is the whole one. */
  | { readonly kind: 'truncated'; readonly part?: number }
  /** A well-formed answer whose JSON stops half way. */
  | { readonly kind: 'cut-json' }
  /** The body trickles. */
  | { readonly kind: 'slow-body'; readonly bytesPerSecond: number }
  /** Never answers (until the simulator closes). */
  | { readonly kind: 'silence' }
  /** Status 200, JSON type, not JSON. */
  | { readonly kind: 'not-json' }
  /** Status 200, valid JSON that is not an object. */
  | { readonly kind: 'not-object' }
  /** A web page instead of JSON (a proxy's, a challenge's). */
  | { readonly kind: 'html'; readonly status?: number }
  /** Appended blocks that were asked for are left out. */
  | { readonly kind: 'missing-blocks'; readonly blocks: readonly string[] }
  /** Another id than the one asked for. */
  | { readonly kind: 'wrong-id'; readonly id?: number }
  /** Fields changed to something the reader does not expect. */
  | { readonly kind: 'replace-fields'; readonly fields: Json }
  /** A valid answer padded with blanks to this size. */
  | { readonly kind: 'oversize'; readonly bytes: number };

export interface FaultRule {
  /**
   * Which requests: a template (`/tv/{id}/season/{n}`), a path (`/tv/14658`), or a regular expression over path and query.
   * Absent: all.
   */
  readonly on?: string | RegExp;
  /** Let this many matching requests through first. */
  readonly skip?: number;
  /** Then hit this many; default: every one. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface FaultTarget {
  readonly template: string;
  readonly path: string;
  readonly query: string;
}

/** The faults in force; each rule counts the requests it matched. */
export interface Faults {
  set(rules: readonly FaultRule[]): void;
  /** Latencies that hit this request, and the first other fault that does. */
  hit(target: FaultTarget): {
    latencies: Extract<Fault, { kind: 'latency' }>[];
    fault: Exclude<Fault, { kind: 'latency' }> | undefined;
  };
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; seen: number }[] = [];
  return {
    set(next) {
      rules = next.map((rule) => ({ rule, seen: 0 }));
    },
    hit(target) {
      const latencies: Extract<Fault, { kind: 'latency' }>[] = [];
      let fault: Exclude<Fault, { kind: 'latency' }> | undefined;
      for (const entry of rules) {
        if (!matches(entry.rule.on, target)) continue;
        // A request that another rule already spoils does not use this one up.
        if (entry.rule.fault.kind !== 'latency' && fault !== undefined) continue;
        entry.seen += 1;
        const skip = entry.rule.skip ?? 0;
        if (entry.seen <= skip || entry.seen > skip + (entry.rule.times ?? Number.POSITIVE_INFINITY)) continue;
        if (entry.rule.fault.kind === 'latency') latencies.push(entry.rule.fault);
        else fault = entry.rule.fault;
      }
      return { latencies, fault };
    },
  };
}

function matches(on: string | RegExp | undefined, target: FaultTarget): boolean {
  if (on === undefined) return true;
  if (on instanceof RegExp) return on.test(target.query === '' ? target.path : `${target.path}?${target.query}`);
  return on === target.template || on === target.path;
}

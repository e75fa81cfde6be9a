export type OutboundFailure =
  | 'address' // the filter refused where the name points to
  | 'redirect' // to another host, or too many
  | 'too_large' // more bytes than allowed, on the wire or unpacked
  | 'encoding' // compressed body that cannot be unpacked
  | 'timeout'
  | 'network' // refused, reset, truncated, name not found, TLS
  | 'aborted'; // by our own signal

/** A request that did not bring a whole answer. The message is one line without query strings or credentials. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly failure: OutboundFailure;

  constructor(failure: OutboundFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

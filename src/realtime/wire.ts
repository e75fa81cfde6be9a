const FINAL_TEXT = 0x81;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** What was made of a frame: it goes to thousands of sockets, and costs one write on each. */
const messages = new WeakMap<Buffer, Buffer>();

/**
 * A text frame as a server sends it (RFC 6455, 5.2: one final message, not masked, not compressed), made once for everybody. `ws` would make the
 * head again and hand two pieces to each socket; written to the socket beside it, in order, because without compression `ws` writes at once, too.
 */
export function textMessage(frame: Buffer): Buffer {
  let message = messages.get(frame);
  if (message === undefined) {
    message = Buffer.concat([head(frame.length), frame]);
    messages.set(frame, message);
  }
  return message;
}

function head(length: number): Buffer {
  if (length < TWO_BYTES) return Buffer.from([FINAL_TEXT, length]);
  if (length < 1 << 16) {
    const bytes = Buffer.from([FINAL_TEXT, TWO_BYTES, 0, 0]);
    bytes.writeUInt16BE(length, 2);
    return bytes;
  }
  const bytes = Buffer.alloc(10);
  bytes[0] = FINAL_TEXT;
  bytes[1] = EIGHT_BYTES;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

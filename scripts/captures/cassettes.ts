import { gunzipSync } from 'node:zlib';
import { parse, type ScalarTag } from 'yaml';

/** One recorded exchange, whichever recorder wrote it. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked. */
  readonly body: Buffer;
  /** As the recorder wrote it, else the server's date; null when neither says. */
  readonly at: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Ruby writes `!binary` where YAML says `!!binary`. */
const rubyBinary: ScalarTag = { tag: '!binary', resolve: (text) => Buffer.from(text, 'base64') };

/** Enough for any recorded answer; more is not a recording but an attack. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Reads a cassette of VCR (Ruby, `http_interactions`), go-vcr v2 (`interactions` with `response.code`) or vcrpy (`interactions`
 * with `response.status.code`). Bodies may be text, `!binary`, base64 or gzip. Empty when the YAML is no cassette.
 */
export function readCassette(yaml: string): Exchange[] {
  const cassette: unknown = parse(yaml, { customTags: ['binary', rubyBinary], maxAliasCount: 100 });
  const list = fieldsOf(cassette)['http_interactions'] ?? fieldsOf(cassette)['interactions'];
  return Array.isArray(list) ? list.flatMap((item: unknown) => readExchange(fieldsOf(item)) ?? []) : [];
}

function readExchange(item: Fields): Exchange | null {
  const request = fieldsOf(item['request']);
  const response = fieldsOf(item['response']);
  const url = request['uri'] ?? request['url'];
  const status = Number(fieldsOf(response['status'])['code'] ?? response['code']);
  if (typeof url !== 'string' || !URL.canParse(url) || !Number.isInteger(status)) return null;
  const headers = readHeaders(response['headers']);
  const recordedAt = item['recorded_at'];
  return {
    method: String(request['method'] ?? 'GET').toUpperCase(),
    url,
    status,
    headers,
    body: unpacked(readBody(response['body'])),
    at: typeof recordedAt === 'string' ? recordedAt : (headers['date'] ?? null),
  };
}

function readHeaders(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, content] of Object.entries(fieldsOf(value))) {
    headers[name.toLowerCase()] = Array.isArray(content) ? content.map(String).join(', ') : String(content);
  }
  return headers;
}

/** go-vcr: a string. VCR and vcrpy: an object with `string` (text or `!binary`), or `base64_string`. */
function readBody(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return Buffer.from(value);
  const body = fieldsOf(value);
  if (typeof body['base64_string'] === 'string') return Buffer.from(body['base64_string'], 'base64');
  const content = body['string'];
  return typeof content === 'string' || content instanceof Uint8Array ? readBody(content) : Buffer.alloc(0);
}

/** By its magic number: recorders unpack some bodies and keep the header of all. */
function unpacked(body: Buffer): Buffer {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  return isGzip ? gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }) : body;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

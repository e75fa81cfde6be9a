import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyProblem, type Refusal, readAll, unXml, xml } from './bodies.ts';
import { type Credentials, signatureProblem } from './signature.ts';

export const S3_CREDENTIALS: Credentials = {
  accessKeyId: 'TESTACCESSKEY',
  secretAccessKey: 'test/secret+key',
  region: 'eu-test-1',
};

export interface S3Object {
  readonly body: Buffer;
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl: string | undefined;
  readonly modifiedAt: Date;
}

/** Which requests fail: `times` (default all) of an operation (`PutObject`, `HeadObject`, ...) whose key matches. */
export interface S3Fault {
  readonly on: string;
  readonly key?: RegExp;
  readonly times?: number;
  /** A status and code; `reset`: the connection is cut before an answer, the change is made all the same with `after`. */
  readonly fault: Refusal | 'reset';
  readonly after?: boolean;
}

export interface S3Server extends AsyncDisposable {
  readonly url: string;
  readonly bucket: string;
  readonly objects: Map<string, S3Object>;
  /** Operation and key of every request, oldest first. */
  readonly requests: { readonly operation: string; readonly key: string; readonly status: number }[];
  count(operation: string): number;
  /** Puts an object where no client did. */
  plant(key: string, body: Buffer, options?: { contentType?: string; modifiedAt?: Date }): void;
  setFaults(faults: readonly S3Fault[]): void;
  setLatency(ms: number): void;
  /** Called when a request has been carried out, before its answer is sent. */
  onRequest(listener: ((count: number) => void) | undefined): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** An S3-compatible store of one bucket, path style, in memory; checks signatures, payload hashes and checksums as the service does. */
export async function startS3Server(
  options: { bucket?: string; pageSize?: number; port?: number } = {},
): Promise<S3Server> {
  const bucket = options.bucket ?? 'test-bucket';
  const objects = new Map<string, S3Object>();
  const requests: S3Server['requests'] = [];
  let faults: { rule: S3Fault; left: number }[] = [];
  let latency = 0;
  let listener: ((count: number) => void) | undefined;

  const server = createServer((request, response) => {
    void handle(request, response).catch((error: unknown) => {
      process.stderr.write(`s3 server: ${error instanceof Error ? error.stack : String(error)}\n`);
      response.destroy();
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [name = '', ...rest] = url.pathname.slice(1).split('/');
    const key = rest.map(decodeURIComponent).join('/');
    const operation = operationOf(request.method ?? '', key, url.searchParams);
    const body = await readAll(request);
    if (latency > 0) await sleep(latency);
    const fault = takeFault(operation, key);
    const spoiled = fault !== undefined && fault.after !== true;
    const refused = spoiled ? undefined : refusalOf(request, name, body);
    const answer =
      refused !== undefined ? refusal(refused) : spoiled ? undefined : perform(operation, key, request, url, body);
    const sent = fault === undefined ? answer : fault.fault === 'reset' ? undefined : refusal(fault.fault);
    requests.push({ operation, key, status: sent?.status ?? 0 });
    listener?.(requests.length);
    if (sent === undefined) {
      response.destroy();
      return;
    }
    response.writeHead(sent.status, { 'x-amz-request-id': 'TEST', ...sent.headers });
    response.end(request.method === 'HEAD' ? undefined : sent.body);
  }

  function refusalOf(request: IncomingMessage, name: string, body: Buffer): Refusal | undefined {
    const code = signatureProblem(request, S3_CREDENTIALS);
    if (code !== undefined) return { status: code === 'AuthorizationHeaderMalformed' ? 400 : 403, code };
    if (name !== bucket) return { status: 404, code: 'NoSuchBucket' };
    return bodyProblem(request, body);
  }

  function takeFault(operation: string, key: string): S3Fault | undefined {
    const entry = faults.find(({ rule, left }) => left > 0 && rule.on === operation && (rule.key?.test(key) ?? true));
    if (entry !== undefined) entry.left -= 1;
    return entry?.rule;
  }

  function perform(operation: string, key: string, request: IncomingMessage, url: URL, body: Buffer): Answer {
    const found = objects.get(key);
    switch (operation) {
      case 'PutObject': {
        if (request.headers['if-none-match'] === '*' && found !== undefined)
          return refusal({ status: 412, code: 'PreconditionFailed' });
        const made = objectOf(body, request.headers['content-type'], request.headers['cache-control'], new Date());
        objects.set(key, made);
        return { status: 200, headers: { etag: `"${made.etag}"` } };
      }
      case 'HeadObject':
      case 'GetObject':
        return found === undefined ? refusal({ status: 404, code: 'NoSuchKey' }) : read(found, request.headers.range);
      case 'DeleteObject':
        objects.delete(key);
        return { status: 204 };
      case 'DeleteObjects':
        return deleteMany(request, body.toString());
      case 'ListObjectsV2':
        return list(url.searchParams);
      case 'HeadBucket':
        return { status: 200 };
      case 'GetBucketLocation':
        return { status: 200, body: `<LocationConstraint>${S3_CREDENTIALS.region}</LocationConstraint>` };
      default:
        return refusal({ status: 501, code: 'NotImplemented' });
    }
  }

  function deleteMany(request: IncomingMessage, text: string): Answer {
    // The service insists on one of the two.
    const checked = ['content-md5', 'x-amz-checksum-crc32', 'x-amz-checksum-sha256'].some(
      (h) => request.headers[h] !== undefined,
    );
    if (!checked) return refusal({ status: 400, code: 'InvalidRequest' });
    const keys = [...text.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, key = '']) => unXml(key));
    if (keys.length === 0 || keys.length > 1000) return refusal({ status: 400, code: 'MalformedXML' });
    const quiet = /<Quiet>true<\/Quiet>/.test(text);
    const lines = keys.map((key) => {
      const fault = takeFault('DeleteObjects:key', key);
      if (fault !== undefined && fault.fault !== 'reset') {
        return `<Error><Key>${xml(key)}</Key><Code>${fault.fault.code}</Code><Message>by request</Message></Error>`;
      }
      objects.delete(key);
      return quiet ? '' : `<Deleted><Key>${xml(key)}</Key></Deleted>`;
    });
    return document(`<DeleteResult>${lines.join('')}</DeleteResult>`);
  }

  function list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const size = Math.min(Number(query.get('max-keys') ?? 1000), options.pageSize ?? 1000);
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, size);
    const more = keys.length > page.length;
    const rows = page.map((key) => {
      const { etag, body, modifiedAt } = objects.get(key) as S3Object;
      return `<Contents><Key>${xml(key)}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    });
    const next = more ? `<NextContinuationToken>${xml(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    return document(
      `<ListBucketResult><Name>${bucket}</Name><Prefix>${xml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${size}</MaxKeys><IsTruncated>${more}</IsTruncated>${next}${rows.join('')}</ListBucketResult>`,
    );
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    objects,
    requests,
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    plant(key, body, { contentType = 'application/octet-stream', modifiedAt = new Date() } = {}) {
      objects.set(key, objectOf(body, contentType, undefined, modifiedAt));
    },
    setFaults(rules) {
      faults = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
    },
    setLatency(ms) {
      latency = ms;
    },
    onRequest(next) {
      listener = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function operationOf(method: string, key: string, query: URLSearchParams): string {
  if (key === '') {
    if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
    if (method === 'GET' && query.has('location')) return 'GetBucketLocation';
    if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
    return method === 'HEAD' ? 'HeadBucket' : 'Unknown';
  }
  return { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' }[method] ?? 'Unknown';
}

function objectOf(
  body: Buffer,
  contentType: string | undefined,
  cacheControl: string | undefined,
  modifiedAt: Date,
): S3Object {
  const etag = createHash('md5').update(body).digest('hex');
  return { body, etag, contentType: contentType ?? 'application/octet-stream', cacheControl, modifiedAt };
}

function read(found: S3Object, range: string | undefined): Answer {
  const headers = {
    etag: `"${found.etag}"`,
    'content-type': found.contentType,
    'last-modified': found.modifiedAt.toUTCString(),
    ...(found.cacheControl === undefined ? {} : { 'cache-control': found.cacheControl }),
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined)
    return { status: 200, headers: { ...headers, 'content-length': String(found.body.length) }, body: found.body };
  const end = to === '' || to === undefined ? found.body.length - 1 : Math.min(Number(to), found.body.length - 1);
  const part = found.body.subarray(Number(from), end + 1);
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(part.length),
      'content-range': `bytes ${from}-${end}/${found.body.length}`,
    },
    body: part,
  };
}

function refusal({ status, code }: Refusal): Answer {
  return { ...document(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
}

function document(text: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>${text}`,
  };
}

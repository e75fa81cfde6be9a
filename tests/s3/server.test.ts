import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Client } from 'minio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3_CREDENTIALS, type S3Server, startS3Server } from './server.ts';

let server: S3Server;

/** A second client library, written by others: what the server says is S3 must be S3 to it too. */
const client = (over: Partial<ConstructorParameters<typeof Client>[0]> = {}) =>
  new Client({
    endPoint: '127.0.0.1',
    port: Number(new URL(server.url).port),
    useSSL: false,
    accessKey: S3_CREDENTIALS.accessKeyId,
    secretKey: S3_CREDENTIALS.secretAccessKey,
    region: S3_CREDENTIALS.region,
    ...over,
  });

beforeAll(async () => {
  server = await startS3Server({ pageSize: 3 });
});
afterAll(() => server.close());

describe('the S3 test server, asked by a second client', () => {
  it('stores, tells and gives back', async () => {
    const body = Buffer.from('hello, wörld');
    const { etag } = await client().putObject(server.bucket, 'a/b ü+c.txt', body, body.length, {
      'Content-Type': 'text/plain',
    });
    expect(etag).toBe(createHash('md5').update(body).digest('hex'));
    expect(await client().statObject(server.bucket, 'a/b ü+c.txt')).toMatchObject({
      size: body.length,
      etag,
      metaData: { 'content-type': 'text/plain' },
    });
    expect(await text(await client().getObject(server.bucket, 'a/b ü+c.txt'))).toBe('hello, wörld');
    expect(await text(await client().getPartialObject(server.bucket, 'a/b ü+c.txt', 0, 5))).toBe('hello');
  });

  it('lists over pages, and deletes many at once', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `list/${i}&<>.txt`);
    for (const name of names) await client().putObject(server.bucket, name, 'x');
    const listed: string[] = [];
    for await (const item of client().listObjectsV2(server.bucket, 'list/', true)) listed.push(item.name);
    expect(listed).toEqual(names);
    await client().removeObjects(server.bucket, names.slice(1));
    expect([...server.objects.keys()].filter((key) => key.startsWith('list/'))).toEqual([names[0]]);
  });

  it('refuses wrong secrets, unknown keys and regions, missing objects', async () => {
    const failing = (over: Parameters<typeof client>[0], key = 'none') =>
      client(over)
        .getObject(server.bucket, key)
        .then(
          () => 'answered',
          (error: { code: string }) => error.code,
        );
    expect(await failing({ secretKey: 'wrong' })).toBe('SignatureDoesNotMatch');
    expect(await failing({ accessKey: 'SOMEBODY' })).toBe('InvalidAccessKeyId');
    expect(await failing({ region: 'us-east-1' })).toBe('AuthorizationHeaderMalformed');
    expect(await failing({})).toBe('NoSuchKey');
  });

  it('refuses what is not signed', async () => {
    expect((await fetch(`${server.url}/${server.bucket}/x`)).status).toBe(403);
  });
});

/**
 * The world of the bench in a process of its own: an image host with a latency, and the S3 test server with the same. Prints both addresses
 * when they listen.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { startS3Server } from '../../tests/s3/server.ts';

const [latency = '100'] = process.argv.slice(2);

/** One photograph-like JPEG of about 200 kB. */
async function photo(): Promise<Buffer> {
  const size = { width: 1000, height: 1500 };
  const clouds = await sharp({
    create: {
      width: 50,
      height: 75,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  const grain = {
    create: {
      ...size,
      channels: 3 as const,
      background: '#000',
      noise: { type: 'gaussian' as const, mean: 20, sigma: 12 },
    },
  };
  return sharp(clouds)
    .resize(size.width, size.height)
    .composite([{ input: await sharp(grain).png().toBuffer(), blend: 'add' }])
    .jpeg({ quality: 68 })
    .toBuffer();
}

const base = await photo();
/** As many files as asked for, different in their JFIF density, which is no part of the picture and stays in the file. */
function file(n: number): Buffer {
  const bytes = Buffer.from(base);
  bytes.writeUInt16BE(1 + (n % 65_000), 14);
  return bytes;
}

const images = createServer((request, response) => {
  const n = Number(/\/(\d+)\.jpg/.exec(request.url ?? '')?.[1] ?? 0);
  void sleep(Number(latency)).then(() => {
    const body = file(n);
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': body.length }).end(body);
  });
});
images.keepAliveTimeout = 120_000;
await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve));
const store = await startS3Server();
store.setLatency(Number(latency));
console.log(
  `ready ${JSON.stringify({ images: `http://127.0.0.1:${(images.address() as AddressInfo).port}`, store: store.url, bucket: store.bucket, bytes: base.length, pid: process.pid })}`,
);

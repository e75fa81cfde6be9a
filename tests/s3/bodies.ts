import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { sha256 } from './signature.ts';

/** Something the service refuses, by its own code. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Whether a body is what its headers say: length, the signed hash, the checksums (`Content-MD5`, SHA-256, CRC32). */
export function bodyProblem(request: IncomingMessage, body: Buffer): Refusal | undefined {
  const header = (name: string) => request.headers[name] as string | undefined;
  const signed = header('x-amz-content-sha256');
  if (signed === undefined) return { status: 400, code: 'MissingSecurityHeader' };
  if (signed !== 'UNSIGNED-PAYLOAD' && signed !== sha256(body))
    return { status: 400, code: 'XAmzContentSHA256Mismatch' };
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const checks: [string, string][] = [
    ['content-md5', createHash('md5').update(body).digest('base64')],
    ['x-amz-checksum-sha256', createHash('sha256').update(body).digest('base64')],
    ['x-amz-checksum-crc32', crc.toString('base64')],
  ];
  const wrong = checks.some(([name, expected]) => header(name) !== undefined && header(name) !== expected);
  return wrong ? { status: 400, code: 'BadDigest' } : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

export function xml(text: string | number): string {
  return String(text).replaceAll(/[<>&'"]/g, (c) => ENTITIES[c] ?? c);
}

export function unXml(text: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, dec?: string, hex?: string, name?: string) =>
    name !== undefined
      ? (names[name] ?? '')
      : String.fromCodePoint(dec !== undefined ? Number(dec) : Number.parseInt(hex ?? '0', 16)),
  );
}

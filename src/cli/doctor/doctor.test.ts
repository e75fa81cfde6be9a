import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { compareWithLock } from './dependencies.ts';
import { redactor } from './redact.ts';

it('compares installed packages with the lock file', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'trr-lock-'));
  const write = (file: string, value: unknown) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify(value));
  };
  try {
    write('package.json', { dependencies: { here: '1.0.0', other: '2.0.0', gone: '3.0.0', new: '4.0.0' } });
    expect(compareWithLock(root).status).toBe('skipped');
    const packages = Object.fromEntries(
      Object.entries({ here: '1.0.0', other: '2.0.0', gone: '3.0.0' }).map(([name, version]) => [
        `node_modules/${name}`,
        { version },
      ]),
    );
    write('package-lock.json', { packages });
    write('node_modules/here/package.json', { version: '1.0.0' });
    write('node_modules/other/package.json', { version: '2.0.1' });
    expect(compareWithLock(root)).toEqual({
      status: 'fail',
      text: 'other is 2.0.1, locked 2.0.0, gone is missing, new is not in the lock file: run npm ci',
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('takes secrets out of what libraries say', () => {
  const redact = redactor({
    DATABASE_URL: 'postgresql://u:p%40ssword@h/db',
    TRR_INTERNAL_JWT_SECRET: 'first-secret,second-secret',
    IMDB_EXTRA_HEADERS_JSON: '{"cookie": "session=1"}',
    HOST: '127.0.0.1',
  });
  expect(redact('p@ssword p%40ssword second-secret session=1 127.0.0.1')).toBe('*** *** *** *** 127.0.0.1');
});

import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

const version: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';

/** How the program introduces itself to sources: product, version and where to complain. */
export function userAgent(contactUrl: string | null): string {
  return `trr-backend/${version} (${contactUrl === null ? 'no contact configured' : `+${contactUrl}`})`;
}

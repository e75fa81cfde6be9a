import { statement } from '../../platform/db/statement.ts';

/** Values: key, licences. No row: there is no such file, or nothing that shows it may be published. */
export const SERVABLE_FILE = statement(
  'media.serve.file',
  '/* getMedia */ select f.key, f.sha256, f.bytes from core.servable_file($1, $2::text[]) f',
  { key: 'text?', sha256: 'text?', bytes: 'int8?' },
);

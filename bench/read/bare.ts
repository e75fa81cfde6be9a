/**
 * The baseline: node:http and pg, the same statement under the same role, the same number of connections, nothing else.
 * `node bare.ts URL`. What row security adds is another question (`bench/db`).
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { DETAIL, LIST } from '../../src/catalogue/shows/queries.ts';
import { SHOWN_LICENCES } from './licences.ts';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 4, options: '-c role=anon' });
const list = LIST.plain.first;

const server = createServer((request, response) => {
  const id = request.url?.match(/^\/api\/v1\/shows\/([0-9a-f-]{36})$/)?.[1];
  const query =
    id === undefined
      ? { name: list.name, text: list.text, values: [50, 0, SHOWN_LICENCES] }
      : { name: DETAIL.name, text: DETAIL.text, values: [id, null, SHOWN_LICENCES, null] };
  pool.query<{ body: string }>(query).then(
    ({ rows }) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(rows[0]?.body);
    },
    (error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`listening on http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => process.exit(0));

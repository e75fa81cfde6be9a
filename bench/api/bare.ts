/**
 * The baseline: node:http and pg, the same statements under the same roles, as many connections, nothing else: no tokens, no validation,
 * no limits, no logs. `node bare.ts URL USER`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';
import { INSERT_POST, POSTS, THREAD_BY_ID } from '../../src/community/discussions/queries.ts';

const [, , url = '', user = ''] = process.argv;
const readers = new pg.Pool({ connectionString: url, max: 4, options: '-c role=anon' });
const writers = new pg.Pool({ connectionString: url, max: 4 });
const claims = pg.escapeLiteral(JSON.stringify({ sub: user, role: 'authenticated' }));

async function answer(request: IncomingMessage): Promise<string | null | undefined> {
  const [, thread = '', posts] = /threads\/([0-9a-f-]{36})(\/posts)?/.exec(request.url ?? '') ?? [];
  if (request.method === 'POST') return write(thread, await bodyOf(request));
  const query =
    posts === undefined
      ? { name: 'thread', text: THREAD_BY_ID.text, values: [thread] }
      : { name: 'posts', text: POSTS.first.text, values: [thread, 50, 0] };
  return (await readers.query<{ body: string }>(query)).rows[0]?.body;
}

async function write(thread: string, body: { body: string }): Promise<string | undefined> {
  const client = await writers.connect();
  try {
    await client.query(
      `begin; select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`,
    );
    const { rows } = await client.query<{ body: string }>({
      name: 'insert',
      text: INSERT_POST.text,
      values: [thread, body.body, null],
    });
    await client.query('commit');
    return rows[0]?.body;
  } finally {
    client.release();
  }
}

async function bodyOf(request: IncomingMessage): Promise<{ body: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as { body: string };
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  answer(request).then(
    (body) => response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body),
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

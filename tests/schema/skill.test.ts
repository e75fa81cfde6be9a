import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { broken, RULES } from '../rls/meta.ts';

const SKILL = join(PROJECT_ROOT, 'skills/database-designer');
const PEOPLE = { ada: '00000000-0000-4000-8000-00000000000a', bob: '00000000-0000-4000-8000-00000000000b' };

type Actor = 'owner' | 'anon' | 'ada' | 'bob' | 'service';

interface Block {
  readonly line: number;
  readonly as: Actor;
  /** Cannot run inside a transaction. */
  readonly alone: boolean;
  /** `12 rows`, `refused 42501`, or nothing in particular. */
  readonly expected: string | null;
  readonly sql: string;
}

const HEADER = /^-- as (owner|anon|ada|bob|service)(, alone)?(?:: (\d+ rows?|refused [0-9A-Z]{5}))?$/;

/** The `sql` blocks of a page; one without the line that says who runs it is an error. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(join(SKILL, page), 'utf8');
  return [...text.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map((match) => {
    const [first = '', ...rest] = (match[1] ?? '').trim().split('\n');
    const line = text.slice(0, match.index).split('\n').length;
    const [, as, alone, expected] = HEADER.exec(first) ?? [];
    if (as === undefined) throw new Error(`${page}:${line}: the block must begin with "-- as <who>", not "${first}"`);
    return {
      line,
      as: as as Actor,
      alone: alone !== undefined,
      expected: expected?.replace(/^1 row$/, '1 rows') ?? null,
      sql: rest.join('\n'),
    };
  });
}

async function as(client: pg.Client, actor: Actor): Promise<void> {
  await client.query('reset role');
  const role = actor === 'service' ? 'service_role' : actor === 'anon' ? 'anon' : 'authenticated';
  const sub = actor === 'ada' || actor === 'bob' ? PEOPLE[actor] : undefined;
  await client.query("select set_config('request.jwt.claims', $1, false)", [
    actor === 'owner' ? '' : JSON.stringify({ role, sub }),
  ]);
  if (actor !== 'owner') await client.query(`set role ${role}`);
}

/** What came of a block, in the words of its first line. */
async function run(client: pg.Client, block: Block): Promise<string> {
  await as(client, block.as);
  try {
    // Several statements in one text are one transaction, in which local settings hold.
    const answer = (await client.query(block.sql)) as pg.QueryResult | pg.QueryResult[];
    const last = [answer].flat().at(-1);
    return `${last?.rowCount ?? 0} rows`;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (!(error instanceof pg.DatabaseError)) throw error;
    return `refused ${error.code}${block.expected?.startsWith('refused') ? '' : `: ${error.message}`}`;
  }
}

const ARRANGE = `
  insert into identity.users (id, email) values ('${PEOPLE.ada}', 'ada@example.test'), ('${PEOPLE.bob}', 'bob@example.test');
  with show as (insert into core.shows (name) values ('Survivor') returning id),
    season as (insert into core.seasons (show_id, season_number) select id, 1 from show returning id, show_id)
  insert into core.episodes (show_id, season_id, season_number, episode_number) select show_id, id, 1, 1 from season;
  -- As hosted platforms do: whoever forgets to take rights away has given them.
  alter default privileges in schema social grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema social grant all on functions to anon, authenticated, service_role;`;

const TABLES =
  "select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'social'::regnamespace";

const pages = ['SKILL.md', ...readdirSync(join(SKILL, 'references')).map((name) => `references/${name}`)];

describe('the database designer skill', () => {
  it('has its main page and five references', () => {
    expect(pages).toHaveLength(6);
    expect(readFileSync(join(SKILL, 'SKILL.md'), 'utf8')).toMatch(
      /^---\nname: database-designer\ndescription: .+\n---\n/,
    );
  });

  it.each(pages)('%s: every SQL block does what its first line says', async (page) => {
    const blocks = blocksOf(page);
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(ARRANGE);
      const before = new Set((await database.owner<{ name: string }>(TABLES)).map(({ name }) => name));
      const different: string[] = [];
      for (const block of blocks) {
        const came = await run(client, block);
        const wanted = block.expected ?? (came.startsWith('refused') ? 'to run' : came);
        if (came !== wanted) different.push(`${page}:${block.line}: as ${block.as}: expected ${wanted}, came ${came}`);
      }
      expect(different).toEqual([]);
      await as(client, 'owner');
      // What the page makes keeps the rules every table and function of this project keeps.
      for (const rule of RULES)
        expect({ rule: rule.name, broken: await broken(client, rule) }).toEqual({ rule: rule.name, broken: [] });
      const made = (await database.owner<{ name: string }>(TABLES))
        .map(({ name }) => name)
        .filter((name) => !before.has(name));
      const untried = made.flatMap((name) =>
        (['anon', 'ada', 'bob', 'service'] as const)
          .filter(
            (actor) =>
              !blocks.some(
                (block) => block.as === actor && new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(block.sql),
              ),
          )
          .map((actor) => `${name} as ${actor}`),
      );
      expect(untried).toEqual([]);
    } finally {
      await client.end();
      await database.drop();
    }
  });

  it('keeps the mistakes of its predecessor out', () => {
    for (const page of pages) {
      for (const { sql, alone, line } of blocksOf(page)) {
        const where = `${page}:${line}`;
        expect({ where, several: /for\s+(select|insert|update|delete)\s*,/i.test(sql) }).toEqual({
          where,
          several: false,
        });
        expect({ where, concurrently: /concurrently/i.test(sql) && !alone }).toEqual({ where, concurrently: false });
        // Asked once per statement, not per row; inside a definer function's body likewise.
        const bare = [...sql.matchAll(/create policy[\s\S]*?;/gi)].some(([policy]) =>
          /(?<!select )(identity|auth)\.uid\(\)/.test(policy),
        );
        expect({ where, bare }).toEqual({ where, bare: false });
      }
    }
    const all = pages.map((page) => readFileSync(join(SKILL, page), 'utf8')).join('\n');
    expect(all).toMatch(/transaction\* mode[\s\S]*prepared statements[\s\S]*session settings/);
  });

  it('tries what it claims: a wrong claim is seen', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const block = { line: 1, as: 'anon', alone: false, expected: '1 rows', sql: 'delete from core.shows' } as const;
    expect(await run(client, block)).toMatch(/^refused 42501: /);
    await client.end();
    await database.drop();
  });
});

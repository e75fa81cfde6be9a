import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { hashDistance, NEAR_BITS } from '../inspect/perceptual-hash.ts';

/** A mirrored image, as far as likeness goes. */
export interface Lookable {
  readonly key: string;
  readonly source: string;
  readonly hash: bigint;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

const SOURCES = ['tmdb', 'fandom', 'imdb'];

/** Best first (C11): most pixels, then most bytes, then the source, then the key, so that the answer never depends on the order of rows. */
function compare(a: Lookable, b: Lookable): number {
  return (
    b.width * b.height - a.width * a.height ||
    b.bytes - a.bytes ||
    SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) ||
    (a.key < b.key ? -1 : 1)
  );
}

/**
 * Which images are the same picture as a better one: best first, each joins the first image already chosen that it looks like.
 * @returns the better image's key by the lesser one's
 */
export function lookalikes(images: readonly Lookable[]): Map<string, string> {
  const best: Lookable[] = [];
  const found = new Map<string, string>();
  for (const image of images.toSorted(compare)) {
    const like = best.find((other) => hashDistance(other.hash, image.hash) <= NEAR_BITS);
    if (like === undefined) best.push(image);
    else found.set(image.key, like.key);
  }
  return found;
}

/** Values: people. Their photos that have a copy and are not taken away. */
const PHOTOS = statement(
  'media.lookalikes.photos',
  `/* mirror */ select c.person_id, c.id::text as key, c.source, o.perceptual_hash as hash, o.width, o.height, o.bytes
from core.cast_photos c join media.objects o on o.sha256 = c.hosted_sha256
where c.person_id = any($1::uuid[]) and c.archived_at is null and o.perceptual_hash is not null`,
  { person_id: 'uuid', key: 'text', source: 'text', hash: 'int8', width: 'int4', height: 'int4', bytes: 'int8' },
);

/** Values: people, found `[{key, best}]`. Makes the table say exactly that about their photos. */
const SET_LOOKALIKES = statement(
  'media.lookalikes.set',
  `/* mirror */
with said as (select v.key, v.best from jsonb_to_recordset($2::jsonb) v(key text, best text)),
gone as (
  delete from media.lookalikes l using core.cast_photos c
  where l.table_name = 'cast_photos' and l.row_key = c.id::text and c.person_id = any($1::uuid[])
    and not exists (select from said where said.key = l.row_key)
)
insert into media.lookalikes as l (table_name, row_key, best_key) select 'cast_photos', said.key, said.best from said
on conflict (table_name, row_key) do update set best_key = excluded.best_key where l.best_key <> excluded.best_key
returning 1 as written`,
  { written: 'int4' },
);

const AT_ONCE = 200;

/** Groups the photos of people anew whose photos have changed. */
export async function groupTouched(db: Database, people: readonly string[]): Promise<void> {
  for (let at = 0; at < people.length; at += AT_ONCE) {
    const some = people.slice(at, at + AT_ONCE);
    await db.asService('group photos', async (tx) => {
      const byPerson = Map.groupBy(await tx.query(PHOTOS, [some]), (row) => row.person_id);
      const found = [...byPerson.values()].flatMap((rows) => {
        const images = rows.map((row) => ({ ...row, hash: BigInt(row.hash), bytes: Number(row.bytes) }));
        return [...lookalikes(images)].map(([key, best]) => ({ key, best }));
      });
      await tx.query(SET_LOOKALIKES, [some, JSON.stringify(found)]);
    });
  }
}

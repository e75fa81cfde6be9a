import { statement } from '../../../platform/db/statement.ts';

/**
 * The living cast of a show, best billed first, with what helps to tell them from their namesakes and the wiki page each was settled on.
 */
export const CAST_PEOPLE = statement(
  'pipeline.cast.people',
  `select p.id, p.full_name, p.external_ids, p.provenance -> 'full_name' ->> 'licence' as name_licence,
     t.also_known_as, t.birthday, f.wiki, f.page_id::text as page_id, f.page_revision_id::text as revision_id,
     (select array_agg(distinct s.name) from core.show_cast o join core.shows s on s.id = o.show_id
       where o.person_id = p.id and o.retired_at is null) as show_names,
     (select max(h.metadata ->> 'revision_id') from core.cast_photos h
       where h.person_id = p.id and h.source = 'fandom') as photo_revision_id,
     (select array_agg(h.viewer_id) from core.cast_photos h
       where h.person_id = p.id and h.source = 'imdb' and h.viewer_id is not null and h.width is not null) as known_viewers
   from (select c.person_id, min(c.billing_order) as billing from core.show_cast c
         where c.show_id = $1 and c.retired_at is null group by c.person_id) c
   join core.people p on p.id = c.person_id
   left join core.cast_tmdb t on t.person_id = p.id
   left join core.cast_fandom f on f.person_id = p.id and f.source = 'fandom'
   order by c.billing nulls last, p.full_name collate "C", p.id`,
  {
    id: 'uuid',
    full_name: 'text',
    external_ids: 'jsonb',
    name_licence: 'text?',
    also_known_as: '_text?',
    birthday: 'date?',
    wiki: 'text?',
    page_id: 'text?',
    revision_id: 'text?',
    show_names: '_text?',
    photo_revision_id: 'text?',
    known_viewers: '_text?',
  },
);

/** Stored wiki profiles of some people. */
export const WIKI_PROFILES = statement(
  'pipeline.cast_fandom.of_people',
  `select id, person_id, source, source_url, page_title, page_revision_id::text as page_revision_id, page_id::text as page_id, wiki,
     permalink, attribution, scraped_at, full_name, nicknames, birthdate, birthdate_display, deathdate, gender, resides_in, occupation,
     hair_color, eye_color, height_display, weight_display, romances, family, friends, enemies, installment, installment_url,
     main_seasons_display, summary, taglines, reunion_seating, trivia, infobox_raw, raw_html_sha256, provenance
   from core.cast_fandom where person_id = any($1::uuid[]) and source = 'fandom' order by person_id`,
  {
    id: 'uuid',
    person_id: 'uuid',
    source: 'text',
    source_url: 'text',
    page_title: 'text?',
    page_revision_id: 'text?',
    page_id: 'text?',
    wiki: 'text?',
    permalink: 'text?',
    attribution: 'text?',
    scraped_at: 'timestamptz',
    full_name: 'text?',
    nicknames: '_text?',
    birthdate: 'date?',
    birthdate_display: 'text?',
    deathdate: 'date?',
    gender: 'text?',
    resides_in: 'text?',
    occupation: 'text?',
    hair_color: 'text?',
    eye_color: 'text?',
    height_display: 'text?',
    weight_display: 'text?',
    romances: '_text?',
    family: 'jsonb?',
    friends: 'jsonb?',
    enemies: 'jsonb?',
    installment: 'text?',
    installment_url: 'text?',
    main_seasons_display: 'text?',
    summary: 'text?',
    taglines: 'jsonb?',
    reunion_seating: 'jsonb?',
    trivia: 'jsonb?',
    infobox_raw: 'jsonb?',
    raw_html_sha256: 'text?',
    provenance: 'jsonb',
  },
);

/** Who else a wiki's page was settled on (`$1` wiki, `$2` page ids). */
export const PAGE_OWNERS = statement(
  'pipeline.cast_fandom.owners',
  `select f.page_id::text as page_id, f.person_id, p.full_name from core.cast_fandom f join core.people p on p.id = f.person_id
   where f.source = 'fandom' and f.wiki = $1 and f.page_id = any($2::int8[])`,
  { page_id: 'text?', person_id: 'uuid', full_name: 'text' },
);

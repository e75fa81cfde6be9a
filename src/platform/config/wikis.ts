import type { EnvReader } from './read.ts';

/** One Fandom wiki and the shows whose people are looked up there (`TRR_FANDOM_WIKIS`). */
export interface WikiConfig {
  /** Host and language path: `survivor.fandom.com`, `bigbrother.fandom.com/fr`. */
  readonly wiki: string;
  /** IMDb ids (`tt...`), TMDb ids (`tmdb:123`) and names of shows or franchises, as configured. */
  readonly shows: readonly string[];
  /** Title of a person's gallery page; `{name}` is the person page's title. */
  readonly galleryTitle: string;
  /** Title of a season's page; `{n}` is its number. Null: seasons are not asked for. */
  readonly seasonTitle: string | null;
  /** Templates that mark person pages, beside our own judgement of the infobox; underscores and case do not matter. */
  readonly personTemplates: readonly string[];
  /** The wiki's own off switch. */
  readonly enabled: boolean;
}

export interface FandomConfig {
  readonly wikis: readonly WikiConfig[];
  /** `FANDOM_BASE_URL`: where `https://<wiki>/...` is asked for as `<base>/<wiki>/...` (proxy, tests). Null: the wikis themselves. */
  readonly baseUrl: string | null;
}

const WIKI = /^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.fandom\.com(\/[a-z]{2,3}(-[a-z]{2,4})?)?$/;
const EXAMPLE = '{"The Real Housewives": "real-housewives.fandom.com", "tt0239195": "survivor.fandom.com"}';
const FIELDS = new Set(['wiki', 'gallery', 'season', 'person_templates', 'enabled']);

export function readFandom(env: EnvReader): FandomConfig {
  return { wikis: readWikis(env), baseUrl: env.url('FANDOM_BASE_URL', null) };
}

/** `{"<show>": "<wiki>"}` or `{"<show>": {"wiki", "gallery", "season", "person_templates", "enabled"}}`. */
function readWikis(env: EnvReader): WikiConfig[] {
  const text = env.text('TRR_FANDOM_WIKIS');
  if (text === null) return [];
  const given = parsed(text);
  if (!isRecord(given)) {
    env.problems.push(`TRR_FANDOM_WIKIS must be a JSON object of shows and wikis, like ${EXAMPLE}`);
    return [];
  }
  const wikis = new Map<string, WikiConfig>();
  for (const [show, value] of Object.entries(given)) {
    const read = readWiki(show.trim(), value);
    if (typeof read === 'string') {
      env.problems.push(`TRR_FANDOM_WIKIS[${JSON.stringify(show.slice(0, 60))}]: ${read}`);
      continue;
    }
    const known = wikis.get(JSON.stringify({ ...read, shows: [] }));
    wikis.set(JSON.stringify({ ...read, shows: [] }), { ...read, shows: [...(known?.shows ?? []), ...read.shows] });
  }
  return [...wikis.values()];
}

function readWiki(show: string, value: unknown): WikiConfig | string {
  if (show === '') return 'name a show, a franchise, an IMDb id (tt...) or a TMDb id (tmdb:123)';
  if (/^tmdb:/i.test(show) && !/^tmdb:\d{1,10}$/i.test(show)) return 'a TMDb id is written tmdb:123';
  const given: unknown = typeof value === 'string' ? { wiki: value } : value;
  if (!isRecord(given)) return 'must be a wiki like survivor.fandom.com, or an object with "wiki"';
  const unknown = Object.keys(given).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return `"${unknown.slice(0, 40)}" is none of ${[...FIELDS].join(', ')}`;
  const { wiki, gallery = '{name}/Gallery', season = null, person_templates: templates = [], enabled = true } = given;
  const address =
    typeof wiki === 'string'
      ? wiki
          .trim()
          .replace(/^https:\/\//, '')
          .replace(/\/+$/, '')
          .toLowerCase()
      : '';
  if (!WIKI.test(address)) return 'wiki must be a host under fandom.com, like survivor.fandom.com';
  if (typeof gallery !== 'string' || !gallery.includes('{name}'))
    return 'gallery must be a page title with {name} in it';
  if (season !== null && (typeof season !== 'string' || !season.includes('{n}'))) {
    return 'season must be a page title with {n} in it';
  }
  if (!Array.isArray(templates) || templates.some((name) => typeof name !== 'string')) {
    return 'person_templates must be a list of template names';
  }
  if (typeof enabled !== 'boolean') return 'enabled must be true or false';
  return {
    wiki: address,
    shows: [show],
    galleryTitle: gallery,
    seasonTitle: season,
    personTemplates: templates.map(String),
    enabled,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

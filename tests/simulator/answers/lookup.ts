import { dayRange } from '../world/world.ts';
import { type Answer, answer, errors, idOf, type Json, paged, type Question } from './answer.ts';
import { episodeBody } from './season.ts';
import { tvSummary, withShow } from './tv.ts';

/** `/find/{id}?external_source=imdb_id`. An id that is unknown gives empty results; one of a wrong form is refused. */
export function find({ world, parts, query }: Question): Answer {
  if (query.get('external_source') !== 'imdb_id') return errors.badSource();
  const imdbId = parts[0] ?? '';
  if (!/^(tt|nm)\d+$/.test(imdbId)) return errors.badId();
  const found: Record<string, Json[]> = {
    movie_results: [],
    person_results: [],
    tv_results: [],
    tv_episode_results: [],
    tv_season_results: [],
  };
  for (const match of world.find(imdbId)) {
    const show = world.show(match.showId);
    if (show === undefined) continue;
    if (match.kind === 'show') {
      found.tv_results?.push(tvSummary(world, show));
      continue;
    }
    const season = show.seasons.find((candidate) => candidate.season_number === match.seasonNumber);
    const episode = season?.episodes.find((candidate) => candidate.episode_number === match.episodeNumber);
    if (season === undefined || episode === undefined) continue;
    const { crew: _crew, guest_stars: _guests, ...body } = episodeBody(show, season, episode);
    found.tv_episode_results?.push({ ...body, media_type: 'tv_episode' });
  }
  return answer(found);
}

/** `/list/{id}`, 20 items a page, the v3 shape. */
export function list({ world, parts, query }: Question): Answer {
  const id = parts[0] ?? '';
  const known = world.list(id);
  if (known === undefined) return idOf(id) === undefined ? errors.badId() : errors.notFound();
  const page = paged(query, known.size, 20);
  if (page === undefined) return errors.badPage();
  const items = known.items(page.from, page.to).flatMap((item) => {
    if (item.media_type === 'movie') return [movieItem(item.id, item.title)];
    const show = world.show(item.id);
    return show === undefined ? [] : [tvSummary(world, show)];
  });
  return answer({
    created_by: known.created_by,
    description: known.description,
    favorite_count: 0,
    id: idOf(id) ?? id,
    iso_639_1: 'en',
    item_count: known.size,
    items,
    name: known.name,
    page: page.page,
    poster_path: null,
    total_pages: page.pages,
    total_results: known.size,
  });
}

function movieItem(id: number, title: string): Json {
  return {
    adult: false,
    backdrop_path: null,
    genre_ids: [],
    id,
    media_type: 'movie',
    original_language: 'en',
    original_title: title,
    overview: '',
    popularity: 0,
    poster_path: null,
    release_date: '2001-01-01',
    title,
    video: false,
    vote_average: 0,
    vote_count: 0,
  };
}

/** `/tv/changes` and `/person/changes`: the last 24 hours, or up to 14 days by date; 100 ids a page. */
export function changedIds(kind: 'tv' | 'person'): (question: Question) => Answer {
  return (question) => {
    const { world, query } = question;
    const range = dates(question);
    if (range === undefined) return errors.badDates();
    const ids = kind === 'tv' ? world.changedShows(...range) : world.changedPeople(...range);
    const page = paged(query, ids.length, 100);
    if (page === undefined) return errors.badPage();
    const results = ids.slice(page.from, page.to).map((id) => ({ id, adult: false }));
    return answer({ results, page: page.page, total_pages: page.pages, total_results: ids.length });
  };
}

/** `/tv/{id}/changes`: fields with their entries. */
export function showChanges(question: Question): Answer {
  const range = dates(question);
  if (range === undefined) return errors.badDates();
  return withShow(question, (show) => {
    const changes = question.world.changesOf(show.id, ...range);
    const grouped = Map.groupBy(changes, (change) => change.key);
    return answer({
      changes: [...grouped].map(([key, entries]) => ({
        key,
        items: entries.map((entry, i) => ({
          id: `${show.id.toString(16).padStart(12, '0')}${(entry.at % 0xffffff).toString(16).padStart(6, '0')}${i.toString(16).padStart(6, '0')}`,
          action: entry.action,
          time: `${new Date(entry.at).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
          iso_639_1: 'en',
          value: entry.value,
        })),
      })),
    });
  });
}

const DAY = 86_400_000;

/** Milliseconds [from, to) of the asked days; undefined for a wrong date or more than 14 days. */
function dates({ query, now }: Question): [number, number] | undefined {
  const [start, end] = [query.get('start_date'), query.get('end_date')];
  if (start === null && end === null) return [now - DAY, now + 1];
  const today = new Date(now).toISOString().slice(0, 10);
  const shift = (date: string, days: number) => new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);
  if ([start, end].some((date) => date !== null && (!/^\d{4}-\d\d-\d\d/.test(date) || Number.isNaN(Date.parse(date)))))
    return undefined;
  const from = start?.slice(0, 10) ?? shift(end ?? today, -1);
  const to = end?.slice(0, 10) ?? (start === null ? today : ([shift(start, 14), today].sort()[0] ?? today));
  const days = (Date.parse(to) - Date.parse(from)) / DAY;
  return days < 0 || days > 14 ? undefined : dayRange(from, to);
}

import { addDays } from './ids.ts';
import type { WorldBase, WorldMatch, WorldPerson, WorldShow } from './types.ts';

/** One entry of `/tv/{id}/changes`, TMDb's grouping: key, then items. */
export interface WorldChange {
  readonly key: string;
  readonly action: 'added' | 'updated' | 'deleted';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: unknown;
}

/**
 * A data description that can be edited while it is served. An edit copies the show once; unedited shows stay computed on
 * demand. Every edit appears in the changes feeds.
 */
export interface World extends WorldBase {
  /** The day `last_episode_to_air` and `next_episode_to_air` are relative to; fixed, so that answers do not age. */
  today: string;
  /** Changes a show and records what changed. Throws when the show is unknown. */
  edit(showId: number, change: (show: WorldShow) => void, options?: EditOptions): void;
  editPerson(personId: number, change: (person: WorldPerson) => void, options?: EditOptions): void;
  /** Adds a show that the base does not have (or replaces one). */
  add(show: WorldShow, options?: EditOptions): void;
  /** The show answers 404 from now on. */
  remove(showId: number, options?: EditOptions): void;
  /** Puts a show into the changes feed without changing it. */
  touch(showId: number, options?: EditOptions): void;
  /** Distinct ids, most recent change first, of [from, to) in milliseconds. */
  changedShows(from: number, to: number): number[];
  changedPeople(from: number, to: number): number[];
  changesOf(showId: number, from: number, to: number): WorldChange[];
  /** Counts over everything (walks every show). */
  totals(): WorldTotals;
}

export interface EditOptions {
  /** When it happened; default now. */
  readonly at?: Date;
  /** A silent edit does not reach the feeds (upstreams forget, too). */
  readonly silent?: boolean;
}

export interface WorldTotals {
  readonly shows: number;
  readonly seasons: number;
  readonly episodes: number;
  /** Distinct people with at least one cast or crew credit. */
  readonly people: number;
}

/** Default of `World.today`: after the last aired episode of the Survivor data. */
export const DEFAULT_TODAY = '2026-06-01';

/** Lays the editable surface over a description. */
export function createWorld(base: WorldBase, today: string = DEFAULT_TODAY): World {
  const shows = new Map<number, WorldShow | null>();
  const people = new Map<number, WorldPerson>();
  const showLog: { id: number; change: WorldChange }[] = [];
  const personLog: { id: number; at: number }[] = [];

  function record(id: number, changes: readonly Omit<WorldChange, 'at'>[], options: EditOptions): void {
    if (options.silent === true) return;
    const at = (options.at ?? new Date()).getTime();
    for (const change of changes) showLog.push({ id, change: { ...change, at } });
  }

  const world: World = {
    today,
    *showIds() {
      for (const id of base.showIds()) if (shows.get(id) !== null) yield id;
      for (const [id, show] of shows) if (show !== null && base.show(id) === undefined) yield id;
    },
    show(id) {
      const edited = shows.get(id);
      return edited === null ? undefined : (edited ?? base.show(id));
    },
    person(id) {
      return people.get(id) ?? base.person(id);
    },
    find(imdbId) {
      const matches = base.find(imdbId).filter((match) => stillThere(world, match, imdbId));
      for (const [id, show] of shows) {
        const known = matches.some((match) => match.kind === 'show' && match.showId === id);
        if (show?.external_ids.imdb_id === imdbId && !known) matches.push({ kind: 'show', showId: id });
      }
      return matches;
    },
    list: (id) => base.list(id),
    providers: () => base.providers(),
    edit(showId, change, options = {}) {
      const before = world.show(showId);
      if (before === undefined) throw new Error(`the world has no show ${showId}`);
      const after = structuredClone(before);
      change(after);
      shows.set(showId, after);
      record(showId, differences(before, after), options);
    },
    editPerson(personId, change, options = {}) {
      const before = world.person(personId);
      if (before === undefined) throw new Error(`the world has no person ${personId}`);
      const after = structuredClone(before);
      change(after);
      people.set(personId, after);
      if (options.silent !== true) personLog.push({ id: personId, at: (options.at ?? new Date()).getTime() });
    },
    add(show, options = {}) {
      shows.set(show.id, show);
      record(show.id, [{ key: 'general', action: 'added', value: null }], options);
    },
    remove(showId, options = {}) {
      shows.set(showId, null);
      record(showId, [{ key: 'general', action: 'deleted', value: null }], options);
    },
    touch(showId, options = {}) {
      record(showId, [{ key: 'general', action: 'updated', value: null }], options);
    },
    changedShows: (from, to) =>
      recentFirst(
        showLog.map((entry) => ({ id: entry.id, at: entry.change.at })),
        from,
        to,
      ),
    changedPeople: (from, to) => recentFirst(personLog, from, to),
    changesOf: (showId, from, to) =>
      showLog.filter((e) => e.id === showId && e.change.at >= from && e.change.at < to).map((e) => e.change),
    totals() {
      const seen = new Set<number>();
      let count = { shows: 0, seasons: 0, episodes: 0 };
      for (const id of world.showIds()) {
        const show = world.show(id);
        if (show === undefined) continue;
        const episodes = show.seasons.reduce((sum, season) => sum + season.episodes.length, 0);
        count = {
          shows: count.shows + 1,
          seasons: count.seasons + show.seasons.length,
          episodes: count.episodes + episodes,
        };
        for (const season of show.seasons) {
          for (const credit of season.cast) seen.add(credit.person_id);
          for (const credit of season.crew) seen.add(credit.person_id);
        }
      }
      return { ...count, people: seen.size };
    },
  };
  return world;
}

/** A base match is void once an edit removed the show, the episode or the id. */
function stillThere(world: World, match: WorldMatch, imdbId: string): boolean {
  const show = world.show(match.showId);
  if (show === undefined) return false;
  if (match.kind === 'show') return show.external_ids.imdb_id === imdbId;
  const season = show.seasons.find((s) => s.season_number === match.seasonNumber);
  return season?.episodes.some((e) => e.episode_number === match.episodeNumber) ?? false;
}

function recentFirst(log: readonly { id: number; at: number }[], from: number, to: number): number[] {
  const inside = log.filter((entry) => entry.at >= from && entry.at < to);
  return [...new Set(inside.toReversed().map((entry) => entry.id))];
}

/** TMDb's change keys for what differs between two states of a show. */
function differences(before: WorldShow, after: WorldShow): Omit<WorldChange, 'at'>[] {
  const changes: Omit<WorldChange, 'at'>[] = [];
  for (const key of Object.keys(after) as (keyof WorldShow)[]) {
    if (key === 'seasons' || same(before[key], after[key])) continue;
    changes.push({ key, action: 'updated', value: after[key] });
  }
  const numbers = new Set([...before.seasons, ...after.seasons].map((season) => season.season_number));
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const old = before.seasons.find((s) => s.season_number === number);
    const now = after.seasons.find((s) => s.season_number === number);
    if (same(old, now)) continue;
    const action = old === undefined ? 'added' : now === undefined ? 'deleted' : 'updated';
    changes.push({ key: 'season', action, value: { season_id: (now ?? old)?.id, season_number: number } });
  }
  return changes;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** [start of `from`, end of `to`] in milliseconds, as the change feeds read their dates (both days included). */
export function dayRange(from: string, to: string): [number, number] {
  return [Date.parse(`${from}T00:00:00Z`), Date.parse(`${addDays(to, 1)}T00:00:00Z`)];
}

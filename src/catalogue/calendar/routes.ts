import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { type InputError, invalidInput } from '../../platform/errors/problem.ts';
import { decodePlace, nextPlace } from '../../platform/http/cursor.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { CalendarDate, Nullable, PageQuery, Uuid } from '../../platform/http/schemas.ts';
import type { CatalogueOptions } from '../params.ts';
import { CALENDAR } from './queries.ts';

const MAX_DAYS = 93;
const DEFAULT_DAYS = 7;

const CalendarQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Type.String({ format: 'date', description: 'First day; default: today in `tz`' })),
  to: Type.Optional(Type.String({ format: 'date', description: `Last day; default: ${DEFAULT_DAYS} days in all` })),
  tz: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 60,
      default: 'UTC',
      description: 'IANA time zone that decides which day today is. Air dates are days of the country of origin',
    }),
  ),
});

export const CalendarEntry = Type.Object(
  {
    air_date: CalendarDate(),
    episode_id: Uuid(),
    season_number: Type.Integer(),
    episode_number: Type.Integer(),
    title: Nullable(Type.String()),
    show_id: Uuid(),
    show_name: Type.String(),
    show_slug: Nullable(Type.String()),
    networks: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/calendar`: what airs when. */
export function calendarRoutes(db: Database, { licences }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/calendar',
      {
        schema: {
          operationId: 'getCalendar',
          summary: 'Episodes by the day they air',
          tags: ['shows'],
          querystring: CalendarQuery,
          response: { 200: Type.Array(CalendarEntry) },
        },
      },
      async (request, reply) => {
        const { limit } = request.query;
        const [from, to] = daysOf(request.query);
        const place = decodePlace('calendar', request.query);
        const row = await db.public.one(CALENDAR, [limit, place, licences, from, to]);
        if (row === undefined) throw new Error('an aggregate without group by gave no row');
        return sendPublic(request, reply, { body: row.body, next: nextPlace('calendar', place, limit, row.more) });
      },
    );
  };
}

/** First and last day. @throws Problem 422 */
function daysOf({ from, to, tz = 'UTC' }: Static<typeof CalendarQuery>): [from: string, to: string] {
  const errors: InputError[] = [];
  const refuse = (field: string, msg: string) => errors.push({ type: 'value_error', loc: ['query', field], msg });
  const today = todayIn(tz);
  if (today === null) refuse('tz', 'Not an IANA time zone, e.g. Europe/Berlin');
  const first = from ?? today ?? '2000-01-01';
  const last = to ?? addDays(first, DEFAULT_DAYS - 1);
  const days = (Date.parse(last) - Date.parse(first)) / 86_400_000 + 1;
  // PostgreSQL has no year 0.
  if (first < '0001') refuse('from', 'Must not be before the year 1');
  if (days < 1) refuse('to', 'Must not be before from');
  if (days > MAX_DAYS) refuse('to', `At most ${MAX_DAYS} days`);
  if (errors.length > 0) throw invalidInput(errors);
  return [first, last];
}

function todayIn(timeZone: string): string | null {
  try {
    // The Swedish way of writing dates is ISO 8601.
    return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date());
  } catch {
    return null;
  }
}

function addDays(date: string, days: number): string {
  const time = Date.parse(`${date}T00:00:00Z`) + days * 86_400_000;
  return time > Date.parse('9999-12-31') ? '9999-12-31' : new Date(time).toISOString().slice(0, 10);
}

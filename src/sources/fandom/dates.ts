/** A date as a wiki writes it. */
export interface WikiDate {
  /** `YYYY-MM-DD`; null unless a whole day that exists. */
  readonly day: string | null;
  readonly year: number | null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NAMES =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const FORMS = [
  { form: new RegExp(`\\b(${NAMES})\\.?\\s+${DAY}\\s*,?\\s+(\\d{4})\\b`, 'i'), order: ['month', 'day', 'year'] },
  {
    form: new RegExp(`\\b${DAY}\\s+(?:of\\s+)?(${NAMES})\\.?\\s*,?\\s+(\\d{4})\\b`, 'i'),
    order: ['day', 'month', 'year'],
  },
  { form: /\b(\d{4})-(\d{2})-(\d{2})\b/, order: ['year', 'month', 'day'] },
] as const;

/**
 * The one date reader of this source (`spec/sources-fandom.md` 3, weakness 6): ISO, `December 14, 1974`, `Dec 14th 1974`, `14 December 1974`,
 * with anything before or behind it (`(Age 51)`). Numeric dates with slashes say nothing: nobody can know which is the month. A
 * `{{Birth date and age|1974|12|14}}` is read with the rest of the wikitext.
 */
export function readDate(text: string): WikiDate {
  const words = text.slice(0, 200).replace(/\s+/g, ' ');
  for (const { form, order } of FORMS) {
    const match = form.exec(words);
    if (match === null) continue;
    const [year, month, day] = (['year', 'month', 'day'] as const).map(
      (part) => match[order.indexOf(part as never) + 1] ?? '',
    );
    const found = dayOf(Number(year), monthOf(month ?? ''), Number(day));
    if (found !== null) return { day: found, year: Number(year) };
  }
  const [year] = /\b(19|20)\d{2}\b/.exec(words) ?? [];
  return { day: null, year: year === undefined ? null : Number(year) };
}

/** A day that exists, as `YYYY-MM-DD`; null otherwise. */
export function dayOf(year: number, month: number, day: number): string | null {
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const at = new Date(`${text}T00:00:00Z`);
  return year >= 1800 && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}

function monthOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;
}

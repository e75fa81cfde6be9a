import type { PartialDateFacts } from '../../../platform/facts.ts';
import { exact } from './values.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * An air date as pages write it (`spec/sources-imdb.md` 3.6.2; 6.2, 2-4): `Apr 18, 2024`, `18 April 2024`, `2024 Apr 18`, with dots,
 * a weekday or `Aired:` before it, or `YYYY-MM-DD` anywhere in the text. A month and year, or a year alone, keep their precision
 * (8). Null when it is none of these.
 */
export function dateInText(value: string): PartialDateFacts | null {
  const line = value.slice(0, 200);
  const [, isoYear, isoMonth, isoDay] = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/.exec(line) ?? [];
  if (isoYear !== undefined) return exact(Number(isoYear), Number(isoMonth), Number(isoDay)) ?? null;
  const words = line
    .toLowerCase()
    .replace(/[.,]/g, ' ')
    .trim()
    .replace(/^(?:air date|aired|released)\s*:?\s*/, '')
    .replace(/^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+/, '')
    .split(/\s+/);
  const month = words.map(monthOf).find((found) => found !== null) ?? null;
  const numbers = words.filter((word) => monthOf(word) === null);
  if (words.length > 3 || !numbers.every((word) => /^\d{1,4}$/.test(word))) return null;
  const years = numbers.filter((word) => word.length === 4).map(Number);
  const days = numbers.filter((word) => word.length < 3).map(Number);
  const [found] = years;
  if (years.length !== 1 || found === undefined || days.length > 1 || (month === null && days.length > 0)) return null;
  return exact(found, month, days[0] ?? null) ?? null;
}

function monthOf(word: string): number | null {
  const index = MONTHS.findIndex((month) => word.startsWith(month));
  return index < 0 ? null : index + 1;
}

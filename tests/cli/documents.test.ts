import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { documentedVariables } from '../../src/platform/config/names.ts';
import { createTrr } from '../helpers/trr.ts';

const pages = globSync(['docs/runbooks/*.md', 'docs/setup/*.md', 'docs/scale-out.md'], { cwd: PROJECT_ROOT }).sort();
const read = (page: string) => readFileSync(join(PROJECT_ROOT, page), 'utf8');
const trr = createTrr(null, null);
afterAll(() => trr.close());

describe('runbooks and set-up pages', () => {
  it.each(['docs/runbooks', 'docs/setup'])('%s/README.md lists every page beside it', (folder) => {
    const index = read(`${folder}/README.md`);
    const names = pages.filter((page) => dirname(page) === folder).map((page) => basename(page));
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => name !== 'README.md' && !index.includes(`](${name})`))).toEqual([]);
  });

  it('name only commands and flags that exist', async () => {
    const uses = pages.flatMap((page) =>
      [...read(page).matchAll(/\b(?:trr|trr\.mjs) ((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+(?:-[a-z]+)*)?)([^`\n|]*)/g)].map(
        ([, words = '', rest = '']) => ({ page, words, rest }),
      ),
    );
    expect(uses.length).toBeGreaterThan(60);
    const helps = new Map<string, string>();
    const helpOf = async (words: string): Promise<string> => {
      const known = helps.get(words);
      if (known !== undefined) return known;
      const ran = await trr.run(...words.split(' '), '--help');
      helps.set(words, ran.code === 0 ? ran.stdout : '');
      return helpOf(words);
    };
    const groups = new Set(['db', 'runs', 'media', 'shows', 'people', 'review', 'source']);
    const wrong: string[] = [];
    for (const { page, words, rest } of uses) {
      const [first = '', second] = words.split(' ');
      const command = groups.has(first) && second !== undefined ? `${first} ${second}` : first;
      const help = await helpOf(command);
      if (help === '') wrong.push(`${page}: trr ${command}`);
      for (const [, flag = ''] of rest.split(/&&|;|>/)[0]?.matchAll(/(?<=\s)(--[a-z-]+)/g) ?? []) {
        if (!help.includes(flag)) wrong.push(`${page}: trr ${command} has no ${flag}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it.each(pages)('%s pipes nothing from the network into a shell, and holds no key', (page) => {
    const text = read(page);
    expect(text).not.toMatch(/(curl|wget)[^\n]*\|\s*(sudo\s+)?(ba|z|da)?sh\b/);
    expect(text).not.toMatch(/AKIA[0-9A-Z]{12}|eyJ[A-Za-z0-9_-]{20}|-----BEGIN|\b[0-9a-f]{40,}\b/);
    const fences = [...text.matchAll(/^```(\S*)$/gm)]
      .map(([, language = '']) => language)
      .filter((_, at) => at % 2 === 0);
    expect(fences.filter((language) => !['sh', 'console', 'text'].includes(language))).toEqual([]);
  });

  it('name only variables the configuration reads', () => {
    const known = documentedVariables(PROJECT_ROOT) ?? new Set();
    const others =
      /^(RATE_LIMIT_ADDRESS_|SUPABASE_SERVICE_ROLE_KEY|DESTRUCTIVE|DATABASE|TOKEN|HOST|POSTGRES_PASSWORD|REDIS_PASSWORD)$/;
    const unknown = pages.flatMap((page) =>
      [
        ...read(page).matchAll(
          /`((?:TRR|AWS|TMDB|IMDB|SUPABASE|RATE_LIMIT|DB|REDIS|PUBLIC|TRUST|AUTH|CORS)_[A-Z0-9_]+)/g,
        ),
      ]
        .map(([, name = '']) => name)
        .filter((name) => !known.has(name) && !others.test(name) && ![...known].some((one) => one.startsWith(name)))
        .map((name) => `${page}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});

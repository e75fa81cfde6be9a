import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load.ts';

const load = (env: Record<string, string>) => loadConfig({ env, envFolders: [] });
function problems(env: Record<string, string>): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
const wikis = (value: unknown) => ({ TRR_FANDOM_WIKIS: typeof value === 'string' ? value : JSON.stringify(value) });

describe('TRR_FANDOM_WIKIS', () => {
  it('maps shows and franchises to wikis, with what a wiki does differently', () => {
    const { fandom } = load({
      ...wikis({
        'The Real Housewives': 'real-housewives.fandom.com',
        tt11363282: 'https://Real-Housewives.fandom.com/',
        'tmdb:14658': {
          wiki: 'survivor.fandom.com/de',
          season: 'Survivor {n}',
          person_templates: ['Castaway'],
          enabled: false,
        },
      }),
      FANDOM_BASE_URL: 'http://127.0.0.1:9/',
    });
    const plain = { galleryTitle: '{name}/Gallery', seasonTitle: null, personTemplates: [], enabled: true };
    expect(fandom).toEqual({
      baseUrl: 'http://127.0.0.1:9',
      wikis: [
        { ...plain, wiki: 'real-housewives.fandom.com', shows: ['The Real Housewives', 'tt11363282'] },
        {
          ...plain,
          wiki: 'survivor.fandom.com/de',
          shows: ['tmdb:14658'],
          seasonTitle: 'Survivor {n}',
          personTemplates: ['Castaway'],
          enabled: false,
        },
      ],
    });
    expect(load({}).fandom).toEqual({ wikis: [], baseUrl: null });
  });

  it.each([
    ['no JSON', '{', /JSON object/],
    ['a list', '[]', /JSON object/],
    ['weakness 18: another host', { x: 'fandom.com.evil.example' }, /host under fandom\.com/],
    ['a host and more', { x: 'a.fandom.com/wiki/X' }, /host under fandom\.com/],
    ['credentials', { x: 'https://u:p@a.fandom.com' }, /host under fandom\.com/],
    ['a number', { x: 1 }, /must be a wiki/],
    ['an unknown field', { x: { wiki: 'a.fandom.com', colour: 1 } }, /"colour" is none of/],
    ['a gallery without a name', { x: { wiki: 'a.fandom.com', gallery: 'Gallery' } }, /\{name\}/],
    ['a season without a number', { x: { wiki: 'a.fandom.com', season: 'Season' } }, /\{n\}/],
    ['templates that are no list', { x: { wiki: 'a.fandom.com', person_templates: 'X' } }, /list/],
    ['a switch that is none', { x: { wiki: 'a.fandom.com', enabled: 'no' } }, /true or false/],
    ['a TMDb id that is none', { 'tmdb:x': 'a.fandom.com' }, /tmdb:123/],
    ['a show without a name', { ' ': 'a.fandom.com' }, /name a show/],
  ])('%s: one line naming the variable and the fix', (_, value, message) => {
    const found = problems(wikis(value));
    expect(found).toEqual([expect.stringMatching(message)]);
    expect(found[0]).toMatch(/^TRR_FANDOM_WIKIS/);
  });
});

describe('TRR_OVERRIDES_SHEET', () => {
  it('is an https address or a file', () => {
    expect(load({ TRR_OVERRIDES_SHEET: 'https://docs.google.com/spreadsheets/d/e/x/pubhtml' }).sheet).toMatchObject({
      kind: 'url',
    });
    expect(load({ TRR_OVERRIDES_SHEET: './overrides.csv' }).sheet).toEqual({ kind: 'file', path: './overrides.csv' });
    expect(load({}).sheet).toBeNull();
  });

  it.each(['http://example.org/x.csv', 'ftp://example.org/x', 'https://u:p@example.org/x'])(
    '%s is refused',
    (address) => {
      expect(problems({ TRR_OVERRIDES_SHEET: address })).toEqual([
        expect.stringContaining('https URL without credentials'),
      ]);
    },
  );
});

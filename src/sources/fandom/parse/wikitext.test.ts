import { describe, expect, it } from 'vitest';
import { parseGallery } from './gallery.ts';
import { parsePerson } from './person.ts';
import { parseSeason } from './season.ts';

const islander = `<!-- {{no}} -->{{Islander
|Image = Mara S2.jpg
|birthdate = {{Birth date and age|1985|3|3|mf=yes}}
|hometown = Port Meridian,<br>Plan Bay
|occupation = Boat builder<ref name="a">said {{so}}</ref><ref name="b" />
|nickname = 
* Captain
* [[wikipedia:Q|M. Q.]]
|SeasonFullName = [[Island of Plans 2 (US)|Season 2]]
|friends = [[Ida Marsh]]<br />[[Nora_Dune|Nora]] & {{nowrap|Theo Reef}}
|empty =
}}'''{{PAGENAME}}''' is a ''boat builder'' with [https://x.example a page] of her own.

== Taglines ==
{| class="wikitable"
! Season !! Order !! Tagline
|-
| rowspan="2" | 2 || 1/5 || "I never drift."
|-
| 2/5
| "Plans change."
|}
==Trivia==
* Owns nine hammers.
* Her ''raft'' is in a [[museum]].
[[Category:Islanders]]
[[File:Mara raft.jpg|thumb|200px|On the [[raft]]]]
`;
const read = (text: string, options = {}) => {
  const result = parsePerson(Buffer.from(text), { title: 'Mara Quill', store: 'isle', ...options });
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};

describe('wikitext', () => {
  it('reads as the rendered page does', () => {
    const { page, person } = read(islander);
    expect(page).toMatchObject({ title: 'Mara Quill', categories: ['Islanders'] });
    expect(person).toMatchObject({
      name: 'Mara Quill',
      fullName: 'Mara Quill',
      birthDate: '1985-03-03',
      residesIn: 'Port Meridian, Plan Bay',
      occupation: 'Boat builder',
      nicknames: ['Captain', 'M. Q.'],
      shows: ['Season 2'],
      friends: [
        { name: 'Ida Marsh', url: '/wiki/Ida_Marsh' },
        { name: 'Nora', url: '/wiki/Nora_Dune' },
      ],
      summary: 'Mara Quill is a boat builder with a page of her own.',
      taglines: [
        { season: 2, openingOrder: '1/5', tagline: '"I never drift."' },
        { season: 2, openingOrder: '2/5', tagline: '"Plans change."' },
      ],
      trivia: ['Owns nine hammers.', 'Her raft is in a museum.'],
    });
    expect(Object.keys(person.infoboxRaw ?? {})).not.toContain('empty');
  });

  it('names pictures; with the wiki’s store they have an address', () => {
    const { photos } = read(islander);
    expect(photos.map(({ address, section, caption }) => [address.identity, section, caption])).toEqual([
      ['isle/Mara_S2.jpg', 'infobox', null],
      ['isle/Mara_raft.jpg', 'article', 'On the raft'],
    ]);
    const { photos: none, leftOut } = parsePersonWithoutStore();
    expect([none, leftOut]).toEqual([[], { no_address: 2 }]);
  });

  function parsePersonWithoutStore() {
    const result = parsePerson(Buffer.from(islander), { title: 'Mara Quill' });
    if (!result.ok) throw new Error(result.problem);
    return result.value;
  }

  it('comes out of a query answer too, in either version', () => {
    const revision = { revid: 12, parentid: 1 };
    const pages = [
      [{ pageid: 5, title: 'Mara Quill', revisions: [{ ...revision, slots: { main: { content: islander } } }] }],
      { '5': { pageid: 5, title: 'Mara Quill', revisions: [{ ...revision, '*': islander }] } },
    ];
    for (const list of pages) {
      const result = parsePerson(Buffer.from(JSON.stringify({ query: { pages: list } })));
      expect(result).toMatchObject({
        value: { page: { pageId: 5, revisionId: 12 }, person: { birthDate: '1985-03-03' } },
      });
    }
    const parse = JSON.stringify({ parse: { title: 'Mara Quill', wikitext: { '*': islander } } });
    expect(parsePerson(Buffer.from(parse))).toMatchObject({ value: { person: { name: 'Mara Quill' } } });
  });

  it('what is opened and never closed is text', () => {
    for (const broken of [
      '{{Islander|a=b|gender=Female',
      '{{Islander|gender=Female|a=[[x}}',
      '<gallery>',
      '[[File:',
      '{|',
    ]) {
      expect(() => parsePerson(Buffer.from(`{{A}}${broken}`))).not.toThrow();
    }
  });

  it('galleries in fields, and a season', () => {
    const season =
      '{{Season\n|image = <gallery>\nLogo A.png|Old\nFile:Cast B.jpg|[[Cast|All]]\n</gallery>\n|season = 28\n|winner = [[Rick Sand]]\n|seasonrun = July 9, 2026 - October 1, 2026\n}}';
    expect(parseGallery(Buffer.from(season), { store: 'isle' })).toMatchObject({
      value: { photos: [{ address: { identity: 'isle/Cast_B.jpg' }, caption: 'All' }], leftOut: { icon: 1 } },
    });
    expect(parseSeason(Buffer.from(season))).toMatchObject({
      value: { season: { seasonNumber: 28, winners: ['Rick Sand'], startDate: '2026-07-09', endDate: '2026-10-01' } },
    });
  });
});

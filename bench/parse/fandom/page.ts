import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../../src/platform/config/load.ts';

/**
 * A large person page: the fixture's markup with the taglines, gallery pictures and prose of somebody who was in many seasons, within the
 * furniture of a whole page (scripts, styles, navigation), about 750 kB.
 */
export function largePage(): string {
  const article = readFileSync(join(PROJECT_ROOT, 'tests/fixtures/fandom/person.html'), 'utf8');
  const item = between(article, '<div class="wikia-gallery-item"', '</a>)</div></div>');
  const items = Array.from({ length: 260 }, (_, at) => item.replaceAll('Mara_Raft', `Mara_Raft_${at}`)).join('\n');
  const row = '<tr><td>7</td><td>1/5</td><td>"Words of a season, said with a glance at the sea."</td><td></td></tr>';
  const prose =
    '<p>In <a href="/wiki/Season_2">season 2</a> she built a <b>raft</b>, lost it to the tide, and said so in a <i>confessional</i> that many remember&#160;fondly.</p>\n';
  const body = article
    .replace(item, items)
    .replace('</tbody></table>\n<h3>', `${row.repeat(120)}</tbody></table>\n<h3>`)
    .replace(
      '<h2><span class="mw-headline" id="Cast">',
      `${prose.repeat(900)}<h2><span class="mw-headline" id="Cast">`,
    );
  const script = `<script>${'window.mwConf = {"wgArticleId":77,"wgRevisionId":4501,"markup":"<b>no</b>"};\n'.repeat(400)}</script>`;
  const style = `<style>${'.page { color: #222; margin: 0 auto }\n'.repeat(400)}</style>`;
  const menu = `<nav><ul>${'<li><a href="/wiki/Island_of_Plans">Island of Plans</a></li>'.repeat(250)}</ul></nav>`;
  const head = `<head><title>Mara Quill | Island of Plans Wiki | Fandom</title>${style}${script}</head>`;
  return `<!doctype html><html>${head}<body>${menu}<h1 id="firstHeading">Mara Quill</h1><div id="mw-content-text">${body}</div></body></html>`;
}

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  return text.slice(start, text.indexOf(to, start) + to.length);
}

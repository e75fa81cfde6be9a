import { readSite, type Site, targetOf } from '../links/check.ts';
import { HEAD } from './page.ts';

/** Every link of every hand-written page and where it leads; without lines, so that it changes with links only. */
export function linkIndex(site: Site): string {
  const incoming = new Map<string, Set<string>>();
  const sections = [...site.pages].sort().map(([page, { links }]) => {
    const lines = links.map(({ text }) => {
      const target = targetOf(site, page, text);
      if (target.kind === 'dead') return `- dead: \`${text}\`: ${target.why}`;
      if (target.kind === 'elsewhere') return `- elsewhere: \`${target.url}\``;
      incoming.set(target.path, (incoming.get(target.path) ?? new Set()).add(page));
      return `- ${target.kind}: \`${target.path}${target.anchor === '' ? '' : `#${target.anchor}`}\``;
    });
    return { page, lines: [...new Set(lines)].sort() };
  });
  const linking = sections.filter(({ lines }) => lines.length > 0);
  const lonely = sections.map(({ page }) => page).filter((page) => !incoming.has(page) && page !== 'README.md');
  return [
    '# Link index',
    '',
    HEAD,
    '',
    'Every link of every Markdown page except generated ones, and where it leads. `npm run links:check` checks them all.',
    '',
    ...linking.flatMap(({ page, lines }) => [`## ${page}`, '', ...lines, '']),
    '## Pages no page links to',
    '',
    ...(lonely.length === 0 ? ['None.'] : lonely.map((page) => `- \`${page}\``)),
    '',
  ].join('\n');
}

/** The site with the pages people write. */
export function handWritten(root: string, files: readonly string[]): Site {
  const site = readSite(root, files);
  const generated = /^(?:docs\/Repository\/generated|supabase\/schema_docs)\//;
  return { ...site, pages: new Map([...site.pages].filter(([page]) => !generated.test(page))) };
}

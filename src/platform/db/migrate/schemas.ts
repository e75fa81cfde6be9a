/** Schemas this program owns (design 5) and the queue's; nothing else is ever dropped. */
export const OWNED_SCHEMAS = [
  'core',
  'surveys',
  'social',
  'games',
  'identity',
  'pipeline',
  'media',
  'live',
  'pgboss',
] as const;

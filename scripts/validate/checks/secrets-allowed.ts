/** Made-up values that look like secrets, by the file they stand in. `value` is a part of the line that is accepted. */
export const ALLOWED: readonly { readonly file: string; readonly value: string; readonly why: string }[] = [
  { file: 'src/platform/db/server-check.test.ts', value: 's3#cret@', why: 'an address that cannot be read' },
];

/** Awaits all of them, by name. Statements of a transaction that are asked for so go out together, in the order of the names. */
export async function together<T extends Record<string, unknown>>(
  asked: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const names = Object.keys(asked);
  const answers = await Promise.all(Object.values<Promise<unknown>>(asked));
  return Object.fromEntries(answers.map((answer, at) => [names[at], answer])) as T;
}

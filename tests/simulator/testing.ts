import type { Simulator } from './server.ts';

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  // The tests read answers as the loose JSON they are.
  readonly body: Record<string, unknown>;
}

/** Asks a simulator as a client with a bearer would; rejects as `fetch` does when the connection breaks. */
export async function ask(simulator: Simulator, path: string, headers: Record<string, string> = {}): Promise<Asked> {
  const response = await fetch(`${simulator.apiBaseUrl}${path}`, {
    headers: { authorization: 'Bearer simulated-bearer', ...headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

export const keys = (value: unknown): string[] => Object.keys(value as object).sort();

/** The first element of a list in an answer. */
export function first(value: unknown): Record<string, unknown> {
  const item = (value as Record<string, unknown>[])[0];
  if (item === undefined) throw new Error('the answer has an empty list');
  return item;
}

/** Writers in a process of their own: `node authors.ts URL USER`, started by `peers.ts`. */
import { type Author, openAuthor } from './world.ts';

export interface Write {
  readonly threads: readonly string[];
  readonly body: string;
  readonly writers: number;
  readonly seconds: number;
}

export interface Written {
  readonly perSecond: number;
  readonly posts: readonly { readonly id: string; readonly at: number }[];
}

const [, , url = '', user = ''] = process.argv;
const authors: Author[] = [];

async function write({ threads, body, writers, seconds }: Write): Promise<Written> {
  while (authors.length < writers) authors.push(await openAuthor(url, user));
  const posts: { id: string; at: number }[] = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    authors.slice(0, writers).map(async (author, nth) => {
      const thread = threads[nth % threads.length] ?? '';
      while (performance.now() < end) posts.push(await author.post(thread, body));
    }),
  );
  return { perSecond: posts.length / seconds, posts };
}

process.on('message', (order: { ask: 'write' } & Write) => {
  write(order).then(
    (written) => process.send?.({ answer: order.ask, ...written }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));

import { isObject, lacking, type Parsed, unexpected } from '../../read.ts';
import { listId } from '../ids.ts';
import { readGraphql } from './graphql.ts';
import { readListing } from './list.ts';
import type { ImdbListPage } from './list-entry.ts';

/** One page of a list from the site's GraphQL (`spec/sources-imdb.md` 3.3). Must find `data.list.titleListItemSearch.edges`. */
export function parseListAnswer(body: Uint8Array, expected?: string): Parsed<ImdbListPage> {
  const data = readGraphql(body);
  if (!data.ok) return data;
  const { list } = data.value;
  if (!isObject(list)) return lacking('data.list');
  const id = listId(list['id']);
  if (expected !== undefined && id !== null && id !== expected) {
    return unexpected(`asked for ${expected}, the answer is list ${id}`);
  }
  return readListing(list, id ?? expected ?? null, 'graphql');
}

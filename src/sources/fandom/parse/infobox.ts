import { attribute, collapse, findAll, findFirst, hasClass, isElement, linesOf, named, textOf } from './dom.ts';
import type { Element } from './html.ts';

export interface InfoboxLink {
  readonly text: string;
  readonly href: string | null;
}

export interface InfoboxItem {
  /** `data-source`: the template's parameter (`prizemoney`). */
  readonly key: string | null;
  /** What readers see ("Prize Money"). */
  readonly label: string | null;
  /** Heading of its part of the box. */
  readonly group: string | null;
  readonly lines: readonly string[];
  readonly links: readonly InfoboxLink[];
  /** Texts of `<li>`. */
  readonly entries: readonly string[];
}

export interface Infobox {
  readonly title: string | null;
  readonly items: readonly InfoboxItem[];
}

const MAX_ITEMS = 300;

/** A portable infobox, read by label and by `data-source` (`spec/sources-fandom.md` 3, 9, weakness 7). */
export function readInfobox(box: Element): Infobox {
  const items: InfoboxItem[] = [];
  const state: { title: string | null; group: string | null } = { title: null, group: null };
  readPart(box, state, items);
  return { title: state.title, items: items.slice(0, MAX_ITEMS) };
}

function readPart(part: Element, state: { title: string | null; group: string | null }, items: InfoboxItem[]): void {
  for (const child of part.children) {
    if (!isElement(child)) continue;
    if (hasClass(child, 'pi-title')) state.title ??= textOf(child) || null;
    else if (hasClass(child, 'pi-header')) state.group = textOf(child) || null;
    else if (hasClass(child, 'pi-horizontal-group')) items.push(...readHorizontal(child, state.group));
    else if (hasClass(child, 'pi-smart-group')) items.push(...readSmart(child, state.group));
    else if (hasClass(child, 'pi-data')) items.push(...readItem(child, state.group));
    else readPart(child, state, items);
    if (items.length >= MAX_ITEMS) return;
  }
}

function readItem(item: Element, group: string | null): InfoboxItem[] {
  const label = findFirst(item, (element) => hasClass(element, 'pi-data-label'));
  const value = findFirst(item, (element) => hasClass(element, 'pi-data-value'));
  if (value === null) return [];
  return itemOf(attribute(item, 'data-source'), label === null ? null : textOf(label), group, value);
}

/** A group laid out as a table: the n-th label belongs to the n-th value. */
function readHorizontal(table: Element, group: string | null): InfoboxItem[] {
  return pairs(findAll(table, classOf('pi-data-label')), findAll(table, classOf('pi-data-value')), group);
}

/** A group of labels over values (`pi-smart-data-label`, `pi-smart-data-value`). */
function readSmart(part: Element, group: string | null): InfoboxItem[] {
  const labels = findAll(part, classOf('pi-smart-data-label'));
  return pairs(labels, findAll(part, classOf('pi-smart-data-value')), group);
}

function pairs(labels: readonly Element[], values: readonly Element[], group: string | null): InfoboxItem[] {
  return values.flatMap((value, at) => {
    const label = labels[at];
    const key = attribute(value, 'data-source') ?? (label === undefined ? null : attribute(label, 'data-source'));
    return itemOf(key, label === undefined ? null : textOf(label), group, value);
  });
}

function classOf(word: string): (element: Element) => boolean {
  return (element) => hasClass(element, word);
}

/** Without a name or without text there is nothing to say. */
function itemOf(key: string | null, label: string | null, group: string | null, value: Element): InfoboxItem[] {
  const lines = linesOf(value);
  const name = label === null || label === '' ? null : label;
  if (lines.length === 0 || (key === null && name === null)) return [];
  const links = findAll(value, named('a')).flatMap((link) => {
    const text = textOf(link);
    return text === '' ? [] : [{ text, href: safeHref(attribute(link, 'href')) }];
  });
  const entries = findAll(value, named('li')).flatMap((entry) => textOf(entry) || []);
  return [{ key, label: name, group, lines, links, entries }];
}

/** As written, when it is a path or a web address. */
export function safeHref(href: string | null): string | null {
  return href !== null && href.length <= 1000 && /^(\/(?!\/)|https?:\/\/)/i.test(href) ? href : null;
}

/** Label (else parameter) to value, lines kept; a repeated name keeps the last. */
export function rawInfobox(box: Infobox): Record<string, string> {
  return Object.fromEntries(box.items.map(({ key, label, lines }) => [label ?? key ?? '', lines.join('\n')]));
}

/** Names are compared by letters and digits alone: `full_name`, `Full Name`. */
export function normalKey(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** The first item one of whose names is among `names`, which are in order of preference. */
export function itemNamed(box: Infobox, names: readonly string[]): InfoboxItem | null {
  for (const name of names) {
    const found = box.items.find((item) => isNamed(item, name));
    if (found !== undefined) return found;
  }
  return null;
}

export function itemsNamed(box: Infobox, names: readonly string[]): InfoboxItem[] {
  return box.items.filter((item) => names.some((name) => isNamed(item, name)));
}

function isNamed({ key, label }: InfoboxItem, name: string): boolean {
  return (key !== null && normalKey(key) === name) || (label !== null && normalKey(label) === name);
}

/** On one line: an address written over two lines keeps one comma between them; several whole addresses are kept apart. */
export function oneLine({ lines }: InfoboxItem): string {
  const whole = lines.length > 1 && lines.every((line) => line.includes(',') && !line.endsWith(','));
  const parts = lines.map((line, at) => (at < lines.length - 1 ? line.replace(/,$/, '') : line));
  return collapse(parts.join(whole ? '; ' : ', '));
}

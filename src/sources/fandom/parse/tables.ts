import { isElement, textOf } from './dom.ts';
import type { Element } from './html.ts';

export interface Cell {
  readonly element: Element;
  readonly text: string;
}

export interface TableRow {
  readonly row: Element;
  /** One per column, spans expanded; undefined where the row is too short. */
  readonly cells: readonly (Cell | undefined)[];
}

export interface Table {
  /** Normalised texts of the first row. */
  readonly headers: readonly string[];
  /** Rows below it that have cells. */
  readonly rows: readonly TableRow[];
}

const MAX_ROWS = 1000;
const MAX_COLUMNS = 60;

/** A table by columns: merged cells count for every row and column they cover (weakness 13). Tables within cells are not looked into. */
export function readTable(table: Element): Table {
  const open = new Map<number, { cell: Cell; left: number }>();
  const rows = rowsOf(table).map((row): TableRow => ({ row, cells: place(row, open) }));
  const [first, ...rest] = rows.filter(({ cells }) => cells.length > 0);
  const headers = (first?.cells ?? []).map((cell) => headerKey(cell?.text ?? ''));
  return { headers, rows: rest };
}

function rowsOf(table: Element): Element[] {
  const rows = table.children.flatMap((child) => {
    if (!isElement(child)) return [];
    if (child.name === 'tr') return [child];
    if (!['tbody', 'thead', 'tfoot'].includes(child.name)) return [];
    return child.children.filter((row): row is Element => isElement(row) && row.name === 'tr');
  });
  return rows.slice(0, MAX_ROWS);
}

function place(row: Element, open: Map<number, { cell: Cell; left: number }>): (Cell | undefined)[] {
  const cells: (Cell | undefined)[] = [];
  const fill = () => {
    for (let span = open.get(cells.length); span !== undefined; span = open.get(cells.length)) {
      if (span.left === 1) open.delete(cells.length);
      else span.left -= 1;
      cells.push(span.cell);
    }
  };
  for (const child of row.children) {
    if (!isElement(child) || (child.name !== 'td' && child.name !== 'th')) continue;
    fill();
    const cell = { element: child, text: textOf(child) };
    const down = spanOf(child, 'rowspan', MAX_ROWS);
    for (let across = spanOf(child, 'colspan', MAX_COLUMNS); across > 0 && cells.length < MAX_COLUMNS; across--) {
      if (down > 1) open.set(cells.length, { cell, left: down - 1 });
      cells.push(cell);
    }
    if (cells.length >= MAX_COLUMNS) break;
  }
  fill();
  return cells;
}

/** `rowspan="0"` means to the end. */
function spanOf(cell: Element, name: string, most: number): number {
  const given = /^\s*(\d{1,5})/.exec(cell.attributes[name] ?? '')?.[1];
  if (given === undefined) return 1;
  const span = Number(given);
  return span === 0 ? (name === 'rowspan' ? most : 1) : Math.min(span, most);
}

function headerKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Index of the first column with one of these headings; -1 when there is none. */
export function columnOf({ headers }: Table, ...names: readonly string[]): number {
  for (const name of names) {
    const at = headers.indexOf(name);
    if (at >= 0) return at;
  }
  return -1;
}

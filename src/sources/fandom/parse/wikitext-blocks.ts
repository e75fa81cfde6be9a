/** Wikitext's lines as HTML: what stands between braces and brackets has been rendered already (`wikitext.ts`). */

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? '&quot;');
}

/** `[[File:X.jpg|thumb|200px|caption]]`; what is no option is the caption. */
export function fileHtml(name: string, options: readonly string[]): string {
  const words = options.map((option) => option.trim());
  const caption = words
    .filter(
      (word) =>
        !/^(thumb|thumbnail|frame|frameless|border|left|right|center|none|upright|\d*x?\d+ ?px|(alt|link|class)=.*)$/i.test(
          word,
        ),
    )
    .at(-1);
  const alt = words.find((word) => /^alt=/i.test(word))?.slice(4) ?? '';
  const image = `<img data-image-key="${escapeHtml(name.trim().replaceAll(' ', '_'))}" alt="${escapeHtml(alt)}">`;
  return `<figure class="thumb">${image}<figcaption class="thumbcaption"><p class="caption">${caption ?? ''}</p></figcaption></figure>`;
}

/** `<gallery>`: a file per line, `File.png|caption`, `File:` optional. */
export function galleryHtml(content: string): string {
  const items = content.split('\n').flatMap((line) => {
    const [name = '', ...rest] = line.split('|');
    const file = name.trim().replace(/^(file|image)\s*:\s*/i, '');
    if (file === '') return [];
    const image = `<img data-image-key="${escapeHtml(file.replaceAll(' ', '_'))}">`;
    const caption = inline(
      rest
        .join('|')
        .trim()
        .replace(/\[\[(?:[^\]|]{0,200}\|)?([^\]|]{0,200})\]\]/g, '$1'),
    );
    return [`<div class="wikia-gallery-item">${image}<div class="lightbox-caption">${caption}</div></div>`];
  });
  return `<div class="wikia-gallery">${items.join('')}</div>`;
}

/** A template parameter's value: its lines, with lists. One line of output. */
export function valueHtml(value: string): string {
  return value
    .split('\n')
    .map((line) => inline(line.trim()))
    .filter((line) => line !== '')
    .map((line) => (/^[*#]/.test(line) ? `<ul><li>${line.replace(/^[*#:\s]+/, '')}</li></ul>` : `${line}<br>`))
    .join('');
}

/** Bold, italics and external links. */
function inline(text: string): string {
  return text
    .replace(/'''([^']{1,300})'''/g, '<b>$1</b>')
    .replace(/'{2,5}/g, '')
    .replace(/\[(https?:\/\/[^\s\]"<>]{1,1000})\s+([^\]]{1,500})\]/g, '<a href="$1">$2</a>');
}

/** Paragraphs, headings, lists and tables. */
export function blocksToHtml(text: string): string {
  const writer = new BlockWriter();
  for (const line of text.split('\n')) writer.line(line.trim());
  return writer.end();
}

class BlockWriter {
  readonly #out: string[] = [];
  #open: 'p' | 'list' | 'table' | null = null;

  line(line: string): void {
    if (this.#open === 'table') return this.#tableLine(line);
    const [, marks = '', heading = ''] = /^(={2,4})([^=].*?)={2,4}$/.exec(line) ?? [];
    if (line === '') this.#close();
    else if (heading !== '') this.#alone(`<h${marks.length}>${inline(heading.trim())}</h${marks.length}>`);
    else if (/^[*#]/.test(line)) this.#within('list', '<ul>', `<li>${inline(line.replace(/^[*#:\s]+/, ''))}</li>`);
    else if (line.startsWith('{|')) this.#within('table', '<table><tr>', '');
    else if (/^<(aside|figure|div)\b/.test(line)) this.#alone(line);
    else this.#within('p', '<p>', `${inline(line)} `);
  }

  end(): string {
    this.#close();
    return this.#out.join('');
  }

  #tableLine(line: string): void {
    if (line.startsWith('|}')) this.#close();
    else if (line.startsWith('|-')) this.#out.push('</tr><tr>');
    else if (line.startsWith('|+')) return;
    else if (line.startsWith('!')) this.#cells('th', line.slice(1).split('!!'));
    else if (line.startsWith('|')) this.#cells('td', line.slice(1).split('||'));
    else this.#out.push(`${inline(line)} `);
  }

  /** `rowspan="2" | text`: what stands before a single bar are attributes. */
  #cells(name: 'th' | 'td', cells: readonly string[]): void {
    for (const cell of cells) {
      const [, attributes = '', content = cell] = /^([^|[\]<>]{0,200}=[^|[\]<>]{0,200})\|(.*)$/s.exec(cell) ?? [];
      this.#out.push(`<${name} ${attributes}>${inline(content.trim())} `);
    }
  }

  #within(kind: 'p' | 'list' | 'table', opening: string, content: string): void {
    if (this.#open !== kind) {
      this.#close();
      this.#out.push(opening);
      this.#open = kind;
    }
    this.#out.push(content);
  }

  #alone(html: string): void {
    this.#close();
    this.#out.push(html);
  }

  #close(): void {
    if (this.#open === 'p') this.#out.push('</p>');
    else if (this.#open === 'list') this.#out.push('</ul>');
    else if (this.#open === 'table') this.#out.push('</tr></table>');
    this.#open = null;
  }
}

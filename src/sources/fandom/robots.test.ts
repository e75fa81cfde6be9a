import { describe, expect, it } from 'vitest';
import { readRobots } from './robots.ts';

const allows = (text: string, path: string) => readRobots(text, 'trr-backend').allows(path);

describe('robots.txt (RFC 9309)', () => {
  it.each([
    ['nothing said', '', '/api.php', true],
    ['everything closed', 'User-agent: *\nDisallow: /', '/api.php?action=parse', false],
    ['an empty rule closes nothing', 'User-agent: *\nDisallow:', '/x', true],
    [
      'the longest rule counts',
      'User-agent: *\nDisallow: /\nAllow: /api.php?action=parse',
      '/api.php?action=parse&page=X',
      true,
    ],
    [
      'and leaves the rest closed',
      'User-agent: *\nDisallow: /\nAllow: /api.php?action=parse',
      '/api.php?action=edit',
      false,
    ],
    ['allow among equals', 'User-agent: *\nDisallow: /wiki\nAllow: /wiki', '/wiki/X', true],
    ['a group of our own', 'User-agent: *\nAllow: /\n\nUser-agent: TRR-Backend\nDisallow: /wiki', '/wiki/X', false],
    ['several names of a group', 'User-agent: a\nUser-agent: trr-backend\nDisallow: /', '/x', false],
    ['another group', 'User-agent: a\nDisallow: /', '/x', true],
    ['wildcards', 'User-agent: *\nDisallow: /*action=*&page=*Talk', '/api.php?action=parse&page=TalkTalk', false],
    ['the end', 'User-agent: *\nDisallow: /*.php$', '/api.php?x=1', true],
    ['comments and other lines', '# hi\nSitemap: https://x\nUser-agent: * # all\nDisallow: /w # closed', '/w/x', false],
    ['a byte order of lines', 'User-agent: *\r\nDisallow: /a\rDisallow: /b', '/b', false],
  ])('%s', (_, text, path, expected) => {
    expect(allows(text, path)).toBe(expected);
  });

  it('no pattern makes it slow', () => {
    const pattern = `Disallow: /${'*a'.repeat(5000)}$\n`;
    expect(allows(`User-agent: *\n${pattern.repeat(40)}`, `/${'a'.repeat(9000)}b`)).toBe(true);
  });
});

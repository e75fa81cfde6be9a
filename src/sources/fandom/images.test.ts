import { describe, expect, it } from 'vitest';
import { fileKey, imageByName, readImageAddress } from './images.ts';

const base = 'https://static.wikia.nocookie.net/isle/images/1/1f/Mara_Q.jpg';
const canonical = `${base}/revision/latest`;

describe('addresses of pictures', () => {
  it.each([
    [`${base}/revision/latest?cb=12`],
    [`${base}/revision/20240101000000/scale-to-width-down/300?cb=12`],
    [`${base}/revision/latest/top-crop/width/100/height/56?cb=12`],
    [`${base}/revision/latest/zoom-crop/width/90/height/90?cb=12`],
    [`${base}/revision/latest/fixed-aspect-ratio/width/50/height/50?cb=12`],
    [`${base}/revision/latest/thumbnail/width/360/height/450?cb=12`],
    [`${base}/revision/latest/smart/width/40/height/30?cb=12`],
    [`${base}/revision/latest/window-crop/width/200/x-offset/0/y-offset/0/window-width/201/window-height/200?cb=12`],
    [`${base}/scale-to-width-down/300?cb=12`],
    [`${base}?cb=12`],
    ['//static.wikia.nocookie.net/isle/images/1/1f/Mara_Q.jpg/revision/latest?cb=12'],
    ['https://vignette.wikia.nocookie.net/isle/images/1/1f/Mara_Q.jpg/revision/latest?cb=12'],
    ['https://vignette3.wikia.nocookie.net/isle/images/1/1f/Mara_Q.jpg/revision/latest/scale-to-width-down/9?cb=12'],
    ['https://static.wikia.nocookie.net/__cb2012/isle/images/1/1f/Mara_Q.jpg?cb=12'],
    ['https://static.wikia.nocookie.net/isle/images/thumb/1/1f/Mara_Q.jpg/120px-Mara_Q.jpg?cb=12'],
    ['https://static.wikia.nocookie.net/isle/images/1/1f/Mara%20Q.jpg/revision/latest?cb=12'],
  ])('weakness 8 and 9: one identity for every size, form and host: %s', (address) => {
    const read = readImageAddress(address);
    expect(read).toMatchObject({ identity: 'isle/Mara_Q.jpg', canonicalUrl: canonical, version: '12' });
    expect(read?.originalUrl).not.toMatch(/width|crop|thumb|px-/);
  });

  it('weakness 9: case matters, wikis matter, languages matter', () => {
    const identities = [
      base,
      base.replace('Mara_Q', 'MARA_Q'),
      base.replace('/isle/', '/coast/'),
      `${base}/revision/latest?path-prefix=fr`,
      'https://static.wikia.nocookie.net/isle/de/images/1/1f/Mara_Q.jpg',
    ].map((address) => readImageAddress(address)?.identity);
    expect(new Set(identities)).toEqual(
      new Set(['isle/Mara_Q.jpg', 'isle/MARA_Q.jpg', 'coast/Mara_Q.jpg', 'isle/fr/Mara_Q.jpg', 'isle/de/Mara_Q.jpg']),
    );
  });

  it('keeps the language of a picture store in its addresses', () => {
    expect(readImageAddress(`${base}/revision/latest?cb=1&path-prefix=fr`)).toMatchObject({
      canonicalUrl: `${canonical}?path-prefix=fr`,
      originalUrl: `${canonical}?cb=1&path-prefix=fr`,
    });
  });

  it('names with other letters are decoded, and encoded once', () => {
    const read = readImageAddress(
      'https://static.wikia.nocookie.net/isle/images/1/1f/M%C3%A1ra_%26_Jo%3F.jpg/revision/latest',
    );
    expect(read).toMatchObject({
      fileName: 'Mára_&_Jo?.jpg',
      canonicalUrl: expect.stringContaining('/M%C3%A1ra_%26_Jo%3F.jpg/'),
    });
    expect(readImageAddress(read?.canonicalUrl ?? '')?.identity).toBe(read?.identity);
  });

  it.each([
    ['weakness 2: a file page', '/wiki/File:Mara_Q.jpg'],
    ['weakness 2: a file page with its host', 'https://isle.fandom.com/wiki/File:Mara_Q.jpg'],
    ['weakness 18: another host', 'https://static.wikia.nocookie.net.evil.example/isle/images/1/1f/A.jpg'],
    ['a host in the user part', 'https://static.wikia.nocookie.net@evil.example/isle/images/1/1f/A.jpg'],
    ['another port', 'https://static.wikia.nocookie.net:8443/isle/images/1/1f/A.jpg'],
    ['another scheme', 'ftp://static.wikia.nocookie.net/isle/images/1/1f/A.jpg'],
    ['inline data', 'data:image/gif;base64,R0lGODlhAQABAIABAAAA'],
    ['a video', 'https://static.wikia.nocookie.net/isle/images/5/5d/Intro/revision/latest'],
    ['an old version', 'https://static.wikia.nocookie.net/isle/images/archive/1/1f/2020!A.jpg'],
    ['no folder', 'https://static.wikia.nocookie.net/isle/images/A.jpg'],
    ['a folder that does not fit', 'https://static.wikia.nocookie.net/isle/images/1/2f/A.jpg'],
    ['a path that climbs', 'https://static.wikia.nocookie.net/isle/images/1/1f/..%2f..%2fA.jpg'],
    ['broken encoding', 'https://static.wikia.nocookie.net/isle/images/1/1f/%E0%A4%A.jpg'],
    ['nonsense', 'http://'],
    ['nothing', ''],
  ])('%s is none', (_, address) => {
    expect(readImageAddress(address)).toBeNull();
  });

  it('a file by name alone lies where its digest says', () => {
    expect(imageByName('isle', 'File:mara quill S2.jpg')).toMatchObject({
      identity: 'isle/Mara_quill_S2.jpg',
      canonicalUrl: expect.stringMatching(
        /\/isle\/images\/([\da-f])\/\1[\da-f]\/Mara_quill_S2\.jpg\/revision\/latest$/,
      ),
    });
    expect(imageByName('isle', 'no ending')).toBeNull();
    expect(imageByName('../x', 'A.jpg')).toBeNull();
    expect(fileKey(' image: a  b_.jpg ')).toBe('A_b_.jpg');
  });
});

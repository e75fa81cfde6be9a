import type { WorldImage } from '../world/types.ts';

/**
 * Which images an answer carries: those named in `include_image_language` (`null` = without text), else those of `language`,
 * else all.
 */
export function imageFilter(query: URLSearchParams): (images: readonly WorldImage[]) => WorldImage[] {
  const include = query.get('include_image_language');
  const language = query.get('language');
  const wanted = include
    ? include.split(',').map((name) => name.trim())
    : language
      ? [language.slice(0, 2)]
      : undefined;
  return (images) => images.filter((image) => wanted === undefined || wanted.includes(image.iso_639_1 ?? 'null'));
}

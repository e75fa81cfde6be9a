const SIZE = 32;
const KEPT = 8;

/** cos((2x + 1) u pi / 64) for u below 8. */
const COSINES = Array.from({ length: KEPT }, (_, u) =>
  Float64Array.from({ length: SIZE }, (_, x) => Math.cos(((2 * x + 1) * u * Math.PI) / (2 * SIZE))),
);

/**
 * What a picture looks like in 64 bits: the signs of its lowest frequencies against their median, of 32 x 32 grey values. Copies in
 * other sizes, formats and qualities differ in few bits (`NEAR_BITS`), other pictures in about half.
 * @param rgb 32 x 32 pixels, 3 bytes each
 * @returns a signed 64-bit number, as PostgreSQL's bigint holds it
 */
export function perceptualHash(rgb: Uint8Array): bigint {
  const rows = Array.from({ length: SIZE }, (_, y) => lowFrequencies(greyRow(rgb, y)));
  const values: number[] = [];
  for (let v = 0; v < KEPT; v++) {
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let y = 0; y < SIZE; y++) sum += (rows[y]?.[u] ?? 0) * (COSINES[v]?.[y] ?? 0);
      values.push(sum);
    }
  }
  // The first value is only how bright the picture is.
  const median = values.slice(1).toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
  let bits = 0n;
  for (const value of values) bits = (bits << 1n) | (value > median ? 1n : 0n);
  return BigInt.asIntN(64, bits);
}

/** Pictures whose hashes differ in so many of 64 bits or fewer count as the same picture. */
export const NEAR_BITS = 6;

/** In how many bits two hashes differ. */
export function hashDistance(a: bigint, b: bigint): number {
  let bits = BigInt.asUintN(64, a ^ b);
  let count = 0;
  for (; bits !== 0n; bits &= bits - 1n) count += 1;
  return count;
}

function greyRow(rgb: Uint8Array, y: number): Float64Array {
  return Float64Array.from({ length: SIZE }, (_, x) => {
    const at = (y * SIZE + x) * 3;
    return 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0);
  });
}

function lowFrequencies(row: Float64Array): number[] {
  return COSINES.map((cosines) => row.reduce((sum, value, x) => sum + value * (cosines[x] ?? 0), 0));
}

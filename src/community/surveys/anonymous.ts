import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { clientNetwork } from '../../platform/http/address.ts';

/** Keys of people who answer without signing in (design 6): a random id, and proof that we made it. */
export interface AnonymousKeys {
  mint(): { readonly id: string; readonly key: string };
  /** The id in a key of ours; null when it is none. */
  verify(key: string): string | null;
  /** Keyed hash of an address (/64 for IPv6) for one survey: counts answers without telling who gave them. */
  addressHash(address: string, survey: string): string;
}

/** @param secret the same in all processes of an installation (`TRR_SECRET`) */
export function createAnonymousKeys(secret: Uint8Array): AnonymousKeys {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `trr ${purpose}`, 32));
  const [keySecret, addressSecret] = [derive('anonymous key'), derive('address hash')];
  const proof = (id: string) => createHmac('sha256', keySecret).update(id).digest();
  return {
    mint() {
      const id = randomBytes(16).toString('base64url');
      return { id, key: `${id}.${proof(id).toString('base64url')}` };
    },
    verify(key) {
      const [, id = '', given = ''] = /^([\w-]{22})\.([\w-]{43})$/.exec(key) ?? [];
      const bytes = Buffer.from(given, 'base64url');
      const wanted = proof(id);
      return bytes.length === wanted.length && timingSafeEqual(bytes, wanted) ? id : null;
    },
    addressHash: (address, survey) =>
      createHmac('sha256', addressSecret)
        .update(`${survey} ${clientNetwork(address)}`)
        .digest('base64url'),
  };
}

import type { MediaConfig } from '../../platform/config/types.ts';
import { createFilesystemStore } from './filesystem.ts';
import type { ObjectStore } from './store.ts';

/** The store the configuration names: a bucket, else the folder. The SDK loads only where there is a bucket. */
export async function openStore(config: Pick<MediaConfig, 's3' | 'folder'>): Promise<ObjectStore> {
  if (config.s3 === null) return createFilesystemStore(config.folder);
  const { createS3Store } = await import('./s3.ts');
  return createS3Store(config.s3);
}

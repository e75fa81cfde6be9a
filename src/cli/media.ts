import { defineCommand } from 'citty';

/** `trr media`: our copies of images (docs/media.md). */
export const mediaCommand = defineCommand({
  meta: { name: 'media', description: 'Mirror images, keep the store in order, take pictures down' },
  subCommands: {
    mirror: () => import('./media/mirror.ts').then((m) => m.mirrorCommand),
    prune: () => import('./media/prune.ts').then((m) => m.pruneCommand),
    reconcile: () => import('./media/prune.ts').then((m) => m.reconcileCommand),
    takedown: () => import('./media/takedown.ts').then((m) => m.takedownCommand),
    'rebuild-urls': () => import('./media/rebuild-urls.ts').then((m) => m.rebuildUrlsCommand),
    usage: () => import('./media/usage.ts').then((m) => m.usageCommand),
  },
});

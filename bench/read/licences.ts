import { loadConfig } from '../../src/platform/config/load.ts';

/** The licences whose values are shown with nothing configured. */
export const SHOWN_LICENCES = [...loadConfig({ env: {}, envFolders: [] }).sources.publishLicences];

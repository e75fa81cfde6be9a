/**
 * Whether a browser's page may open a connection: pages of this server, and those in `CORS_ALLOW_ORIGINS`; any page where that list
 * is open to all, as for HTTP (M3). Programs send no Origin.
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  server: { readonly publicUrl: string | null; readonly corsAllowOrigins: readonly string[] | null },
): boolean {
  if (origin === undefined || server.corsAllowOrigins === null) return true;
  if (server.corsAllowOrigins.includes(origin)) return true;
  if (server.publicUrl !== null && new URL(server.publicUrl).origin === origin) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

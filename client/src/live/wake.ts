interface Page extends EventTarget {
  readonly document?: EventTarget & { readonly visibilityState: string };
}

/** Calls `check` when a page comes to the foreground or the network is back. Returns how to stop; does nothing outside of browsers. */
export function onWake(check: () => void, page = globalThis as unknown as Partial<Page>): () => void {
  const { document } = page;
  const visible = () => {
    if (document?.visibilityState === 'visible') check();
  };
  page.addEventListener?.('online', check);
  document?.addEventListener('visibilitychange', visible);
  return () => {
    page.removeEventListener?.('online', check);
    document?.removeEventListener('visibilitychange', visible);
  };
}

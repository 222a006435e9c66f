/** The page, or the process, that a client lives in. */
export interface Page {
  /**
   * Calls back when the network came back or went, which a socket may not notice for half a minute, or when somebody looks
   * again; returns the function that ends it.
   */
  onWake(callback: () => void): () => void;
}

/** A browser's page; nothing where there is none. */
export const hostPage: Page = {
  onWake(callback) {
    const page = globalThis as { document?: Document; addEventListener?: typeof addEventListener } & typeof globalThis;
    if (!page.document || !page.addEventListener) return () => {};
    const onVisible = () => {
      if (page.document?.visibilityState === 'visible') callback();
    };
    page.addEventListener('online', callback);
    page.addEventListener('offline', callback);
    page.document.addEventListener('visibilitychange', onVisible);
    return () => {
      page.removeEventListener('online', callback);
      page.removeEventListener('offline', callback);
      page.document?.removeEventListener('visibilitychange', onVisible);
    };
  },
};

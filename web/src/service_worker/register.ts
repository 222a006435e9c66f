/** The one string of this app that may become code: the address of its service worker. */
const WORKER = '/sw.js';

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy;
}

// Browsers without Trusted Types take the string itself.
function workerUrl(): string {
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory?.createPolicy('tidings', { createScriptURL: () => WORKER }).createScriptURL(WORKER) ?? WORKER;
}

/** Lets the app open without a network. Where it can't, nothing else is lost. */
export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  navigator.serviceWorker.register(workerUrl()).catch((error: unknown) => console.warn('no service worker', error));
}

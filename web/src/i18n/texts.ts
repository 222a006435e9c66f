import { useSyncExternalStore } from 'react';
import { createInstance, type i18n } from 'i18next';
import { readPreference, writePreference } from '../base/preference';
import english from './en.json';

type Join<A extends string, B extends string> = A extends '' ? B : `${A}.${B}`;
type WithoutPlural<K extends string> = K extends `${infer Stem}_${'one' | 'other'}` ? Stem : K;
type Leaves<T, Path extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? Join<Path, WithoutPlural<K>> : Leaves<T[K], Join<Path, K>>;
}[keyof T & string];

/** The name of a text in `en.json`: `list.below`. */
export type TextKey = Leaves<typeof english>;
export type Values = Readonly<Record<string, string | number>>;
export type Say = (key: TextKey, values?: Values) => string;

export const LANGUAGES = { en: 'English', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: readonly Language[] = ['ar'];
const CHOICE = 'language';

const texts: i18n = createInstance();
const listeners = new Set<() => void>();

function isLanguage(text: string | undefined): text is Language {
  return text !== undefined && text in LANGUAGES;
}

function preferred(): Language {
  const chosen = readPreference(CHOICE);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

/** English is part of the app; another language is fetched when it is wanted. */
async function load(language: Language): Promise<void> {
  if (language === 'ar' && !texts.hasResourceBundle('ar', 'translation')) {
    texts.addResourceBundle('ar', 'translation', (await import('./ar.json')).default);
  }
}

async function use(language: Language): Promise<void> {
  // The language that is there is better than none.
  const usable = await load(language).then(() => language, () => 'en' as const);
  await texts.changeLanguage(usable);
  document.documentElement.lang = usable;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(usable) ? 'rtl' : 'ltr';
  listeners.forEach((listener) => listener());
}

/** Before anything is shown. */
export async function startTexts(): Promise<void> {
  await texts.init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: english } },
    showSupportNotice: false,
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  });
  await use(preferred());
}

export function chooseLanguage(language: Language): void {
  writePreference(CHOICE, language);
  void use(language);
}

function language(): Language {
  return isLanguage(texts.language) ? texts.language : 'en';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, language);
}

const say: Say = (key, values) => texts.t(key, values);

/** The texts of the app in the language that was chosen. */
export function useTexts(): Say {
  useLanguage();
  return say;
}

/** The same outside of components. */
export { say };

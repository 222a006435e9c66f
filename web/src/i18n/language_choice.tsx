import { useId } from 'react';
import { chooseLanguage, LANGUAGES, useLanguage, useTexts, type Language } from './texts';

const CODES = Object.keys(LANGUAGES) as Language[];

export function LanguageChoice() {
  const say = useTexts();
  const language = useLanguage();
  const id = useId();
  return (
    <div className="field field-inline">
      <label htmlFor={id}>{say('settings.language')}</label>
      <select id={id} value={language} onChange={(event) => chooseLanguage(event.target.value as Language)}>
        {CODES.map((code) => <option key={code} value={code} lang={code}>{LANGUAGES[code]}</option>)}
      </select>
    </div>
  );
}

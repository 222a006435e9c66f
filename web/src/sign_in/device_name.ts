const BROWSERS: readonly (readonly [RegExp, string])[] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS X/, 'macOS'], [/Windows/, 'Windows'], [/Linux|X11/, 'Linux']];

const firstMatch = (list: typeof BROWSERS, agent: string) => list.find(([pattern]) => pattern.test(agent))?.[1];

/** "Firefox on Linux": enough for its owner to know it again in the list of devices. */
export function deviceName(agent: string): string {
  const names = [firstMatch(BROWSERS, agent) ?? 'Browser', firstMatch(SYSTEMS, agent)];
  return names.filter((name) => name !== undefined).join(' on ');
}

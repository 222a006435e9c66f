import type { Entry, EntryList, Message } from '@tidings/client';

/** A message of a test: the rest is as plain as it can be. */
export function testMessage(part: Partial<Message> & { readonly id: string }): Message {
  return {
    group: 'g', from: '@alice', kind: 'text', sentAt: 0, late: false, text: 'hello', links: [], mentions: [], deleted: false,
    reactions: [], delivery: 'stored', mine: false, amending: false, ...part,
  };
}

export function testEntries(messages: readonly Message[]): EntryList {
  const entries: Entry[] = messages.map((message) => ({ type: 'message', key: message.id, message }));
  const position = (id: string) => messages.filter((message) => message.id < id).length;
  return {
    length: entries.length,
    at: (index) => entries[index],
    slice: (from, to) => entries.slice(from, to),
    indexOf: (id) => messages.findIndex((message) => message.id === id),
    position,
    [Symbol.iterator]: () => entries[Symbol.iterator](),
  };
}

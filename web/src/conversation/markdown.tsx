import { memo, type ReactNode } from 'react';
import { Marked, type Token, type Tokens } from 'marked';
import type { UserReference } from '@tidings/client';

/*
 * A subset of markdown becomes React elements, never a string of HTML: what is not listed here is shown as it was
 * typed, so there is nothing to clean afterwards.
 */
const parser = new Marked({ gfm: true, breaks: true });

const SAFE_LINK = /^(https?:\/\/|mailto:)/i;
const MENTION = /@[a-z][a-z0-9_.-]{1,31}/g;

function withMentions(text: string, mentions: readonly UserReference[]): ReactNode {
  if (mentions.length === 0) return text;
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(MENTION)) {
    const name = match[0].replace(/[.-]+$/, '') as UserReference;
    if (!mentions.includes(name)) continue;
    parts.push(text.slice(end, match.index), <b key={match.index} className="mention">{name}</b>);
    end = match.index + name.length;
  }
  return [...parts, text.slice(end)];
}

type Inline = (tokens: readonly Token[]) => ReactNode;

function inlineOf(mentions: readonly UserReference[]): Inline {
  const one = (token: Token, key: number): ReactNode => {
    const inner = () => all((token as { tokens?: Token[] }).tokens ?? []);
    switch (token.type) {
      case 'strong': return <strong key={key}>{inner()}</strong>;
      case 'em': return <em key={key}>{inner()}</em>;
      case 'del': return <del key={key}>{inner()}</del>;
      case 'codespan': return <code key={key}>{(token as Tokens.Codespan).text}</code>;
      case 'br': return <br key={key} />;
      case 'escape': return (token as Tokens.Escape).text;
      case 'link': {
        const { href } = token as Tokens.Link;
        if (!SAFE_LINK.test(href)) return token.raw;
        return <a key={key} href={href} target="_blank" rel="noopener noreferrer nofollow">{inner()}</a>;
      }
      case 'text': {
        const { tokens } = token as Tokens.Text;
        return tokens ? <span key={key}>{all(tokens)}</span> : <span key={key}>{withMentions(token.raw, mentions)}</span>;
      }
      default: return token.raw;
    }
  };
  const all: Inline = (tokens) => tokens.map(one);
  return all;
}

function blocksOf(tokens: readonly Token[], inline: Inline): ReactNode[] {
  return tokens.map((token, key) => {
    switch (token.type) {
      case 'space': return null;
      case 'paragraph': return <p key={key} dir="auto">{inline((token as Tokens.Paragraph).tokens)}</p>;
      case 'text': return <p key={key} dir="auto">{inline([token])}</p>;
      case 'heading': return <p key={key} dir="auto"><strong>{inline((token as Tokens.Heading).tokens)}</strong></p>;
      case 'blockquote': return <blockquote key={key} dir="auto">{blocksOf((token as Tokens.Blockquote).tokens, inline)}</blockquote>;
      case 'code': return <pre key={key} dir="ltr" tabIndex={0}><code>{(token as Tokens.Code).text}</code></pre>;
      case 'list': {
        const list = token as Tokens.List;
        const items = list.items.map((item, index) => <li key={index} dir="auto">{item.task ? item.raw : itemOf(item, inline)}</li>);
        return list.ordered ? <ol key={key} start={Number(list.start) || 1} dir="auto">{items}</ol> : <ul key={key} dir="auto">{items}</ul>;
      }
      default: return <p key={key} dir="auto">{token.raw.trimEnd()}</p>;
    }
  });
}

// The text of a short item stands in the item itself, not in a paragraph of its own.
function itemOf(item: Tokens.ListItem, inline: Inline): ReactNode {
  return item.tokens.map((token, key) =>
    token.type === 'text' ? <span key={key}>{inline([token])}</span> : <div key={key}>{blocksOf([token], inline)}</div>,
  );
}

/** How deep quotes and lists may stand in each other before they are shown as typed. */
const DEPTH_MAX = 12;

function isDeep(tokens: readonly Token[], left: number): boolean {
  if (left === 0) return true;
  return tokens.some((token) => {
    const { tokens: inner = [], items = [] } = token as { tokens?: Token[]; items?: Token[] };
    return isDeep(inner, left - 1) || isDeep(items, left - 1);
  });
}

/** `undefined`: show it as typed. */
export function parse(text: string): readonly Token[] | undefined {
  // A thousand openings in a row are nobody's text, and cost a parser the more the longer they are.
  if (/(?:[[*_~`<>(-]\s?){64}/.test(text)) return undefined;
  try {
    const tokens = parser.lexer(text);
    return isDeep(tokens, DEPTH_MAX) ? undefined : tokens;
  } catch {
    return undefined;
  }
}

interface MarkdownProps {
  readonly text: string;
  readonly mentions: readonly UserReference[];
}

export const Markdown = memo(function Markdown({ text, mentions }: MarkdownProps) {
  const tokens = parse(text);
  return <>{tokens === undefined ? <p dir="auto">{text}</p> : blocksOf(tokens, inlineOf(mentions))}</>;
});

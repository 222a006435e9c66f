import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { UserReference } from '@tidings/client';
import { Markdown } from './markdown';

const shown = (text: string, mentions: UserReference[] = []) => renderToStaticMarkup(<Markdown text={text} mentions={mentions} />);

describe('markdown', () => {
  it('knows what people write in chats', () => {
    expect(shown('**bold** and *slanted*')).toBe('<p dir="auto"><strong><span>bold</span></strong><span> and </span><em><span>slanted</span></em></p>');
    expect(shown('`a < b`')).toBe('<p dir="auto"><code>a &lt; b</code></p>');
    expect(shown('one\ntwo')).toContain('<br/>');
    expect(shown('- one\n- two')).toContain('<ul dir="auto"><li dir="auto">');
    expect(shown('> said')).toContain('<blockquote dir="auto">');
    expect(shown('see https://example.org/a')).toContain('<a href="https://example.org/a" target="_blank" rel="noopener noreferrer nofollow">');
  });

  it('shows as typed what it does not know', () => {
    expect(shown('<script>alert(1)</script>')).toContain('&lt;script&gt;');
    expect(shown('<img src=x onerror=alert(1)>')).not.toContain('<img');
    expect(shown('![x](https://example.org/x.png)')).not.toContain('<img');
    expect(shown('1 &amp; 2')).toContain('1 &amp;amp; 2');
  });

  it('makes no link of what is not one', () => {
    for (const target of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', '//example.org', '&#106;avascript:alert(1)']) {
      expect(shown(`[click](${target})`)).not.toContain('<a');
    }
  });

  it('marks those who are mentioned, and nobody else', () => {
    expect(shown('ask @bob, not @eve.', ['@bob'])).toContain('ask <b class="mention">@bob</b>, not @eve.');
  });

  it('takes hostile texts as text', () => {
    for (const text of ['['.repeat(10_000), '*'.repeat(10_000), '> '.repeat(5_000), '-\n'.repeat(5_000), 'x'.repeat(10_000), `a${'\u0301'.repeat(5_000)}`]) {
      expect(shown(text).length).toBeGreaterThan(text.trim().length / 2);
    }
  });
});

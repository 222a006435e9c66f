import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSED = /\.(js|css|html|json|svg|webmanifest)$/;

/** Emoji are data, not code: they lie beside the app and are fetched when somebody looks for one. */
function emojiData(): Plugin {
  return {
    name: 'emoji-data',
    generateBundle() {
      for (const name of ['data.json', 'messages.json']) {
        const source = readFileSync(resolve(import.meta.dirname ?? '.', 'node_modules/emojibase-data/en', name));
        this.emitFile({ type: 'asset', fileName: `emoji/en/${name}`, source });
      }
    },
  };
}

/** Tells the service worker what to keep for when there is no network: all that is needed to show the app. */
function shellList(): Plugin {
  return {
    name: 'shell-list',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).map((name) => `/${name}`);
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') this.error('there is no service worker');
      worker.code = worker.code.replaceAll('SHELL_FILES', JSON.stringify(files));
    },
  };
}

/** The server sends `x.gz` to whoever takes gzip, so that nothing is compressed while somebody waits. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    // When everything is written: other plug-ins change what they emitted until then.
    writeBundle({ dir = '.' }, bundle) {
      for (const name of Object.keys(bundle).filter((file) => COMPRESSED.test(file))) {
        const path = resolve(dir, name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), emojiData(), shellList(), compressed()],
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    // light-dark(), top-level await, <search>: browsers of 2024 and later.
    target: 'es2022',
    // A picture in a style sheet would be a data: address; files are cached, and the policy stays short.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { app: resolve(import.meta.dirname ?? '.', 'index.html'), sw: resolve(import.meta.dirname ?? '.', 'src/service_worker/sw.ts') },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
} as Parameters<typeof defineConfig>[0]);

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

test('the types are those of docs/api/openapi.yaml (else: npm run types)', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-schema-'));
  try {
    const made = join(directory, 'schema.ts');
    const generator = join(PACKAGE, 'node_modules/.bin/openapi-typescript');
    await promisify(execFile)(generator, [join(PACKAGE, '../../docs/api/openapi.yaml'), '--output', made]);
    assert.equal(await readFile(join(PACKAGE, 'src/api/schema.ts'), 'utf8'), await readFile(made, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

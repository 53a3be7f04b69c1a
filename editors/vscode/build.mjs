// Bundles the extension into one file, or with --tests each file of tests beside a fake `vscode`.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
};

if (process.argv.includes('--tests')) {
  rmSync('out-tests', { recursive: true, force: true });
  const tests = readdirSync('tests').filter((name) => name.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: tests.map((name) => `tests/${name}`),
    outdir: 'out-tests',
    sourcemap: 'inline',
    alias: {
      vscode: './tests/fake-vscode.ts',
      'vscode-languageclient/node': './tests/fake-client.ts',
    },
  });
} else {
  rmSync('out', { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    metafile: true,
    entryPoints: ['src/extension.ts'],
    outfile: 'out/extension.js',
    external: ['vscode'],
    minify: true,
    legalComments: 'none',
  });
  writeFileSync('out/THIRD-PARTY.txt', licences(Object.keys(metafile.inputs)));
}

/** The licences of what is in the bundle, which ask to be handed on with it. */
function licences(files) {
  const folders = files.map((file) => file.match(/^(.*node_modules\/(@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(folders.filter(Boolean))]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : license;
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

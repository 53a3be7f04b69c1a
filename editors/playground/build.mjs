// Bundles the page into the package, or with --tests the tests into out-tests.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const page = '../../codestral_ls/gateway/playground';
const common = { bundle: true, format: 'esm', logLevel: 'warning' };

if (process.argv.includes('--tests')) {
  rmSync('out-tests', { recursive: true, force: true });
  const tests = readdirSync('tests').filter((name) => name.endsWith('.test.ts'));
  await build({
    ...common,
    platform: 'node',
    target: 'node20',
    entryPoints: tests.map((name) => `tests/${name}`),
    outdir: 'out-tests',
    outExtension: { '.js': '.mjs' },
    sourcemap: 'inline',
  });
} else {
  rmSync(page, { recursive: true, force: true });
  mkdirSync(page);
  const { metafile } = await build({
    ...common,
    platform: 'browser',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    metafile: true,
    entryPoints: [
      { in: 'src/main.ts', out: 'playground' },
      { in: 'src/page/playground.css', out: 'playground' },
    ],
    outdir: page,
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
  });
  copyFileSync('src/page/index.html', `${page}/index.html`);
  copyFileSync('src/page/icon.svg', `${page}/icon.svg`);
  writeFileSync(`${page}/THIRD-PARTY.txt`, licences(Object.keys(metafile.inputs)));
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

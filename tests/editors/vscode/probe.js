// A second extension beside ours, which tells a test what is in the editor's model: the page shows
// ghost text and real text alike. It runs a function's body with `vscode` and the caller's `args`.

const fs = require("node:fs");
const http = require("node:http");
const vscode = require("vscode");

exports.activate = () => {
  const path = process.env.VSCODE_PROBE;
  // A reloaded page has a new extension host; that of the page before lives on for a while.
  fs.rmSync(path, { force: true });
  http.createServer(answer).listen(path);
};

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { body, args } = JSON.parse(Buffer.concat(chunks).toString());
  try {
    // What is typed in the page reaches the extension host in the order in which it is dealt with;
    // so does the answer to a command, behind it.
    await vscode.commands.executeCommand("setContext", "probed", true);
    const run = new Function("vscode", "args", `return (async () => { ${body} })();`);
    response.end(JSON.stringify({ value: (await run(vscode, args)) ?? null }));
  } catch (error) {
    response.end(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}

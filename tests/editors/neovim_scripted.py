"""A Neovim whose server is a few lines of Lua in it: a test answers, when and what it wants."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.editors.neovim import Neovim, find_neovim, plugin, wait_until
from tests.parts import require

CANCELLED, BROKEN = -32800, -32603
"""LSP's errors: RequestCancelled and InternalError."""

SERVER = """
_G.asked, _G.told, _G.capabilities, _G.hangs = {}, {}, nil, false
function _G.scripted(dispatchers)
  local closing, count = false, 0
  _G.server = dispatchers
  local function finish()
    closing = true
    vim.schedule(function() dispatchers.on_exit(0, 0) end)
  end
  local capabilities = {
    positionEncoding = 'utf-8',
    textDocumentSync = { openClose = true, change = 2 },
    inlineCompletionProvider = vim.empty_dict(),
    executeCommandProvider = { commands = { 'codestral.accepted' } },
  }
  return {
    request = function(method, params, callback)
      count = count + 1
      if method == 'initialize' then
        _G.capabilities = params.capabilities
        callback(nil, { capabilities = capabilities })
      elseif method == 'textDocument/inlineCompletion' then
        table.insert(_G.asked, { params = params, reply = callback })
      elseif not (_G.hangs and method == 'shutdown') then
        table.insert(_G.told, { method = method, params = params })
        callback(nil, vim.NIL)
      end
      return true, count
    end,
    notify = function(method, params)
      table.insert(_G.told, { method = method, params = params })
      if method == 'exit' then finish() end
      return true
    end,
    is_closing = function() return closing end,
    terminate = finish,
  }
end
vim.lsp.config('codestral_ls', { cmd = _G.scripted })
"""
ANSWER = """
local number, texts, replaced = ...
local params = _G.asked[number].params
local at = params.position
local stop = { line = at.line, character = at.character + replaced }
local items = {}
for index, text in ipairs(texts) do
  table.insert(items, {
    insertText = text,
    range = { start = at, ['end'] = stop },
    command = {
      title = 'Accepted',
      command = 'codestral.accepted',
      arguments = { params.textDocument.uri, number * 10 + index },
    },
  })
end
_G.asked[number].reply(nil, items)
"""
FAIL = "local number, code = ... _G.asked[number].reply({ code = code, message = 'so it is' })"
NULL = "local number = ... _G.asked[number].reply(nil, nil)"
ACCEPTED = """
return vim.iter(_G.told):filter(function(it)
  return it.method == 'workspace/executeCommand'
end):map(function(it) return vim.list_slice(it.params.arguments, 2) end):totable()
"""


class Scripted:
    """A Neovim, and the requests for ghost text that it has sent, counted from 1."""

    def __init__(self, neovim: Neovim, folder: Path) -> None:
        self.neovim = neovim
        self._folder = folder
        self._files = 0

    def edit(self, text: str, keys: str) -> int:
        """Opens a new file and presses keys; returns the number of the request that follows."""
        self._files += 1
        path = self._folder / f"{self._files}.py"
        path.write_text(text, "utf-8")
        self.neovim.open(path)
        self.neovim.lua("_G.told = {}")
        return self.press(keys)

    def press(self, keys: str) -> int:
        """Presses keys; returns the number of the request that follows."""
        before = self.count()
        self.neovim.press(keys)
        wait_until(lambda: self.count() > before, "a request", self.neovim.story)
        return self.count()

    def count(self) -> int:
        """How many requests there were."""
        return int(self.neovim.lua("return #_G.asked"))

    def kind(self, number: int) -> int:
        """The trigger kind of a request."""
        return int(self.neovim.lua("return _G.asked[...].params.context.triggerKind", number))

    def answer(self, number: int, *texts: str, replaced: int = 0) -> None:
        """Answers a request with these candidates, which replace so many bytes at its place."""
        self.neovim.lua(ANSWER, number, list(texts), replaced)

    def fail(self, number: int, code: int) -> None:
        """Answers a request with an error."""
        self.neovim.lua(FAIL, number, code)

    def answer_null(self, number: int) -> None:
        """Answers a request with null."""
        self.neovim.lua(NULL, number)

    def ghost(self) -> str:
        """The ghost text on the screen."""
        return self.neovim.ghost()

    def accepted(self) -> Sequence[Any]:
        """What was told of acceptances: number of the answer, and units for a part of it."""
        found: Sequence[Any] = self.neovim.lua(ACCEPTED)
        return found


@contextmanager
def scripted(
    folder: Path, options: str = "", before: str = "", configuration: str = ""
) -> Iterator[Scripted]:
    """A Neovim with the plug-in, or what else is configured, and the scripted server."""
    configuration = before + SERVER + (configuration or plugin((), options))
    with Neovim(require(find_neovim), folder, (), {}, configuration) as neovim:
        yield Scripted(neovim, folder)

--- The completion menu, for a Neovim without ghost text of its own (before 0.12).
---
--- The server offers it there by itself: to clients that do not know inline completion. On 0.10 it
--- comes by `<C-x><C-o>`, and by whatever completion plug-in is there; 0.11 can open it by itself.

local options = require('codestral_ls.options')

local M = {}

---@param client vim.lsp.Client
---@param buf integer
function M.attach(client, buf)
  if not (options.get().menu and client.server_capabilities.completionProvider) then
    return
  elseif not (vim.lsp.completion and vim.lsp.completion.enable) then
    return
  end
  vim.lsp.completion.enable(true, client.id, buf, { autotrigger = true })
  local chosen = vim.opt.completeopt:get() ---@type string[]
  if not (vim.tbl_contains(chosen, 'noselect') or vim.tbl_contains(chosen, 'noinsert')) then
    -- Otherwise the first entry would be inserted as soon as the menu opens. `popup` shows all of
    -- its lines.
    local wanted = { 'menuone', 'noselect', 'popup' }
    vim.api.nvim_set_option_value('completeopt', table.concat(wanted, ','), { buf = buf })
  end
end

return M

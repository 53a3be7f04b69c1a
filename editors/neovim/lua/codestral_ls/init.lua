--- Ghost text by codestral-ls, with everything around it. See |codestral_ls|.

local M = {}

---@param event { buf: integer, data: { client_id: integer } }
local function attached(event)
  local server = require('codestral_ls.server')
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if not client or client.name ~= server.NAME then
    return
  end
  if vim.lsp.inline_completion then
    require('codestral_ls.replies').watch(client)
    -- The user may be typing already, and Neovim would ask at the next key only. What asks is set
    -- up a moment after this event.
    vim.defer_fn(function()
      if event.buf == vim.api.nvim_get_current_buf() and vim.fn.mode() == 'i' then
        require('codestral_ls.ghost').refresh(event.buf)
      end
    end, require('codestral_ls.options').get().delay)
  else
    require('codestral_ls.menu').attach(client, event.buf)
  end
end

local function watch_typing()
  local group = vim.api.nvim_create_augroup('codestral_ls', {})
  local function on(events, callback, pattern)
    local settings = { group = group, callback = callback, pattern = pattern }
    vim.api.nvim_create_autocmd(events, settings)
  end
  local function dismiss(event)
    require('codestral_ls.ghost').dismiss(event.buf)
  end

  on('LspAttach', attached)
  on('FileType', function(event)
    require('codestral_ls.missing').look(event.buf)
  end)
  on('LspDetach', function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or vim.tbl_count(client.attached_buffers) <= 1 then
      require('codestral_ls.status').forget(event.data.client_id)
    end
    if client and client.name == require('codestral_ls.server').NAME then
      require('codestral_ls.ghost').dismiss(event.buf)
    end
  end)
  on({ 'CursorMovedI', 'TextChangedI', 'TextChangedP' }, function(event)
    require('codestral_ls.replies').moved(event.buf)
    if event.event == 'TextChangedI' then
      -- <Del> does not move the cursor, and Neovim looks at moves only.
      require('codestral_ls.ghost').refresh(event.buf)
    end
  end)
  -- Neovim 0.12 heeds InsertLeave alone: there is none after <C-c>, nor when <Insert> begins to
  -- replace, and a mapping may leave the buffer within insert mode.
  on('ModeChanged', dismiss, 'i*:[nvVsSR]*')
  on('BufLeave', dismiss)
  on('ColorScheme', require('codestral_ls.status').define_highlights)
end

--- Starts the server for all files, and shows ghost text. See |codestral_ls-options|.
---@param wanted? codestral_ls.Options
function M.setup(wanted)
  local options = require('codestral_ls.options')
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify('codestral_ls needs Neovim 0.10; 0.12 has ghost text', vim.log.levels.ERROR)
    return
  end
  local problems = options.set(wanted)
  if #problems > 0 then
    local told = table.concat(problems, '\n')
    vim.notify(('codestral_ls.setup(): %s'):format(told), vim.log.levels.WARN)
  end
  require('codestral_ls.status').define_highlights()
  watch_typing()
  if vim.lsp.inline_completion then
    require('codestral_ls.ghost').take_over()
    require('codestral_ls.keys').map()
    vim.lsp.inline_completion.enable(true)
  end
  require('codestral_ls.server').enable()
  require('codestral_ls.manual').tag()
  for _, buf in ipairs(vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.api.nvim_list_bufs())) do
    require('codestral_ls.missing').look(buf)
  end
  for _, client in ipairs(require('codestral_ls.server').clients()) do
    for buf in pairs(client.attached_buffers) do
      attached({ buf = buf, data = { client_id = client.id } })
    end
  end
end

--- For a status line: a symbol, "" without a server. With `message` its words too; with `highlight`
--- its colour, for `%{%…%}`.
---@param wanted? { message?: boolean, highlight?: boolean }
---@return string
function M.status(wanted)
  return require('codestral_ls.status').component(wanted)
end

--- For mappings of your own: they return whether there was anything to do.

---@param amount? 'whole'|'word'|'line'
---@return boolean accepted
function M.accept(amount)
  return require('codestral_ls.accepting').accept(amount or 'whole')
end

---@return boolean dismissed
function M.dismiss()
  return require('codestral_ls.accepting').dismiss()
end

--- Whether ghost text is shown in this buffer.
---@return boolean
function M.is_shown()
  return require('codestral_ls.ghost').shown(vim.api.nvim_get_current_buf()) ~= nil
end

return M

--- What is said in passing, to somebody who may be typing.
---
--- It takes one line: of more Neovim would say "Press ENTER", and take the keys that are typed.

local M = {}

--- Whether a function is Neovim's. Those that plug-ins put in its place show windows, in which a
--- longer text asks for no key.
---@param shows function
---@return boolean
function M.is_neovims_own(shows)
  local from = debug.getinfo(shows, 'S').source:gsub('^[@=]', '')
  local runtime = vim.env.VIMRUNTIME
  return from == '?' -- what is compiled into 0.12.4 does not tell
    or vim.startswith(from, 'vim/')
    or (runtime ~= nil and vim.startswith(from, runtime))
end

--- As much of a text as has room in the last line.
---@param text string
---@return string
local function cut(text)
  local room = vim.v.echospace
  if vim.fn.strdisplaywidth(text) <= room then
    return text
  end
  return room > 1 and vim.fn.printf('%.*S', room - 1, text) .. '…' or ''
end

--- Puts a text into `:messages`, whole, without waiting for a key.
---@param text string
---@param highlight string
local function remember(text, highlight)
  local former = vim.o.messagesopt
  vim.o.messagesopt = former:gsub('hit%-enter', 'wait:0'):gsub('wait:%d+', 'wait:0')
  pcall(vim.api.nvim_echo, { { text, highlight } }, true, {})
  vim.o.messagesopt = former
end

--- Leaves the last line to a message until a key is pressed. Neovim 0.12.4 writes the mode over
--- what is said in insert mode from elsewhere, before anybody could read it.
local function hide_mode()
  if not (vim.o.showmode and vim.fn.mode():match('^[iR]')) then
    return
  end
  vim.o.showmode = false
  local group = vim.api.nvim_create_augroup('codestral_ls.message', {})
  vim.api.nvim_create_autocmd({ 'CursorMovedI', 'TextChangedI', 'ModeChanged' }, {
    group = group,
    callback = function()
      vim.o.showmode = true
      vim.api.nvim_create_augroup('codestral_ls.message', {}) -- which clears it
    end,
  })
end

--- Says something in one line. Its whole text is in `:messages`, on Neovim 0.11 and newer.
---@param text string
---@param level? integer One of `vim.log.levels`.
function M.say(text, level)
  if not M.is_neovims_own(vim.notify) then
    vim.notify(text, level)
    return
  elseif vim.fn.mode() == 'c' then
    local function later()
      M.say(text, level)
    end
    local settings = { pattern = 'c*:*', once = true, callback = vim.schedule_wrap(later) }
    vim.api.nvim_create_autocmd('ModeChanged', settings)
    return
  end
  local line = text:gsub('%c+', ' ')
  local shown = cut(line)
  local highlight = level == vim.log.levels.WARN and 'WarningMsg' or 'Normal'
  vim.cmd.redraw() -- of two messages without a redraw between them the second asks for <Enter>
  local kept = shown ~= line and vim.fn.exists('+messagesopt') == 1
  if kept then
    remember(line, highlight)
    vim.cmd.redraw()
  end
  if shown ~= '' then
    hide_mode()
    vim.api.nvim_echo({ { shown, highlight } }, not kept, {})
  end
end

return M

--- Ghost text that is true to the text: drawn anew at every key, and hidden once out of place.
---
--- Neovim 0.12.4 draws and accepts ghost text where it came, whatever was typed since, and waits
--- for 200 ms before it asks. Nothing public changes that, so its `Completor` is taken over here.
--- Where that cannot be done, ghost text may be drawn out of place until the next reply, but
--- `accepting` still refuses it.

local completors = require('codestral_ls.completor')
local drawing = require('codestral_ls.drawing')
local message = require('codestral_ls.message')
local place = require('codestral_ls.place')
local options = require('codestral_ls.options')
local replies = require('codestral_ls.replies')
local server = require('codestral_ls.server')

local M = {}

local AUTOMATIC, INVOKED = 2, 1

local wanted = {} ---@type table<integer, integer> Which candidate an invoked reply is to show.
local told ---@type string? Client and number of the answer that was drawn last.

---@param completor table
---@return boolean
local function is_only_ours(completor)
  for id in pairs(completor.client_state) do
    if not server.is_ours(id) then
      return false
    end
  end
  return next(completor.client_state) ~= nil
end

---@param command table
---@param client_id integer
local function tell_shown(command, client_id)
  local answer = command.arguments and command.arguments[2]
  local client = vim.lsp.get_client_by_id(client_id)
  local key = ('%d:%s'):format(client_id, answer)
  if answer and client and key ~= told then
    told = key
    client:notify('textDocument/didShowCompletion', { item = replies.item(command) })
  end
end

--- Keeps the candidates that still fit, and one of them as the current one.
---@param completor table
---@return codestral_ls.Fit?
local function refit(completor)
  local current = completor.current
  local state = completor.client_state[current.client_id]
  local index ---@type integer?
  state.items = vim.tbl_filter(function(item)
    return replies.fit(completor.bufnr, item.command) ~= nil
  end, state and state.items or {})
  for i, item in ipairs(state.items) do
    index = item.command == current.command and i or index
  end
  if not index then
    completor.current = nil
    if #state.items > 0 and is_only_ours(completor) then
      completor:select(1) -- which comes back here
    end
    return
  end
  current._index = is_only_ours(completor) and index or current._index
  return replies.fit(completor.bufnr, current.command)
end

---@type table<string, fun(completor: table, ...): any>
local ours = {}

function ours.hide(completor)
  completors.originals.hide(completor)
  drawing.clear(completor.bufnr)
end

function ours.show(completor, hint)
  local current = completor.current
  if not current or not server.is_ours(current.client_id) then
    return completors.originals.show(completor, hint)
  end
  completor:hide()
  local fit = refit(completor)
  if not fit then
    return
  end
  -- So that `vim.lsp.inline_completion.get()` in a mapping of the user's own is right as well.
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local stop = col + place.replaced(fit, #fit.left)
  current.insert_text = fit.left
  current.range = vim.range(completor.bufnr, row - 1, col, row - 1, stop)
  current._chosen = current._chosen or hint ~= nil
  drawing.draw(completor.bufnr, fit, hint)
  tell_shown(current.command, current.client_id)
end

function ours.automatic_request(completor)
  if not is_only_ours(completor) then
    return completors.originals.automatic_request(completor)
  end
  completor:show()
  completor:reset_timer()
  completor.timer = vim.defer_fn(function()
    local is_here = vim.api.nvim_get_current_buf() == completor.bufnr
    if is_here and vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
      completor:request(AUTOMATIC)
    end
  end, options.get().delay)
end

--- Takes over what draws and asks, if this Neovim has the parts for it.
---@return boolean done
function M.take_over()
  return completors.take_over(ours)
end

--- Whether ghost text is drawn and asked for here.
---@return boolean
function M.is_ours()
  return completors.is_taken()
end

--- Ghost text as it is shown.
---@class codestral_ls.Shown
---@field client_id integer
---@field command lsp.Command
---@field fit codestral_ls.Fit

---@param buf integer
---@return codestral_ls.Shown?
function M.shown(buf)
  local completor = completors.of(buf)
  local current = completor and completor.current
  local fit = current and replies.fit(buf, current.command)
  if fit then
    return { client_id = current.client_id, command = current.command, fit = fit }
  end
end

--- How many candidates there are.
---@param buf integer
---@return integer
function M.count(buf)
  local completor = completors.of(buf)
  return completor and completor:count_items() or 0
end

--- Whether the user went to this candidate, so that no automatic reply may take its place.
---@param buf integer
---@return boolean
function M.is_chosen(buf)
  local completor = completors.of(buf)
  local current = completor and completor.current
  return current ~= nil and current._chosen == true and M.shown(buf) ~= nil
end

--- Draws anew, after something was typed or accepted.
---@param buf integer
function M.refresh(buf)
  local completor = completors.of(buf)
  if completor then
    completor:automatic_request()
  end
end

--- Ends what is shown and what is under way.
---@param buf integer
---@return boolean done
function M.dismiss(buf)
  replies.forget(buf)
  local completor = completors.of(buf)
  if completor then
    completor:abort()
  end
  return completor ~= nil
end

--- Asks for several candidates, as by hand, and shows this one of them.
---@param buf integer
---@param index integer
---@return boolean asked
function M.invoke(buf, index)
  local completor = completors.of(buf)
  if not completor then
    return false
  end
  wanted[buf] = index
  completor:reset_timer()
  completor:request(INVOKED)
  return true
end

--- Shows which of several candidates it is, once a reply to `invoke` has come.
---@param buf integer
---@param count integer
function M.invoked(buf, count)
  local completor = completors.of(buf)
  if completor and completor.current and count > 1 then
    completor:select((wanted[buf] - 1) % count + 1, true)
  elseif count == 0 then
    message.say('codestral-ls: nothing to propose here, see :Codestral explain')
  end
  wanted[buf] = nil
end

return M

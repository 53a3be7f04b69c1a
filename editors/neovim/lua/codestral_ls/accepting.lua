--- Accepting ghost text, or a piece of it, and telling the server.

local completor = require('codestral_ls.completor')
local ghost = require('codestral_ls.ghost')
local message = require('codestral_ls.message')
local place = require('codestral_ls.place')
local replies = require('codestral_ls.replies')

local M = {}

---@param text string
---@return integer
local function utf16_units(text)
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_utfindex(text, 'utf-16')
  end
  return (select(2, vim.str_utfindex(text)))
end

--- Puts a piece of what is left at the cursor.
---@param buf integer
---@param fit codestral_ls.Fit
---@param piece string
local function insert(buf, fit, piece)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local stop = col + place.replaced(fit, #piece)
  local lines = vim.split(piece, '\n', { plain = true })
  vim.api.nvim_buf_set_text(buf, row - 1, col, row - 1, stop, lines)
  local last = #lines[#lines] + (#lines == 1 and col or 0)
  vim.api.nvim_win_set_cursor(0, { row + #lines - 1, last })
end

---@param buf integer
---@param shown codestral_ls.Shown
---@param amount 'whole'|'word'|'line'
---@return boolean all Whether nothing is left of it.
local function take(buf, shown, amount)
  local fit, command = shown.fit, shown.command
  local piece = place.piece(fit.left, amount)
  local all = piece == fit.left
  insert(buf, fit, piece)
  local client = vim.lsp.get_client_by_id(shown.client_id)
  if client then
    local told = vim.deepcopy(command)
    if not all then
      -- From the start of the text as it was sent, what was typed of it included.
      table.insert(told.arguments, utf16_units(fit.typed .. piece))
    end
    client:exec_cmd(told, { bufnr = buf })
  end
  return all
end

--- Accepts by Neovim's public function alone: what another server offers, and ours where Neovim's
--- own parts draw it. The rest of a piece is abandoned then.
---@param amount 'whole'|'word'|'line'
---@return boolean accepted
local function accept_publicly(amount)
  if not vim.lsp.inline_completion then
    return false
  end
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      if not require('codestral_ls.server').is_ours(item.client_id) then
        return item
      end
      local buf = vim.api.nvim_get_current_buf()
      local fit = replies.fit(buf, item.command)
      if fit then
        take(buf, { client_id = item.client_id, command = item.command, fit = fit }, amount)
      end
    end,
  })
end

--- Accepts the ghost text, its next word, or its next line. What has lost its place is left alone.
---@param amount 'whole'|'word'|'line'
---@return boolean accepted
function M.accept(amount)
  local buf = vim.api.nvim_get_current_buf()
  if not vim.bo[buf].modifiable then
    return false
  end
  local shown = ghost.shown(buf)
  if not shown then
    return accept_publicly(amount)
  end
  if take(buf, shown, amount) then
    ghost.dismiss(buf)
  end
  ghost.refresh(buf) -- what is left, and what comes next
  return true
end

--- Takes ghost text away until something is typed.
---@return boolean dismissed
function M.dismiss()
  local buf = vim.api.nvim_get_current_buf()
  if ghost.shown(buf) then
    return ghost.dismiss(buf)
  elseif not vim.lsp.inline_completion then
    return false
  end
  return vim.lsp.inline_completion.get({ on_accept = function() end })
end

--- Shows the next candidate, or an earlier one; asks for several if only one is known.
---@param count integer
function M.cycle(count)
  local buf = vim.api.nvim_get_current_buf()
  if ghost.shown(buf) and ghost.count(buf) == 1 then
    ghost.invoke(buf, 1 + count)
  elseif vim.lsp.inline_completion then
    vim.lsp.inline_completion.select({ count = count })
  end
end

--- Asks for several candidates, as by hand.
function M.invoke()
  local buf = vim.api.nvim_get_current_buf()
  if not ghost.invoke(buf, 1) then
    local reason = completor.trouble() or 'no server with ghost text is attached to this buffer'
    message.say(('codestral-ls cannot be asked by hand: %s'):format(reason), vim.log.levels.WARN)
  end
end

return M

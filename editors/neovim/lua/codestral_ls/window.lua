--- A window for a text that the user asked for.

local M = {}

--- Shows a text in a split of its own; `q` closes it.
---@param title string
---@param text string
---@return integer buf
function M.show(title, text)
  local name = 'codestral://' .. title
  local buf = vim.fn.bufnr('^' .. name .. '$')
  if buf == -1 then
    buf = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buf, name)
  end
  vim.bo[buf].buftype, vim.bo[buf].bufhidden, vim.bo[buf].swapfile = 'nofile', 'wipe', false
  vim.bo[buf].modifiable = true
  -- What other programs print may hold colours and CR.
  local plain = text:gsub('\27%[[%d;]*m', ''):gsub('\r', ''):gsub('\n+$', '')
  vim.api.nvim_buf_set_lines(buf, 0, -1, true, vim.split(plain, '\n', { plain = true }))
  vim.bo[buf].modifiable = false
  local win = vim.fn.bufwinid(buf)
  if win == -1 then
    vim.cmd(('botright sbuffer %d'):format(buf))
  else
    vim.api.nvim_set_current_win(win)
  end
  vim.wo.wrap, vim.wo.list = true, false
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'Close' })
  return buf
end

--- Shows what a program prints, once it has ended.
---@param title string
---@param command string[]
---@param environment? table<string, string>
function M.show_output(title, command, environment)
  local settings = { text = true, env = environment }
  local started, problem = pcall(vim.system, command, settings, vim.schedule_wrap(function(result)
    M.show(title, result.stdout .. result.stderr)
  end))
  if not started then
    local words = table.concat(command, ' ')
    local reason = tostring(problem):gsub('^.-:%d+: ', '') -- where in Neovim it was noticed
    vim.notify(('codestral-ls: cannot run %s: %s'):format(words, reason), vim.log.levels.ERROR)
  end
end

return M

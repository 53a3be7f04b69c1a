--- A server that is not installed: Neovim itself only writes it into its log.

local message = require('codestral_ls.message')
local options = require('codestral_ls.options')
local server = require('codestral_ls.server')

local M = {}

local told = {} ---@type table<string, true>

local function tell()
  local words, program = server.missing()
  if words and not told[program] and options.get().notify then
    told[program] = true
    message.say(words, vim.log.levels.WARN)
  end
end

--- Tells it once, when a file is there that the server would be started for.
---@param buf integer
function M.look(buf)
  if next(told) or vim.bo[buf].buftype ~= '' or vim.bo[buf].filetype == '' then
    return
  elseif vim.v.vim_did_enter == 1 then
    vim.schedule(tell) -- after what Neovim says of the file
  else
    local later = { once = true, callback = vim.schedule_wrap(tell) }
    vim.api.nvim_create_autocmd('VimEnter', later)
  end
end

return M

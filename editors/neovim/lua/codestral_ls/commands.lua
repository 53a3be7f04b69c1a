--- `:Codestral`: what the server can be told and asked.

local server = require('codestral_ls.server')
local status = require('codestral_ls.status')
local window = require('codestral_ls.window')

local M = {}

local USEFUL_NUMBERS = { pause = { '15', '60', '240' }, stats = { '1', '7', '30' } }

---@param text string
local function say(text)
  vim.notify(('codestral-ls: %s'):format(text))
end

---@param name string
---@param arguments any[]
---@param on_result? fun(result: any)
local function ask(name, arguments, on_result)
  local client = server.client()
  if not client then
    local otherwise = 'codestral-ls is not running, see :checkhealth codestral_ls'
    vim.notify(server.missing() or otherwise, vim.log.levels.WARN)
    return
  end
  server.execute(client, name, arguments, on_result)
end

---@param result codestral_ls.Status
local function say_status(result)
  say(status.in_words(result))
end

---@param word? string
---@param what string
---@return number? value, boolean valid
local function number_in(word, what)
  local value = tonumber(word)
  if word and not value then
    vim.notify(('%s must be a number, not %s'):format(what, word), vim.log.levels.ERROR)
  end
  return value, not word or value ~= nil
end

--- Shows a text that a program of the server's prints.
---@param title string
---@param words string[]
local function show_program(title, words)
  local command, environment = server.program(words)
  local missing = server.missing()
  if missing then
    vim.notify(missing, vim.log.levels.WARN)
  elseif command then
    say(('%s …'):format(title))
    window.show_output(title, command, environment)
  else
    vim.notify('the server is not started by a command that could be run', vim.log.levels.WARN)
  end
end

---@type table<string, fun(word?: string)>
local subcommands = {}

function subcommands.explain(word)
  local count, valid = number_in(word, 'how many requests')
  if valid then
    ask('codestral.explain', { count }, function(result)
      window.show('explain', result.text)
    end)
  end
end

function subcommands.pause(word)
  local minutes, valid = number_in(word, 'the minutes')
  if valid then
    ask('codestral.pause', { minutes }, say_status)
  end
end

function subcommands.resume()
  ask('codestral.pause', { 0 }, say_status)
end

function subcommands.toggle()
  ask('codestral.toggle', {}, say_status)
end

function subcommands.retry()
  ask('codestral.retry', {}, say_status)
end

function subcommands.status()
  say_status(status.get())
end

function subcommands.stats(word)
  local days, valid = number_in(word, 'the days')
  if not valid then
    return
  end
  local words = vim.list_extend({ 'stats' }, days and { '--days', ('%d'):format(days) } or {})
  if not server.client() then
    return show_program('stats', words)
  end
  ask('codestral.statistics', { days }, function(result)
    if type(result) == 'table' and type(result.text) == 'string' then
      window.show('stats', result.text)
    else
      show_program('stats', words) -- of an older server
    end
  end)
end

function subcommands.doctor()
  show_program('doctor', { 'doctor' })
end

function subcommands.log()
  local log = vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
  vim.cmd.split(vim.fn.fnameescape(log))
  vim.cmd.normal({ 'G', bang = true })
end

function subcommands.restart()
  local missing = server.missing()
  if missing then
    vim.notify(missing, vim.log.levels.WARN)
    return
  end
  server.restart()
  say('starts anew')
end

---@return string[]
local function names()
  local found = vim.tbl_keys(subcommands)
  table.sort(found)
  return found
end

---@param words string[]
function M.run(words)
  local name = words[1] or 'status'
  local subcommand = subcommands[name]
  if not subcommand then
    local known = table.concat(names(), ', ')
    vim.notify(('no `:Codestral %s`; there are %s'):format(name, known), vim.log.levels.ERROR)
  else
    subcommand(words[2])
  end
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  -- Behind modifiers such as `silent`, and of a command that may be abbreviated.
  local word = line:match('%f[%u]C%a*%s+(%S+)%s')
  local offered = names()
  if word then
    offered = USEFUL_NUMBERS[word] or {}
  end
  return vim.tbl_filter(function(each)
    return vim.startswith(each, lead)
  end, offered)
end

return M

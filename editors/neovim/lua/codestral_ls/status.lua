--- How it stands, as the server tells by `codestral/status`: for status lines, and said once.

local message = require('codestral_ls.message')
local options = require('codestral_ls.options')
local server = require('codestral_ls.server')

local M = {}

---@class codestral_ls.Status
---@field state string ready, busy, paused, rate-limited, offline, error; stopped without a server
---@field message string
---@field command? lsp.Command What would help.

local states = {} ---@type table<integer, codestral_ls.Status>
local said = { error = {}, ['rate-limited'] = {} } ---@type table<string, table<string, true>>
local messages = {} ---@type string[] What the server had shown, such as mistakes in its settings.
local MOST_MESSAGES, WARNING = 5, 2 -- LSP's MessageType: Error is 1

--- The name of the highlight group for a state.
---@param state string
---@return string
local function group(state)
  local words = vim.split(state, '-', { plain = true })
  return 'CodestralStatus' .. table.concat(vim.tbl_map(function(word)
    return word:sub(1, 1):upper() .. word:sub(2)
  end, words))
end

--- What makes a failure another one: neither how long it lasts yet, nor what is done meanwhile,
--- both of which the server tells in brackets, or in numbers.
---@param status codestral_ls.Status
---@return string
local function essence(status)
  if status.state == 'rate-limited' then
    return '' -- it comes and goes, so it is said once a session
  end
  return (status.message:gsub('%b()', ''):gsub('[%d%s]+', ''))
end

--- Says each failure once, until all is well again: the server tells it whenever its countdown
--- moves.
---@param status codestral_ls.Status
local function say(status)
  if status.state == 'ready' or status.state == 'busy' then
    said.error = {}
  elseif said[status.state] and options.get().notify then
    local failure = essence(status)
    if not said[status.state][failure] then
      said[status.state][failure] = true
      message.say(('codestral-ls: %s'):format(status.message), vim.log.levels.WARN)
    end
  end
end

--- Takes what the server tells.
---@param status codestral_ls.Status
---@param client_id integer
function M.receive(status, client_id)
  if type(status) ~= 'table' or type(status.state) ~= 'string' then
    return
  end
  local command = type(status.command) == 'table' and status.command or nil -- null is userdata
  status = { state = status.state, message = tostring(status.message), command = command }
  states[client_id] = status
  vim.cmd.redrawstatus({ bang = true })
  local data = { client_id = client_id, status = status }
  local pattern = 'CodestralStatus'
  vim.api.nvim_exec_autocmds('User', { pattern = pattern, modeline = false, data = data })
  say(status) -- last: what is redrawn takes it away
end

--- Of a client that has ended nothing is told any more.
---@param client_id integer
function M.forget(client_id)
  states[client_id] = nil
end

--- Takes a message that is shown to the user anyway, for `:checkhealth`.
---@param shown { type: integer, message: string }
function M.hear(shown)
  if shown.type <= WARNING and not vim.tbl_contains(messages, shown.message) then
    table.insert(messages, shown.message)
    if #messages > MOST_MESSAGES then
      table.remove(messages, 1)
    end
  end
end

--- The latest warnings and errors that the server had shown.
---@return string[]
function M.heard()
  return messages
end

---@param client_id integer
---@return codestral_ls.Status
function M.of(client_id)
  return states[client_id] or { state = 'ready', message = 'nothing was told yet' }
end

--- State and message for people; some messages begin with the state themselves.
---@param status codestral_ls.Status
---@return string
function M.in_words(status)
  if vim.startswith(status.message, status.state) then
    return status.message
  end
  return ('%s: %s'):format(status.state, status.message)
end

--- How it stands for this buffer.
---@return codestral_ls.Status
function M.get()
  local client = server.client()
  if client then
    return M.of(client.id)
  end
  return { state = 'stopped', message = server.missing() or 'no codestral-ls is running' }
end

--- For a status line: a symbol; with `message` its words; with `highlight` its colour.
---@param wanted? { message?: boolean, highlight?: boolean }
---@return string
function M.component(wanted)
  wanted = wanted or {}
  if #server.clients(0) == 0 then
    return ''
  end
  local status = M.get()
  local text = options.get().icons[status.state] or status.state
  if wanted.message then
    text = ('%s %s'):format(text, status.message)
  end
  if wanted.highlight then
    return ('%%#%s#%s%%*'):format(group(status.state), (text:gsub('%%', '%%%%')))
  end
  return text
end

--- Colours that a scheme of the user's may set.
function M.define_highlights()
  local links = {
    CodestralGhost = 'ComplHint',
    CodestralGhostMore = 'ComplHintMore',
    [group('ready')] = 'DiagnosticOk',
    [group('busy')] = 'DiagnosticInfo',
    [group('paused')] = 'Comment',
    [group('rate-limited')] = 'DiagnosticWarn',
    [group('offline')] = 'DiagnosticHint',
    [group('error')] = 'DiagnosticError',
  }
  for name, link in pairs(links) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

return M

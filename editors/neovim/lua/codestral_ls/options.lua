--- What can be chosen in `setup()`, and what was wrong with what was chosen.

local M = {}

---@class codestral_ls.Keys
---@field accept? string|false
---@field accept_word? string|false
---@field accept_line? string|false
---@field next? string|false
---@field previous? string|false
---@field dismiss? string|false
---@field invoke? string|false

---@class codestral_ls.Options
---@field cmd? string[] The server's command.
---@field settings? table<string, any> The server's settings, by their names in its README.
---@field delay? integer Milliseconds after a key before the server is asked.
---@field keys? codestral_ls.Keys|false Mappings of insert mode; false switches one, or all, off.
---@field icons? table<string, string> What the status line shows in each state.
---@field notify? boolean Says in a message what is wrong, each failure once.
---@field menu? boolean Opens the completion menu where Neovim has no ghost text (0.11).

--- The measured best: asking 50 ms after a key instead of Neovim's 200 saves 3.6 more keys of a
--- hundred, for one or two more requests.
---@type codestral_ls.Options
M.defaults = {
  settings = {},
  delay = 50,
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-C-Right>',
    next = '<M-]>',
    previous = '<M-[>',
    dismiss = '<C-]>',
    invoke = '<M-Bslash>',
  },
  icons = {
    ready = '✓',
    busy = '…',
    paused = '‖',
    ['rate-limited'] = '⧗',
    offline = '○',
    error = '✗',
    stopped = '',
  },
  notify = true,
  menu = true,
}

local TYPES = {
  cmd = 'table',
  settings = 'table',
  delay = 'number',
  keys = 'table',
  icons = 'table',
  notify = 'boolean',
  menu = 'boolean',
}

local chosen ---@type codestral_ls.Options?
local found = {} ---@type string[]

---@param name string
---@param value any
---@return string?
local function problem_with(name, value)
  local expected = TYPES[name]
  if not expected then
    local known = vim.tbl_keys(TYPES)
    table.sort(known)
    return ('`%s` is not an option; there are %s'):format(name, table.concat(known, ', '))
  elseif name == 'keys' and value == false then
    return
  elseif type(value) ~= expected then
    return ('`%s` takes a %s, not %s'):format(name, expected, vim.inspect(value))
  elseif name == 'delay' and (value < 0 or value % 1 ~= 0) then
    return ('`delay` takes whole milliseconds from 0 on, not %s'):format(value)
  end
end

---@param keys table<string, any>
---@return codestral_ls.Keys good, string[] problems
local function checked_keys(keys)
  local good, problems = {}, {} ---@type table<string, any>, string[]
  for name, lhs in pairs(keys) do
    if M.defaults.keys[name] == nil then
      table.insert(problems, ('`keys.%s` is no mapping of this plug-in'):format(name))
    elseif lhs ~= false and (type(lhs) ~= 'string' or lhs == '') then
      table.insert(problems, ('`keys.%s` takes a key such as "<Tab>", or false'):format(name))
    else
      good[name] = lhs
    end
  end
  return good, problems
end

--- Takes what the user wants. What is wrong is left at its default, and told.
---@param wanted codestral_ls.Options?
---@return string[] problems
function M.set(wanted)
  local good = {} ---@type codestral_ls.Options
  found = {}
  for name, value in pairs(wanted or {}) do
    local problem = problem_with(name, value)
    if problem then
      table.insert(found, problem)
    else
      good[name] = value
    end
  end
  if good.keys then
    local problems
    good.keys, problems = checked_keys(good.keys --[[@as table<string, any>]])
    vim.list_extend(found, problems)
  elseif good.keys == false then
    good.keys = vim.tbl_map(function()
      return false
    end, M.defaults.keys)
  end
  table.sort(found)
  chosen = vim.tbl_deep_extend('force', M.defaults, good)
  return found
end

--- Whether `setup()` was called.
---@return boolean
function M.is_set()
  return chosen ~= nil
end

---@return codestral_ls.Options
function M.get()
  return chosen or M.defaults
end

--- What was wrong with the options.
---@return string[]
function M.problems()
  return found
end

return M

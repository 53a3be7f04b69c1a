--- Mappings of insert mode. Without ghost text a key does what it did before.

local accepting = require('codestral_ls.accepting')
local ghost = require('codestral_ls.ghost')
local options = require('codestral_ls.options')

local M = {}

---@class codestral_ls.Action
---@field about string
---@field run fun(): boolean? In insert mode; returns false if there was nothing to do.
---@field always? boolean Also without ghost text.
---@field text? boolean Whether it changes the text.

---@type table<string, codestral_ls.Action>
local ACTIONS = {
  accept = {
    about = 'Accept ghost text',
    text = true,
    run = function()
      return accepting.accept('whole')
    end,
  },
  accept_word = {
    about = 'Accept the next word of the ghost text',
    text = true,
    run = function()
      return accepting.accept('word')
    end,
  },
  accept_line = {
    about = 'Accept the next line of the ghost text',
    text = true,
    run = function()
      return accepting.accept('line')
    end,
  },
  next = {
    about = 'Show the next candidate of the ghost text',
    run = function()
      accepting.cycle(1)
    end,
  },
  previous = {
    about = 'Show the previous candidate of the ghost text',
    run = function()
      accepting.cycle(-1)
    end,
  },
  dismiss = {
    about = 'Take the ghost text away',
    run = function()
      return accepting.dismiss()
    end,
  },
  invoke = {
    about = 'Ask for ghost text with several candidates',
    always = true,
    run = function()
      accepting.invoke()
    end,
  },
}

---@param name string
---@return string
local function plug(name)
  return ('<Plug>(codestral-ls-%s)'):format((name:gsub('_', '-')))
end

--- What the key was mapped to, for the mode's whole set of mappings; restored where it is wanted.
---@param lhs string
---@return string keys
local function keep_former(lhs)
  local bytes = vim.api.nvim_replace_termcodes(lhs, true, true, true)
  local name = ('<Plug>(codestral-ls-former-%s)'):format(vim.fn.keytrans(bytes):gsub('[<>]', ''))
  local former = vim.fn.maparg(lhs, 'i', false, true)
  if next(former) and former.buffer == 0 then
    if not vim.startswith(former.desc or '', 'codestral-ls:') then
      former.lhs, former.lhsrawalt = name, nil
      former.lhsraw = vim.api.nvim_replace_termcodes(name, true, true, true)
      vim.fn.mapset('i', false, former)
    end
  else
    vim.keymap.set('i', name, lhs, { desc = 'What the key does without ghost text' })
  end
  return name
end

---@param name string
---@param action codestral_ls.Action
---@param lhs string
local function map(name, action, lhs)
  local former = keep_former(lhs)
  vim.keymap.set('i', lhs, function()
    if options.get().keys[name] ~= lhs then
      return former -- of a `setup()` before the last one
    elseif action.always or ghost.shown(vim.api.nvim_get_current_buf()) then
      return plug(name)
    elseif ghost.is_ours() and not action.text and name ~= 'dismiss' then
      return former
    end
    -- What Neovim draws itself it applies later, so it may be asked for within an expression.
    return action.run() and '' or former
  end, { expr = true, remap = true, desc = 'codestral-ls: ' .. action.about })
end

--- Makes the mappings that the options name, and `<Plug>` mappings for all.
function M.map()
  for name, action in pairs(ACTIONS) do
    -- An undo step of its own, so that `u` takes back what was accepted before what was typed.
    local undo_step = action.text and '<C-g>u' or ''
    local call = '<Cmd>lua require("codestral_ls.keys").run("%s")<CR>'
    vim.keymap.set('i', plug(name), undo_step .. call:format(name), { desc = action.about })
    local lhs = options.get().keys[name]
    if lhs then
      map(name, action, lhs)
    end
  end
end

---@param name string
function M.run(name)
  ACTIONS[name].run()
end

--- Mappings that stand in the way of ours, in this buffer or everywhere.
---@return string[] conflicts
function M.conflicts()
  local found = {} ---@type string[]
  for name, lhs in pairs(options.get().keys or {}) do
    local mapping = lhs and vim.fn.maparg(lhs, 'i', false, true) or {}
    if lhs and not vim.startswith(mapping.desc or '', 'codestral-ls:') then
      local what = next(mapping) and (mapping.desc or mapping.rhs or 'a function') or 'nothing'
      local where = mapping.buffer == 1 and 'in this buffer' or 'everywhere'
      table.insert(found, ('%s (%s) is mapped to %s %s'):format(lhs, name, what, where))
    end
  end
  table.sort(found)
  return found
end

return M

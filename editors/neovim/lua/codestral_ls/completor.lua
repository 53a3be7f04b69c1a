--- The part of Neovim that keeps ghost text, `vim.lsp.inline_completion`'s private `Completor`.
---
--- Its functions are replaced by others only if all that they count on is there; and if one of them
--- fails, Neovim's own are put back.

local M = {}

local MARK = '_codestral_ls' -- on the class, while it is taken over
local NEEDED = {
  'abort',
  'automatic_request',
  'count_items',
  'hide',
  'request',
  'reset_timer',
  'select',
  'show',
}

local trouble ---@type string?

---@type table<string, fun(completor: table, ...): any> What Neovim itself does.
M.originals = {}

---@return table? class
local function find()
  if not vim.lsp.inline_completion then
    return
  end
  local found, capability = pcall(require, 'vim.lsp._capability')
  local all = found and type(capability) == 'table' and capability.all
  local class = type(all) == 'table' and all.inline_completion
  if type(class) ~= 'table' or type(class.active) ~= 'table' then
    return
  end
  for _, name in ipairs(NEEDED) do
    if type(class[name]) ~= 'function' then
      return
    end
  end
  return class
end

---@param class table
---@param reason string
local function give_back(class, reason)
  trouble = reason
  for name, original in pairs(M.originals) do
    class[name] = original
  end
  class[MARK] = nil
end

--- Puts functions in the place of Neovim's own, for all buffers; once.
---@param ours table<string, fun(completor: table, ...): any>
---@return boolean done
function M.take_over(ours)
  local class = find()
  if not class then
    trouble = 'this Neovim draws and asks for ghost text in another way than 0.12'
    return false
  elseif class[MARK] then
    return true
  end
  for name, own in pairs(ours) do
    local original = class[name]
    M.originals[name] = original
    class[name] = function(completor, ...)
      local done, result = pcall(own, completor, ...)
      if not done then
        give_back(class, tostring(result))
        return original(completor, ...)
      end
      return result
    end
  end
  class[MARK] = true
  return true
end

--- Whether they are in place.
---@return boolean
function M.is_taken()
  local class = find()
  return class ~= nil and class[MARK] == true
end

--- Why they are not; nil if they are, or it was never tried.
---@return string?
function M.trouble()
  return trouble
end

--- The one of a buffer, if it is taken over.
---@param buf integer
---@return table? completor
function M.of(buf)
  local class = find()
  return class and class[MARK] and class.active[buf] or nil
end

return M

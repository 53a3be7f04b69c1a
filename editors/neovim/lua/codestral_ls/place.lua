--- Where ghost text belongs: whether it still fits the text, and what is left of it. Pure.

local M = {}

--- Ghost text as it came. Neovim 0.12 holds on to this place, whatever is typed.
---@class codestral_ls.Origin
---@field text string
---@field row integer From 0, as everywhere here.
---@field col integer In bytes.
---@field head string The line in front of it.
---@field rest string The line behind what it replaces.

--- How it fits now: what is left of it stands at the cursor.
---@class codestral_ls.Fit
---@field typed string The head of the text that stands in front of the cursor.
---@field left string
---@field covered codestral_ls.Covered[] Characters behind the cursor that the text brings itself.

---@class codestral_ls.Covered
---@field at integer Bytes of `left` in front of it.
---@field char string

--- By 'iskeyword', so that a word is what it is elsewhere in the buffer. In a string `\_s`, `\S`
--- and `\n` know no line end.
local WORD = vim.regex([[^\%(\s\|\%d10\)*\%(\k\+\|\%(\%(\k\|\s\|\%d10\)\@!.\)\+\)]])

local CHARACTER = '[%z\1-\127\194-\244][\128-\191]*'

--- Each character of `tail` in `left`, one behind the other.
---@param tail string
---@param left string
---@return codestral_ls.Covered[]?
local function cover(tail, left)
  local covered, from = {}, 1 ---@type codestral_ls.Covered[], integer
  for char in tail:gmatch(CHARACTER) do
    local first, last = left:find(char, from, true)
    if not first then
      return
    end
    table.insert(covered, { at = first - 1, char = char })
    from = last + 1
  end
  return covered
end

--- Fits ghost text to the lines from its own to the cursor's; nil if it has lost its place.
---
--- Once all of it was typed it still fits, with nothing left: who presses the key to accept at the
--- same moment wants no Tab there.
--- What was typed since it came must be its head, and closers behind the cursor may have been typed
--- over, or been added by a plug-in for pairs: whatever stands in front of `rest` now is replaced.
---@param origin codestral_ls.Origin
---@param lines string[]
---@param col integer The cursor's.
---@return codestral_ls.Fit?
function M.fit(origin, lines, col)
  local first, last = lines[1], lines[#lines]
  if not first or (#lines == 1 and col < origin.col) then
    return
  elseif first:sub(1, origin.col) ~= origin.head then
    return
  end
  local typed ---@type string
  if #lines == 1 then
    typed = first:sub(origin.col + 1, col)
  else
    local between = { first:sub(origin.col + 1), unpack(lines, 2, #lines - 1) }
    table.insert(between, last:sub(1, col))
    typed = table.concat(between, '\n')
  end
  local tail, left = last:sub(col + 1), origin.text:sub(#typed + 1)
  if not vim.startswith(origin.text, typed) then
    return
  elseif not vim.endswith(tail, origin.rest) then
    return
  end
  local covered = cover(tail:sub(1, #tail - #origin.rest), left)
  return covered and { typed = typed, left = left, covered = covered }
end

--- How many bytes behind the cursor the first `length` bytes of the text take the place of.
---@param fit codestral_ls.Fit
---@param length integer
---@return integer
function M.replaced(fit, length)
  local bytes = 0
  for _, each in ipairs(fit.covered) do
    bytes = bytes + (each.at < length and #each.char or 0)
  end
  return bytes
end

--- The next piece of a text: its first word with the blanks in front, or its line.
---@param text string
---@param amount 'whole'|'word'|'line'
---@return string
function M.piece(text, amount)
  if amount == 'word' then
    local _, stop = WORD:match_str(text)
    return text:sub(1, stop or #text)
  elseif amount == 'line' then
    return (text:match('^\n?[^\n]*'))
  end
  return text
end

--- A piece of ghost text in the cursor's line, so many bytes behind the cursor.
---@class codestral_ls.Part
---@field offset integer
---@field text string

--- How a fit is drawn: what stands in the line already is not drawn once more.
---@param fit codestral_ls.Fit
---@return codestral_ls.Part[] parts, codestral_ls.Part? blank, string[] below
function M.drawing(fit)
  local stop = (fit.left:find('\n', 1, true) or #fit.left + 1) - 1
  local parts, from, offset = {}, 0, 0 ---@type codestral_ls.Part[], integer, integer
  local hidden = {} ---@type string[] Characters that come in a line below.
  for _, each in ipairs(fit.covered) do
    if each.at < stop then
      table.insert(parts, { offset = offset, text = fit.left:sub(from + 1, each.at) })
      from, offset = each.at + #each.char, offset + #each.char
    else
      table.insert(hidden, each.char)
    end
  end
  table.insert(parts, { offset = offset, text = fit.left:sub(from + 1, stop) })
  parts = vim.tbl_filter(function(part)
    return part.text ~= ''
  end, parts)
  local blank = #hidden > 0 and { offset = offset, text = table.concat(hidden) } or nil
  local below = stop < #fit.left and vim.split(fit.left:sub(stop + 2), '\n', { plain = true }) or {}
  return parts, blank, below
end

return M

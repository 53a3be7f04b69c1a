--- Ghost text on the screen.

local place = require('codestral_ls.place')

local M = {}

-- Neovim's own, so that it is taken away by whoever takes that away.
local NAMESPACE = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')

---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, NAMESPACE, 0, -1)
end

--- Tabs as the blanks that they would be in this column: 0.12.4 sends them to the terminal as they
--- are within a line, though not in lines of their own.
---@param text string
---@param column integer
---@return string
local function without_tabs(text, column)
  return (
    text:gsub('()\t', function(at)
      local width = vim.fn.strdisplaywidth(text:sub(1, at - 1), column)
      return (' '):rep(vim.fn.strdisplaywidth('\t', column + width))
    end)
  )
end

--- Draws what is left of a text at the cursor.
---@param buf integer
---@param fit codestral_ls.Fit
---@param hint? string
function M.draw(buf, fit, hint)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local parts, blank, below = place.drawing(fit)
  local function mark(offset, chunks, extra)
    local details = { virt_text = chunks, virt_text_pos = 'inline', hl_mode = 'combine' }
    details = vim.tbl_extend('force', details, extra or {})
    vim.api.nvim_buf_set_extmark(buf, NAMESPACE, row - 1, col + offset, details)
  end
  local line = vim.api.nvim_get_current_line()
  for _, part in ipairs(parts) do
    local column = vim.fn.strdisplaywidth(line:sub(1, col + part.offset))
    mark(part.offset, { { without_tabs(part.text, column), 'CodestralGhost' } })
  end
  if blank then
    -- It comes again in a line below.
    local blanks = (' '):rep(vim.fn.strdisplaywidth(blank.text))
    mark(blank.offset, { { blanks } }, { virt_text_pos = 'overlay' })
  end
  local more = hint and { hint, 'CodestralGhostMore' }
  if #below > 0 then
    local lines = {} ---@type [string, string][][]
    for _, text in ipairs(below) do
      table.insert(lines, { { text, 'CodestralGhost' } })
    end
    table.insert(lines[#lines], more)
    mark(0, {}, { virt_lines = lines })
  elseif more then
    local last = parts[#parts]
    mark(last and last.offset or 0, { more })
  end
end

return M

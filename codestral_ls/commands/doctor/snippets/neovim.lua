vim.lsp.config('codestral_ls', { cmd = { 'codestral-ls' }, root_markers = { '.git' } })
vim.lsp.enable('codestral_ls')
vim.lsp.inline_completion.enable()

-- What you typed since the ghost text came is its head, and Neovim 0.12 would leave it in twice.
-- If it is anything else, the ghost text has lost its place and nothing is inserted.
local function typed_through(item)
  if not item.range or type(item.insert_text) ~= 'string' then return item end
  local row, col, _, stop = item.range:to_extmark()
  local cursor = vim.pos.cursor(0, vim.api.nvim_win_get_cursor(0))
  local ok, lines = pcall(vim.api.nvim_buf_get_text, 0, row, col, cursor.row, cursor.col, {})
  local typed = ok and table.concat(lines, '\n')
  if not typed or not vim.startswith(item.insert_text, typed) then return end
  -- The closers that it replaces have moved along, unless you typed over them.
  local last, from = cursor.col, #typed + 1
  local tail = vim.api.nvim_get_current_line():sub(last + 1, last + stop - col)
  for _, char in ipairs(vim.fn.split(tail, '\\zs')) do
    local _, found = item.insert_text:find(char, from, true)
    if not found then break end
    last, from = last + #char, found + 1
  end
  item.range = vim.range(0, row, col, cursor.row, last)
  return item
end

vim.keymap.set('i', '<Tab>', function()
  if not vim.lsp.inline_completion.get({ on_accept = typed_through }) then return '<Tab>' end
end, { expr = true, desc = 'Accept ghost text' })

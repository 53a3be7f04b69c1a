vim.lsp.config('codestral_ls', { cmd = { 'codestral-ls' }, root_markers = { '.git' } })
vim.lsp.enable('codestral_ls')
vim.lsp.inline_completion.enable()

-- What you typed since the ghost text came is its head, and Neovim 0.12 would leave it in twice.
-- If it is anything else, the ghost text has lost its place and nothing is inserted.
local function typed_through(item)
  if not item.range or type(item.insert_text) ~= 'string' then return item end
  local row, col = item.range:to_extmark()
  local cursor = vim.pos.cursor(0, vim.api.nvim_win_get_cursor(0))
  local ok, typed = pcall(vim.api.nvim_buf_get_text, 0, row, col, cursor.row, cursor.col, {})
  if not ok or not vim.startswith(item.insert_text, table.concat(typed, '\n')) then return end
  if not item.range:has(cursor) then item.range = vim.range(0, row, col, cursor.row, cursor.col) end
  return item
end

vim.keymap.set('i', '<Tab>', function()
  if not vim.lsp.inline_completion.get({ on_accept = typed_through }) then return '<Tab>' end
end, { expr = true, desc = 'Accept ghost text' })

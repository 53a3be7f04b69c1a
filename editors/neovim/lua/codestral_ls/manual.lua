--- The manual's tags, without which `:help codestral_ls` finds nothing.

local M = {}

local FILE = debug.getinfo(1, 'S').source:gsub('^@', '')

--- Makes them if there are none, or older ones. Plug-in managers do it too; a plain path does not.
function M.tag()
  local folder = vim.fs.joinpath(vim.fn.fnamemodify(FILE, ':p:h:h:h'), 'doc')
  local text = vim.uv.fs_stat(vim.fs.joinpath(folder, 'codestral_ls.txt'))
  local tags = vim.uv.fs_stat(vim.fs.joinpath(folder, 'tags'))
  local is_old = text and (not tags or tags.mtime.sec < text.mtime.sec)
  if is_old and vim.fn.filewritable(folder) == 2 then
    pcall(vim.cmd.helptags, vim.fn.fnameescape(folder))
  end
end

return M

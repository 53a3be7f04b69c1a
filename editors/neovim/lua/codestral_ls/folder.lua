--- The folder that a server is told: whose files it may take for a part of the work.

local M = {}

M.MARKERS = { '.git', '.jj', '.hg' }

---@param path string
---@param folder string
---@return boolean
local function lies_in(path, folder)
  return path == folder or vim.startswith(path, (folder:gsub('/*$', '/')))
end

--- The working directory, for what lies in it: who goes to a folder and edits there means it. Not
--- home, nor what is above it, because everything else lies there as well.
---@param path string
---@return string?
local function working_directory(path)
  local folder = vim.fs.normalize(vim.fn.getcwd())
  local home = vim.uv.os_homedir() or folder
  home = vim.fs.normalize(vim.uv.fs_realpath(home) or home)
  -- 'autochdir' goes to the folder of each file, which nobody chose, and each had its own server.
  if vim.o.autochdir or lies_in(home, folder) or vim.fn.fnamemodify(folder, ':h') == folder then
    return
  end
  return (path == '' or lies_in(vim.fs.normalize(path), folder)) and folder or nil
end

--- The folder of a buffer: the one above it with a marker, or else the working directory.
---@param buf integer
---@param markers (string|string[])[]
---@return string?
function M.of(buf, markers)
  return vim.fs.root(buf, markers) or working_directory(vim.api.nvim_buf_get_name(buf))
end

return M

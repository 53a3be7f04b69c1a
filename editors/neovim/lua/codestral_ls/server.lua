--- The language server: how it is started, and the clients that it has.

local folder = require('codestral_ls.folder')
local message = require('codestral_ls.message')
local options = require('codestral_ls.options')

local M = {}

M.NAME = 'codestral_ls'

M.INSTALL = "pipx install '.[syntax]'"
M.NOT_INSTALLED = ('codestral-ls is not installed: %s in a copy of its repository, or name its '
  .. "place by setup{ cmd = { '/path/to/codestral-ls' } }"):format(M.INSTALL)

--- Neovim's own wait before it asks, in milliseconds (0.12.4); it cannot be chosen there.
local NEOVIMS_DELAY = 200

local WARNING = 2 -- LSP's MessageType: Error is 1

--- Milliseconds between two looks at whether clients have ended, and until they are killed.
local POLL, PATIENCE = 50, 2000

---@return { experimental: table }
local function capabilities()
  -- From 150 ms on the server takes this client for one that waits for a pause itself.
  local delay = require('codestral_ls.ghost').is_ours() and options.get().delay or NEOVIMS_DELAY
  return { experimental = { codestral = { status = true, delay = delay } } }
end

---@param err lsp.ResponseError?
---@param shown lsp.ShowMessageParams
---@param context lsp.HandlerContext
local function show_message(err, shown, context)
  require('codestral_ls.status').hear(shown)
  local usual = vim.lsp.handlers['window/showMessage']
  if not message.is_neovims_own(usual) then
    return usual(err, shown, context)
  end
  local level = shown.type <= WARNING and vim.log.levels.WARN or vim.log.levels.INFO
  message.say(('codestral-ls: %s'):format(shown.message), level)
end

--- The configuration for `vim.lsp.config()`.
---@return vim.lsp.Config
function M.config()
  return {
    cmd = { 'codestral-ls' },
    root_markers = folder.MARKERS,
    root_dir = function(buf, on_dir)
      on_dir(folder.of(buf, vim.lsp.config[M.NAME].root_markers or folder.MARKERS))
    end,
    capabilities = capabilities(),
    handlers = {
      ['codestral/status'] = function(_, status, context)
        require('codestral_ls.status').receive(status, context.client_id)
      end,
      ['window/showMessage'] = show_message,
    },
  }
end

--- What the user chose of it in `setup()`.
---@return vim.lsp.Config
local function chosen()
  local cmd, settings = options.get().cmd, options.get().settings
  local config = { capabilities = capabilities() } ---@type vim.lsp.Config
  config.cmd = cmd
  if settings and next(settings) then
    -- At once with the first message, and again when the server asks for its section.
    config.init_options, config.settings = settings, { codestral = settings }
  end
  return config
end

--- Neovim 0.10 has no `vim.lsp.enable()`.
local function start_by_file_type()
  local function start(buf)
    if vim.bo[buf].buftype ~= '' or M.missing() then
      return
    end
    local config = vim.tbl_deep_extend('force', M.config(), chosen(), { name = M.NAME })
    config.root_dir = folder.of(buf, folder.MARKERS)
    config.capabilities = vim.tbl_deep_extend(
      'force',
      vim.lsp.protocol.make_client_capabilities(),
      config.capabilities
    )
    vim.lsp.start(config --[[@as vim.lsp.ClientConfig]], { bufnr = buf })
  end

  local group = vim.api.nvim_create_augroup('codestral_ls.start', {})
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].filetype ~= '' then
      start(buf)
    end
  end
end

--- Calls a method of a client, which took no client as its first argument before 0.11.
---@param client vim.lsp.Client
---@param name string
local function call(client, name, ...)
  if vim.fn.has('nvim-0.11') == 1 then
    return client[name](client, ...)
  end
  return client[name](...)
end

--- Tells servers that run already what was chosen anew.
local function tell_settings()
  local settings = chosen().settings
  for _, client in ipairs(settings and M.clients() or {}) do
    client.settings = settings
    call(client, 'notify', 'workspace/didChangeConfiguration', { settings = settings })
  end
end

local function start_for_open_buffers()
  if vim.lsp.enable then
    vim.lsp.enable(M.NAME)
  else
    start_by_file_type()
  end
end

function M.enable()
  tell_settings()
  if vim.lsp.config then
    vim.lsp.config(M.NAME, chosen())
  end
  start_for_open_buffers()
end

---@param buf? integer Of any buffer if left out.
---@return vim.lsp.Client[]
function M.clients(buf)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buf })
end

--- The client of this buffer, or else any: what is asked may concern all buffers.
---@return vim.lsp.Client?
function M.client()
  return M.clients(0)[1] or M.clients()[1]
end

---@param id integer
---@return boolean
function M.is_ours(id)
  local client = vim.lsp.get_client_by_id(id)
  return client ~= nil and client.name == M.NAME
end

--- Asks the server for something by LSP's `workspace/executeCommand`.
---@param client vim.lsp.Client
---@param command string
---@param arguments any[]
---@param on_result? fun(result: any)
function M.execute(client, command, arguments, on_result)
  local method = 'workspace/executeCommand'
  local params = { command = command, arguments = arguments }
  local function on_reply(err, result)
    if err then
      message.say(('codestral-ls: %s'):format(err.message), vim.log.levels.WARN)
    elseif on_result then
      on_result(result)
    end
  end
  call(client, 'request', method, params, on_reply, vim.api.nvim_get_current_buf())
end

---@param client? vim.lsp.Client
---@return (string[]|fun(...): table)?
local function command_of(client)
  local cmd = client and client.config.cmd or options.get().cmd
  if not cmd and vim.lsp.config then
    local config = vim.lsp.config[M.NAME]
    cmd = config and config.cmd
  end
  return cmd or M.config().cmd
end

--- That the server's program is not there, and what to do.
---@return string? words, string? program
function M.missing()
  local cmd = command_of(M.client())
  local program = type(cmd) == 'table' and cmd[1]
  if not program or vim.fn.executable(program) == 1 then
    return
  elseif program == M.config().cmd[1] then
    return M.NOT_INSTALLED, program
  end
  return ("codestral-ls: `cmd` names %s, which is no program: mend `cmd` in setup(), or leave it "
    .. "out and run %s in a copy of the server's repository."):format(program, M.INSTALL), program
end

--- The server's program with other words than `serve` behind it, and its environment.
---@param words string[]
---@return string[]? command, table<string, string>? environment
function M.program(words)
  local client = M.client()
  local cmd = command_of(client)
  if type(cmd) ~= 'table' then
    return
  end
  local program = vim.deepcopy(cmd)
  if program[#program] == 'serve' then
    table.remove(program)
  end
  return vim.list_extend(program, words), client and client.config.cmd_env --[[@as table]]
end

--- Ends all clients and starts them anew for the buffers that they had. If there are none any more,
--- as after a crash, some are started for the buffers that are open.
function M.restart()
  local clients = M.clients()
  local former = vim.tbl_map(function(client)
    return { config = client.config, buffers = vim.tbl_keys(client.attached_buffers) }
  end, clients)
  for _, force in ipairs({ false, true }) do -- one that hangs is why people start it anew
    for _, client in ipairs(M.clients()) do
      call(client, 'stop', force)
    end
    vim.wait(PATIENCE, function()
      return #M.clients() == 0
    end, POLL)
  end
  for _, each in ipairs(former) do
    for _, buf in ipairs(vim.tbl_filter(vim.api.nvim_buf_is_loaded, each.buffers)) do
      vim.lsp.start(each.config, { bufnr = buf })
    end
  end
  if #clients == 0 then
    start_for_open_buffers()
  end
end

return M

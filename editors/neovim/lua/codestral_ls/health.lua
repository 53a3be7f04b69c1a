--- `:checkhealth codestral_ls`: what is there, what is not, and what to do.

local completor = require('codestral_ls.completor')
local ghost = require('codestral_ls.ghost')
local options = require('codestral_ls.options')
local server = require('codestral_ls.server')

local M = {}

local VERSION_TIMEOUT = 10000 -- ms; Python on a slow disk

local function check_neovim()
  vim.health.start('Neovim')
  local version = tostring(vim.version())
  if vim.lsp.inline_completion then
    vim.health.ok(('%s has ghost text'):format(version))
  elseif vim.fn.has('nvim-0.11') == 1 then
    vim.health.warn(('%s has no ghost text'):format(version), {
      'Take Neovim 0.12 or newer; until then the texts come in the completion menu.',
    })
  elseif vim.fn.has('nvim-0.10') == 1 then
    vim.health.warn(('%s has no ghost text'):format(version), {
      'Take Neovim 0.12 or newer; until then the texts come by <C-x><C-o>, or by the completion '
        .. 'plug-in that you have.',
    })
  else
    vim.health.error(('%s is too old'):format(version), { 'Take Neovim 0.12 or newer.' })
  end
end

local function check_setup()
  vim.health.start('Set-up')
  if not options.is_set() then
    vim.health.warn('setup() was not called', {
      "Call require('codestral_ls').setup() in your init.lua, see :help codestral_ls-install",
    })
    return
  end
  local problems = options.problems()
  for _, problem in ipairs(problems) do
    vim.health.error(problem, { 'See :help codestral_ls-options; the default is used meanwhile.' })
  end
  if #problems == 0 then
    vim.health.ok('setup() was called, and all options are known')
  end
  if not vim.lsp.inline_completion then
    return
  end
  if vim.lsp.inline_completion.is_enabled() then
    vim.health.ok('inline completion is enabled')
  else
    vim.health.error('inline completion is not enabled', {
      'Something switched it off after setup(): call vim.lsp.inline_completion.enable()',
    })
  end
  if ghost.is_ours() then
    vim.health.ok(('ghost text is asked for after %d ms'):format(options.get().delay))
  else
    local reason = completor.trouble() or 'it was switched off'
    vim.health.warn(('Neovim itself draws ghost text: %s'):format(reason), {
      'It may stay on the screen for a moment after it has lost its place. It is never inserted '
        .. 'then. `delay`, the rest of a text after a part of it, and asking by hand are missing.',
    })
  end
  local conflicts = require('codestral_ls.keys').conflicts()
  for _, conflict in ipairs(conflicts) do
    vim.health.warn(conflict, {
      'Take another key in setup{ keys = … }, or call it from that mapping: '
        .. "require('codestral_ls').accept() returns whether there was ghost text",
    })
  end
  if #conflicts == 0 then
    vim.health.ok('the mappings are in place')
  end
end

local function check_program()
  vim.health.start('Server')
  local command, environment = server.program({ '--version' })
  if not command then
    vim.health.info('the server is not started by a command, so its version is not known')
    return
  end
  local settings = { text = true, env = environment, timeout = VERSION_TIMEOUT }
  local started, process = pcall(vim.system, command, settings)
  local result = started and process:wait() or {}
  if result.code == 0 then
    vim.health.ok(('%s is %s'):format(command[1], vim.trim(result.stdout)))
    return
  end
  local why = started and vim.trim(result.stderr or '') or 'it was not found'
  vim.health.error(('%s cannot be run: %s'):format(command[1], why), {
    ('Install it: `%s` in a copy of its repository.'):format(server.INSTALL),
    "Or say where it is: setup{ cmd = { '/path/to/codestral-ls' } }",
  })
end

---@param client vim.lsp.Client
local function check_client(client)
  local root = client.config.root_dir or 'no folder'
  local count = vim.tbl_count(client.attached_buffers)
  local buffers = count == 1 and 'buffer' or 'buffers'
  vim.health.ok(('client %d: %s, %d %s'):format(client.id, root, count, buffers))
  local offers = client.server_capabilities
  if vim.lsp.inline_completion and not offers.inlineCompletionProvider then
    vim.health.error('it offers no inline completion', { 'Update codestral-ls.' })
  elseif not vim.lsp.inline_completion and not offers.completionProvider then
    vim.health.error('it offers no completion menu', {
      'Leave `completion` at "auto" in its settings, or set it to "always".',
    })
  end
  local statuses = require('codestral_ls.status')
  local status = statuses.of(client.id)
  local told = ('it says %s'):format(statuses.in_words(status))
  local helps = status.command and { ('%s'):format(status.command.title) } or {}
  if status.state == 'ready' or status.state == 'busy' then
    vim.health.ok(told)
  else
    vim.health.warn(told, vim.list_extend(helps, { 'Run :Codestral doctor' }))
  end
end

local function check_clients()
  vim.health.start('Clients')
  local clients = server.clients()
  if #clients == 0 then
    vim.health.warn('none is running', {
      'Open a file whose type Neovim knows, or :set filetype=…',
      'See :Codestral log, and run :Codestral doctor',
    })
  end
  for _, client in ipairs(clients) do
    check_client(client)
  end
  for _, message in ipairs(require('codestral_ls.status').heard()) do
    vim.health.warn(('it said: %s'):format(message))
  end
end

function M.check()
  check_neovim()
  check_setup()
  check_program()
  check_clients()
  vim.health.info('Key, network, model and limits: :Codestral doctor')
end

return M

-- Only the command, and nothing of the plug-in is loaded before it is used: the rest is `setup()`.
if vim.g.loaded_codestral_ls then
  return
end
vim.g.loaded_codestral_ls = true

vim.api.nvim_create_user_command('Codestral', function(command)
  require('codestral_ls.commands').run(command.fargs)
end, {
  nargs = '*',
  desc = 'Ghost text: explain, pause, resume, toggle, stats, status, retry, restart, log, doctor',
  complete = function(lead, line)
    return require('codestral_ls.commands').complete(lead, line)
  end,
})

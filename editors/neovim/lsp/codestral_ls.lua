---@brief
---
--- Ghost text by Codestral, another fill-in-the-middle model, or your own files.
---
--- `codestral-ls` must be on your PATH; `codestral-ls doctor` says what is missing. Settings go
--- into `init_options`, such as `{ max_lines = 5 }`. No `filetypes` means all of them.
---
--- `require('codestral_ls').setup()` enables this configuration. Without it:
---
--- ```lua
--- vim.lsp.enable('codestral_ls')
--- vim.lsp.inline_completion.enable()
--- ```

return require('codestral_ls.server').config()

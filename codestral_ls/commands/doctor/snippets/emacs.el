;; Ghost text, beside whatever language server a buffer has; the folder is in a copy of the repository.
(add-to-list 'load-path "~/codestral-ls/editors/emacs")
(require 'codestral-ls)
(global-codestral-ls-mode)

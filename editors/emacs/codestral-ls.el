;;; codestral-ls.el --- Ghost text from codestral-ls  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Text that an AI model would write next is shown at point; TAB makes it yours.
;;
;;     (require 'codestral-ls)
;;     (global-codestral-ls-mode)
;;
;; It goes beside Eglot, lsp-mode or nothing at all, since the server has a connection of its own.
;; The program `codestral-ls' must be in `exec-path', or `codestral-ls-program' say where it is;
;; the API key is in the server's environment, in `codestral-ls-settings' or in auth-source
;; (`codestral-ls-key-host').

;;; Code:

(require 'codestral-ls-asking)
(require 'codestral-ls-client)
(require 'codestral-ls-commands)
(require 'codestral-ls-ghost)
(require 'codestral-ls-settings)

(defvar codestral-ls-mode) ; of the end of this file

(defcustom codestral-ls-lighter " Codestral"
  "What is in the mode line; behind it comes what is wrong."
  :type 'string
  :group 'codestral-ls)

;;;; Keys

(defvar-keymap codestral-ls-ghost-map
  :doc "Keys while ghost text is shown; they come before all others."
  "TAB" #'codestral-ls-accept
  "<tab>" #'codestral-ls-accept
  "<remap> <forward-word>" #'codestral-ls-accept-word
  "<remap> <right-word>" #'codestral-ls-accept-word
  "<remap> <forward-sentence>" #'codestral-ls-accept-line
  "M-n" #'codestral-ls-next
  "M-p" #'codestral-ls-previous
  "C-g" #'codestral-ls-dismiss)

(defvar codestral-ls--keymaps `((codestral-ls-ghost-visible . ,codestral-ls-ghost-map))
  "An element of `emulation-mode-map-alists'.")

(defun codestral-ls-accept ()
  "Insert the ghost text."
  (interactive)
  (codestral-ls-ghost-take))

(defun codestral-ls-accept-word ()
  "Insert the next word of the ghost text."
  (interactive)
  (codestral-ls-ghost-take
   "\\`[ \t\n]*\\(?:[[:alnum:]_]+\\|[^[:alnum:]_ \t\n]+\\)"))

(defun codestral-ls-accept-line ()
  "Insert the ghost text up to the end of its line."
  (interactive)
  (codestral-ls-ghost-take "\\`\n*[^\n]+"))

(defun codestral-ls-dismiss ()
  "Take the ghost text away; what is under way does not bring it back."
  (interactive)
  (codestral-ls--cancel)
  (codestral-ls-ghost-hide))

(defun codestral-ls-complete ()
  "Ask for ghost text here; several texts may come, see `codestral-ls-next'."
  (interactive)
  (barf-if-buffer-read-only)
  (codestral-ls--ask-by-hand 0))

(defun codestral-ls-next (&optional count)
  "Show the next text, or that COUNT further on; with one alone, ask for more."
  (interactive "p")
  (if (> (codestral-ls-ghost-count) 1)
      (codestral-ls--tell-number (codestral-ls-ghost-step (or count 1)))
    (codestral-ls--ask-by-hand (or count 1))))

(defun codestral-ls-previous (&optional count)
  "Show the text before this one, or that COUNT before it."
  (interactive "p")
  (codestral-ls-next (- (or count 1))))

(defun codestral-ls--ask-by-hand (step)
  "Ask for all texts there are here, and show the first or that STEP further on."
  (unless codestral-ls-mode
    (codestral-ls-mode))
  (if (codestral-ls-client-live-p)
      (codestral-ls--ask t (lambda (choices)
                             (codestral-ls-ghost-show choices step)
                             (if choices
                                 (codestral-ls--tell-number
                                  (1+ (mod step (length choices))))
                               (message "No ghost text here; M-x codestral-ls-explain says why"))))
    (message "codestral-ls: the server is not ready")))

(defun codestral-ls--tell-number (number)
  "Say that the text with this NUMBER is shown, if there are several."
  (when (> (codestral-ls-ghost-count) 1)
    (let ((message-log-max nil))
      (message "Ghost text %d/%d" number (codestral-ls-ghost-count)))))

;;;; What becomes of it

(defun codestral-ls--shown (item)
  "Tell the server that ITEM has been drawn."
  (codestral-ls-client-notify :textDocument/didShowCompletion (list :item item)))

(defun codestral-ls--taken (item piece)
  "Tell the server that ITEM was accepted, or only PIECE at its beginning so far."
  (codestral-ls--sync) ; what is counted is what stands in the document
  (when-let* ((command (plist-get item :command)))
    (codestral-ls-client-execute
     (plist-get command :command)
     (vconcat (plist-get command :arguments)
              (and piece (list (codestral-ls-text-units piece 'utf-16)))))))

;;;; The mode line

(defun codestral-ls--lighter ()
  "The text for the mode line."
  (let* ((status (and codestral-ls-client-current
                      (codestral-ls-client-status codestral-ls-client-current)))
         (state (plist-get status :state)))
    (propertize (concat codestral-ls-lighter
                        (pcase state ("ready" "") ("busy" "…") ('nil ":-") (_ (concat ":" state))))
                'help-echo (concat "codestral-ls: " (or (plist-get status :message) "no server")
                                   "\nmouse-1: what would help")
                'mouse-face 'mode-line-highlight
                'local-map (define-keymap "<mode-line> <mouse-1>" #'codestral-ls-status))))

;;;; The modes

(defconst codestral-ls--hooks
  '((post-command-hook . codestral-ls--after-command)
    (after-save-hook . codestral-ls--saved)
    (kill-buffer-hook . codestral-ls--leave)
    (change-major-mode-hook . codestral-ls--leave)
    (clone-indirect-buffer-hook . codestral-ls--leave-original)
    (window-selection-change-functions . codestral-ls--window-changed)
    (completion-in-region-mode-hook . codestral-ls--yield)
    (completion-preview-active-mode-hook . codestral-ls--yield)
    (company-completion-started-hook . codestral-ls--yield)
    (codestral-ls-ghost-shown-functions . codestral-ls--shown)
    (codestral-ls-ghost-taken-functions . codestral-ls--taken))
  "Where the mode looks in.")

(defun codestral-ls--end ()
  "Leave nothing on the screen, and nothing of this buffer with the server."
  (codestral-ls--cancel)
  (codestral-ls-ghost-hide)
  (codestral-ls--close)
  (codestral-ls-client-detach))

(defun codestral-ls--leave ()
  "Switch the mode off with the buffer or its major mode."
  (codestral-ls-mode -1))

(defun codestral-ls--leave-original ()
  "Switch the mode off in a clone, which has all variables of its original."
  (setq codestral-ls--timer nil
        codestral-ls--pending nil
        codestral-ls--uri nil
        codestral-ls-client-current nil
        codestral-ls-ghost--overlay nil)
  (codestral-ls-mode -1))

(defun codestral-ls--unfit ()
  "Why there can be no ghost text in this buffer, or nil."
  (cond ((minibufferp) "the minibuffer is no document")
        ((buffer-base-buffer) "an indirect buffer has the text of another one")
        ((file-remote-p default-directory) "the server runs on this machine")))

;;;###autoload
(define-minor-mode codestral-ls-mode
  "Show ghost text in this buffer.
\\<codestral-ls-ghost-map>\\[codestral-ls-accept] inserts it, \
\\[codestral-ls-accept-word] a word and \\[codestral-ls-accept-line] a line of it;
\\[codestral-ls-next] shows another one, \\[codestral-ls-dismiss] takes it away."
  :lighter (:eval (codestral-ls--lighter))
  (let ((why (and codestral-ls-mode (codestral-ls--unfit))))
    (when why
      (setq codestral-ls-mode nil)
      (message "No ghost text here: %s" why))
    (pcase-dolist (`(,hook . ,function) codestral-ls--hooks)
      (if codestral-ls-mode
          (add-hook hook function nil t)
        (remove-hook hook function t)))
    (cond (codestral-ls-mode
           (setq codestral-ls--tick (buffer-chars-modified-tick)
                 codestral-ls--point (point)
                 ;; In front, also of Evil's and Company's keys.
                 emulation-mode-map-alists
                 (cons 'codestral-ls--keymaps
                       (remq 'codestral-ls--keymaps emulation-mode-map-alists)))
           (add-hook 'codestral-ls-client-ready-hook #'codestral-ls--open)
           (codestral-ls-client-attach))
          ((not why) (codestral-ls--end)))))

(defun codestral-ls--turn-on ()
  "Switch the mode on where there is a file of this machine."
  (when (and buffer-file-name (not (codestral-ls--unfit)))
    (codestral-ls-mode)))

;;;###autoload
(define-globalized-minor-mode global-codestral-ls-mode
  codestral-ls-mode codestral-ls--turn-on
  :predicate '(prog-mode conf-mode text-mode)
  :group 'codestral-ls)

(provide 'codestral-ls)

;;; codestral-ls.el ends here

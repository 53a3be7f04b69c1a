;;; codestral-ls-asking.el --- When ghost text is asked for  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Keeps the server's copy of a buffer up to date and asks for ghost text: a moment after the last
;; key, or by hand.  What is overtaken by the next key is cancelled, and not heeded if it comes.

;;; Code:

(require 'cl-lib)
(require 'codestral-ls-client)
(require 'codestral-ls-ghost)
(require 'codestral-ls-settings)
(require 'codestral-ls-text)

(defvar codestral-ls-mode)
(defvar company-candidates)
(defvar completion-preview-active-mode)
(defvar evil-local-mode)
(defvar evil-state)

(defcustom codestral-ls-automatic t
  "Whether ghost text comes while you type, and not only by \\[codestral-ls-complete]."
  :type 'boolean
  :group 'codestral-ls)

(defcustom codestral-ls-inhibit-functions
  '(codestral-ls-popup-p codestral-ls-commanding-p)
  "Functions without arguments; while one returns non-nil, nothing is asked.
Asking by hand works nevertheless."
  :type 'hook
  :options '(codestral-ls-popup-p codestral-ls-commanding-p)
  :group 'codestral-ls)

;;;; When not to

(defun codestral-ls-popup-p ()
  "Whether another completion is being shown."
  (or completion-in-region-mode ; Corfu, among others
      (bound-and-true-p company-candidates)
      (bound-and-true-p completion-preview-active-mode)))

(defun codestral-ls-commanding-p ()
  "Whether keys are commands and not text: in Evil's normal state, for one."
  (and (bound-and-true-p evil-local-mode)
       (not (memq evil-state '(insert replace emacs)))))

(defun codestral-ls--inhibited-p ()
  "Whether ghost text must not come by itself now."
  (or (not codestral-ls-automatic)
      buffer-read-only
      executing-kbd-macro
      (use-region-p)
      (run-hook-with-args-until-success 'codestral-ls-inhibit-functions)))

(defun codestral-ls--in-front-p ()
  "Whether the user is in this buffer."
  (eq (current-buffer) (window-buffer (selected-window))))

;;;; The document

(defvar-local codestral-ls--uri nil
  "The address under which the server knows this buffer, nil while it does not.")

(defvar-local codestral-ls--sent nil
  "The text that the server has of this buffer.")

(defvar-local codestral-ls--version 0
  "How often it was sent.")

(defvar-local codestral-ls--sent-tick nil
  "The `buffer-chars-modified-tick' of that text.")

(defun codestral-ls--document ()
  "This document, as requests name it."
  (list :uri codestral-ls--uri))

(defun codestral-ls--open ()
  "Show this buffer to its server."
  (setq codestral-ls--uri (if buffer-file-name
                              (codestral-ls-text-uri buffer-file-name)
                            (concat "untitled:" (url-hexify-string (buffer-name))))
        codestral-ls--sent (codestral-ls-text-whole)
        codestral-ls--sent-tick (buffer-chars-modified-tick))
  (codestral-ls-client-notify
   :textDocument/didOpen
   (list :textDocument (list :uri codestral-ls--uri :version codestral-ls--version
                             :languageId (codestral-ls-text-language major-mode)
                             :text (codestral-ls-text-json codestral-ls--sent))))
  ;; Whoever has begun to type before the server was there waits for it.
  (when (and (buffer-modified-p) (codestral-ls--in-front-p))
    (codestral-ls--schedule)))

(defun codestral-ls--close ()
  "Tell the server that this buffer is gone."
  (when codestral-ls--uri
    (codestral-ls-client-notify :textDocument/didClose
                                (list :textDocument (codestral-ls--document))))
  (setq codestral-ls--uri nil codestral-ls--sent nil))

(defun codestral-ls--sync ()
  "Tell the server what has changed since it was told last."
  (unless (eql codestral-ls--sent-tick (buffer-chars-modified-tick))
    (let ((old codestral-ls--sent)
          (new (codestral-ls-text-whole))
          (unit (codestral-ls-client-unit codestral-ls-client-current)))
      (setq codestral-ls--sent new
            codestral-ls--sent-tick (buffer-chars-modified-tick))
      (unless (equal old new)
        (codestral-ls-client-notify
         :textDocument/didChange
         (list :textDocument (list :uri codestral-ls--uri :version (cl-incf codestral-ls--version))
               :contentChanges (vector (codestral-ls-text-change old new unit))))))))

(defun codestral-ls--saved ()
  "Tell the server that this buffer was saved, perhaps under another name."
  (when codestral-ls--uri
    (unless (or (null buffer-file-name)
                (equal codestral-ls--uri (codestral-ls-text-uri buffer-file-name)))
      (codestral-ls--close)
      (codestral-ls--open))
    (codestral-ls-client-notify :textDocument/didSave
                                (list :textDocument (codestral-ls--document)))))

;;;; Asking

(defvar-local codestral-ls--timer nil
  "Runs out when ghost text is to be asked for.")

(defvar-local codestral-ls--pending nil
  "The number of the request that is under way.")

(defvar-local codestral-ls--tick 0
  "The `buffer-chars-modified-tick' after the last command.")

(defvar-local codestral-ls--point 1
  "Point after the last command.")

(defun codestral-ls--cancel ()
  "Give up what was going to be asked, and what has been."
  (when codestral-ls--timer
    (cancel-timer codestral-ls--timer))
  (when codestral-ls--pending
    (codestral-ls-client-notify :$/cancelRequest (list :id codestral-ls--pending)))
  (setq codestral-ls--timer nil codestral-ls--pending nil))

(defun codestral-ls--schedule ()
  "Ask once no key has been pressed for a moment."
  (codestral-ls--cancel)
  (setq codestral-ls--timer
        (run-with-timer codestral-ls-delay nil #'codestral-ls--ask-in (current-buffer))))

(defun codestral-ls--ask-in (buffer)
  "Ask for ghost text in BUFFER, if the user is still there."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (setq codestral-ls--timer nil)
      (when (and codestral-ls-mode (codestral-ls--in-front-p)
                 (not (codestral-ls--inhibited-p)))
        (codestral-ls--ask nil #'codestral-ls-ghost-show)))))

(defun codestral-ls--ask (by-hand then)
  "Ask for ghost text at point; THEN is called with what there is to choose from.
BY-HAND says that the user wants it.  What comes too late, when the text
has changed, is not heeded."
  (codestral-ls--cancel)
  (when (and codestral-ls--uri (codestral-ls-client-live-p))
    (codestral-ls--sync)
    (let ((tick (buffer-chars-modified-tick)) number)
      (setq number
            (codestral-ls-client-request
             :textDocument/inlineCompletion
             (list :textDocument (codestral-ls--document)
                   :position (codestral-ls-text-place
                              (point) (codestral-ls-client-unit codestral-ls-client-current))
                   :context (list :triggerKind (if by-hand 1 2)))
             (lambda (result)
               (when (and codestral-ls-mode
                          (eql number codestral-ls--pending)
                          (eql tick (buffer-chars-modified-tick))
                          (codestral-ls--in-front-p)
                          (or by-hand (not (codestral-ls--inhibited-p))))
                 (setq codestral-ls--pending nil)
                 (funcall then (codestral-ls--choices result))))
             (lambda (_)
               (when (eql number codestral-ls--pending)
                 (setq codestral-ls--pending nil))))
            codestral-ls--pending number))))

(defun codestral-ls--choices (result)
  "What there is to choose from in RESULT, a list of items or an object with one."
  (let ((unit (codestral-ls-client-unit codestral-ls-client-current)))
    (cl-loop for item across (if (vectorp result) result (or (plist-get result :items) []))
             for range = (plist-get item :range)
             for start = (codestral-ls-text-position (plist-get range :start) unit)
             for end = (codestral-ls-text-position (plist-get range :end) unit)
             for choice = (codestral-ls-ghost-choice-at item start end)
             when choice collect choice)))

(defun codestral-ls--after-command ()
  "Keep up with what the last command did."
  (let ((edited (not (eql codestral-ls--tick (buffer-chars-modified-tick))))
        (moved (not (eql codestral-ls--point (point)))))
    (setq codestral-ls--tick (buffer-chars-modified-tick)
          codestral-ls--point (point))
    (when (or edited moved)
      (codestral-ls--cancel))
    (cond (edited (codestral-ls-ghost-refresh) (codestral-ls--schedule))
          (moved (codestral-ls-ghost-hide)))
    (codestral-ls--yield)))

(defun codestral-ls--yield (&rest _)
  "Make room for a popup, or for another mode of editing."
  (when (and codestral-ls-ghost-visible
             (run-hook-with-args-until-success 'codestral-ls-inhibit-functions))
    (codestral-ls-ghost-hide)))

(defun codestral-ls--window-changed (window)
  "Show nothing in WINDOW unless the user is in it."
  (with-current-buffer (window-buffer window)
    (unless (codestral-ls--in-front-p)
      (codestral-ls--cancel)
      (codestral-ls-ghost-hide))))

(provide 'codestral-ls-asking)

;;; codestral-ls-asking.el ends here

;;; codestral-ls-commands.el --- Commands for the server  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; What a user asks of the server: how it stands, what it did and what that cost, to pause.

;;; Code:

(require 'codestral-ls-client)
(require 'codestral-ls-settings)

(declare-function codestral-ls-dismiss "codestral-ls" ())
(declare-function codestral-ls--end "codestral-ls" ())
(defvar codestral-ls-mode)

(defun codestral-ls--execute (command arguments then)
  "Have the server run COMMAND with ARGUMENTS, and call THEN with the result."
  (unless (codestral-ls-client-live-p)
    (user-error "No server here; is `codestral-ls-mode' on?  Else try M-x codestral-ls-restart"))
  (codestral-ls-client-execute command (vconcat arguments) then))

(defun codestral-ls--execute-everywhere (command &rest arguments)
  "Have the servers of all projects run COMMAND with ARGUMENTS.
What is switched on or off is only so where it is not so already."
  (codestral-ls-dismiss)
  (let* ((clients (codestral-ls-client-all))
         (off (codestral-ls--off-p (or codestral-ls-client-current (car clients)))))
    (unless clients
      (user-error "No server is there; try M-x codestral-ls-restart"))
    (dolist (codestral-ls-client-current clients)
      (when (or (not (equal command "codestral.toggle"))
                (eq off (codestral-ls--off-p codestral-ls-client-current)))
        (codestral-ls--execute command arguments #'codestral-ls--tell-status)))))

(defun codestral-ls--off-p (client)
  "Whether ghost text is switched off with CLIENT."
  (when-let* ((status (and client (codestral-ls-client-status client))))
    ;; Only then does the status offer to switch it on.
    (equal (plist-get (plist-get status :command) :command) "codestral.toggle")))

(defun codestral-ls--tell-status (status)
  "Show the message of STATUS."
  (message "codestral-ls: %s" (plist-get status :message)))

(defun codestral-ls--display (name text)
  "Show TEXT in a buffer called NAME."
  (with-current-buffer (get-buffer-create name)
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert text)
      (goto-char (point-min)))
    (special-mode)
    (display-buffer (current-buffer))))

(defun codestral-ls-explain (count)
  "Show what became of the last 20 requests, or COUNT of them, and why."
  (interactive "p")
  (codestral-ls--execute
   "codestral.explain" (and current-prefix-arg (list count))
   (lambda (result)
     (codestral-ls--display "*codestral-ls explain*" (plist-get result :text)))))

(defun codestral-ls-statistics (days)
  "Show what was counted in the last 30 days, or so many DAYS."
  (interactive "p")
  (codestral-ls--execute
   "codestral.statistics" (and current-prefix-arg (list days))
   (lambda (result)
     (codestral-ls--display "*codestral-ls statistics*" (plist-get result :text)))))

(defun codestral-ls-status ()
  "Say how it stands, and offer the command that would help."
  (interactive)
  (let* ((status (and (codestral-ls-client-live-p)
                      (codestral-ls-client-status codestral-ls-client-current)))
         (action (plist-get status :command)))
    (if (and action (not (equal (plist-get action :command) "codestral.statistics"))
             (y-or-n-p (format "codestral-ls: %s.  %s? " (plist-get status :message)
                               (plist-get action :title))))
        (apply #'codestral-ls--execute-everywhere
               (plist-get action :command) (append (plist-get action :arguments) nil))
      (message "codestral-ls: %s" (or (plist-get status :message) "no server here")))))

(defun codestral-ls-pause (minutes)
  "Show no ghost text in any project for so many MINUTES; with 0 resume it."
  (interactive
   (list (if current-prefix-arg
             (prefix-numeric-value current-prefix-arg)
           (read-number "Minutes without ghost text (0 goes on): " 60))))
  (codestral-ls--execute-everywhere "codestral.pause" minutes))

(defun codestral-ls-toggle ()
  "Switch ghost text off in all projects, or on again."
  (interactive)
  (codestral-ls--execute-everywhere "codestral.toggle"))

(defun codestral-ls-restart ()
  "Start all servers anew."
  (interactive)
  (codestral-ls-client-stop-all)
  (dolist (buffer (buffer-list))
    (when (buffer-local-value 'codestral-ls-mode buffer)
      (with-current-buffer buffer
        (codestral-ls--end)
        (codestral-ls-client-attach)))))

(defun codestral-ls-doctor ()
  "Check all that ghost text needs, and show what to do where something is wrong."
  (interactive)
  (compilation-start (mapconcat #'shell-quote-argument
                                (append (default-value 'codestral-ls-program) '("doctor")) " ")
                     nil (lambda (_) "*codestral-ls doctor*")))

(provide 'codestral-ls-commands)

;;; codestral-ls-commands.el ends here

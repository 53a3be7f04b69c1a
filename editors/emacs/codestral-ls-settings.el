;;; codestral-ls-settings.el --- Settings of the server  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Which program is the server, what it is told to do, and where the key is.

;;; Code:

(require 'cl-lib)

(declare-function auth-source-pick-first-password "auth-source" (&rest spec))
(declare-function codestral-ls-client-configure "codestral-ls-client" ())

(defgroup codestral-ls nil
  "Ghost text from a language server."
  :group 'tools
  :prefix "codestral-ls-")

(defcustom codestral-ls-program '("codestral-ls")
  "The server's program and arguments before the command \"serve\".
Only the global value counts: a file must not choose what is run."
  :type '(repeat string)
  :risky t)

(defcustom codestral-ls-settings nil
  "Settings for the server as a property list, such as (:provider \"ollama\").
The README has their names; `:max-lines' is the same as `:max_lines'.
A list is a list, and nil is false; for an empty list write [].
Only the global value counts: a file must not choose where code goes."
  :type 'plist
  :risky t
  :initialize #'custom-initialize-default
  :set (lambda (symbol value)
         (set-default-toplevel-value symbol value)
         (when (featurep 'codestral-ls-client)
           (codestral-ls-client-configure))))

(defcustom codestral-ls-key-host nil
  "Host under which auth-source has the API key, such as \"codestral.mistral.ai\".
The entry in ~/.authinfo.gpg is \"machine codestral.mistral.ai password KEY\".
With nil the key is what the settings or the environment say."
  :type '(choice (const :tag "Not from auth-source" nil) string)
  :risky t)

(defcustom codestral-ls-delay 0.05
  "Seconds without a key after which ghost text is asked for.
Below 0.15 the server waits too, by your typing speed and the place."
  :type 'number)

(defun codestral-ls-settings--json (value)
  "VALUE of `codestral-ls-settings' as it is sent."
  (cond ((null value) :json-false)
        ((keywordp (car-safe value))
         (cl-loop for (name each) on value by #'cddr
                  collect (intern (string-replace "-" "_" (symbol-name name)))
                  collect (codestral-ls-settings--json each)))
        ((listp value) (vconcat (mapcar #'codestral-ls-settings--json value)))
        (t value)))

(defun codestral-ls-settings-json ()
  "The settings of the user as they are sent, with the key of auth-source."
  (let* ((chosen (default-value 'codestral-ls-settings))
         (host (default-value 'codestral-ls-key-host))
         (key (and host (not (plist-member chosen :api_key)) (not (plist-member chosen :api-key))
                   (require 'auth-source)
                   (auth-source-pick-first-password :host host))))
    (or (append (and key (list :api_key key))
                (and chosen (codestral-ls-settings--json chosen)))
        (make-hash-table))))

(provide 'codestral-ls-settings)

;;; codestral-ls-settings.el ends here

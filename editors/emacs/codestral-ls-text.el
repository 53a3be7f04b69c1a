;;; codestral-ls-text.el --- Buffers as documents of the server  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Texts, places and changes as the protocol has them.  What has changed is found by comparing the
;; text with what was sent before, when something is asked, and not in `after-change-functions':
;; these are not run for all changes, and a document that has gone out of step stays so.

;;; Code:

(require 'cl-lib)
(require 'url-util)

(defconst codestral-ls-text--most-mismatches 200
  "Characters that may differ between ends of texts that are compared.")

(defconst codestral-ls-text--languages
  '((bash-ts . "shellscript") (sh . "shellscript") (c++ . "cpp") (c++-ts . "cpp")
    (js . "javascript") (js2 . "javascript") (js-jsx . "javascriptreact")
    (rjsx . "javascriptreact") (tsx-ts . "typescriptreact") (emacs-lisp . "elisp")
    (lisp-interaction . "elisp") (tex . "latex") (nxml . "xml") (mhtml . "html")
    (conf-toml . "toml") (perl . "perl") (cperl . "perl") (tuareg . "ocaml") (cc . "cpp"))
  "Languages whose names do not follow from those of their modes.")

(defun codestral-ls-text-language (mode)
  "The language identifier of major MODE."
  (let ((name (string-remove-suffix "-mode" (symbol-name mode))))
    (or (alist-get (intern name) codestral-ls-text--languages)
        (string-remove-suffix "-ts" name))))

(defun codestral-ls-text-uri (file)
  "The address of FILE, an absolute name."
  (let ((name (if (string-prefix-p "/" file) file (concat "/" file)))) ; C:/ on Windows
    (concat "file://" (url-hexify-string name url-path-allowed-chars))))

(defun codestral-ls-text-whole ()
  "The text of the whole buffer."
  (save-restriction
    (widen)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun codestral-ls-text-json (text)
  "TEXT as it is sent, with U+FFFD for bytes that are no characters.
JSON has no way to say them, and the number of characters stays."
  (replace-regexp-in-string "[\x3fff80-\x3fffff]" "\ufffd" text t t))

(defun codestral-ls-text-units (text unit)
  "How many units TEXT takes, where UNIT is `utf-32' or `utf-16'."
  (if (eq unit 'utf-32)
      (length text)
    (/ (string-bytes (encode-coding-string (codestral-ls-text-json text) 'utf-16le)) 2)))

(defun codestral-ls-text-place (position unit)
  "The place of a buffer's POSITION, counted in UNIT."
  (save-restriction
    (widen)
    (save-excursion
      (goto-char position)
      (list :line (1- (line-number-at-pos))
            :character (codestral-ls-text-units
                        (buffer-substring-no-properties (pos-bol) (point)) unit)))))

(defun codestral-ls-text-position (place unit)
  "The buffer's position of a PLACE that was counted in UNIT."
  (save-restriction
    (widen)
    (save-excursion
      (goto-char (point-min))
      (forward-line (plist-get place :line))
      (let ((left (plist-get place :character)))
        (if (eq unit 'utf-32)
            (min (+ (point) left) (pos-eol))
          (while (and (> left 0) (not (eolp)))
            (setq left (- left (if (> (char-after) #xffff) 2 1)))
            (forward-char))
          (point))))))

(defun codestral-ls-text--same-end (old new most)
  "How many characters at the ends of OLD and NEW are the same, MOST at most."
  (let ((tries 0) found)
    (while (and (not found) (< tries codestral-ls-text--most-mismatches))
      (let ((differs (compare-strings old (- (length old) most) nil
                                      new (- (length new) most) nil)))
        (if (eq differs t)
            (setq found most)
          (setq most (- most (abs differs)) ; what lies behind the first character that differs
                tries (1+ tries)))))
    (or found 0)))

(defun codestral-ls-text--difference (old new most)
  "Where OLD and NEW differ, beginning at MOST at the latest.
A list of three: the start, and the ends in OLD and NEW."
  (let* ((differs (compare-strings old 0 most new 0 most))
         (start (if (eq differs t) most (1- (abs differs))))
         (shorter (min (length old) (length new)))
         (same (codestral-ls-text--same-end old new (- shorter start))))
    (list start (- (length old) same) (- (length new) same))))

(defun codestral-ls-text-difference (old new caret)
  "The change that made NEW of OLD, as `codestral-ls-text--difference' has it.
CARET is where the cursor is in NEW.  Of two equal brackets the one before it
is new: the server takes the end of a change for the cursor."
  (let* ((shorter (min (length old) (length new)))
         (grown (max 0 (- (length new) (length old))))
         (plain (codestral-ls-text--difference old new shorter)))
    (if (<= (car plain) (max 0 (- caret grown)))
        plain
      (let ((here (codestral-ls-text--difference old new (max 0 (- caret grown)))))
        (if (> (- (nth 1 here) (nth 0 here)) (- (nth 1 plain) (nth 0 plain))) plain here)))))

(defun codestral-ls-text-change (old new unit)
  "The change that made NEW, which is the text of the buffer, of OLD.
It is one of the protocol, with places counted in UNIT."
  (pcase-let* ((base (save-restriction (widen) (point-min)))
               (`(,start ,old-end ,new-end)
                (codestral-ls-text-difference old new (- (point) base)))
               (from (codestral-ls-text-place (+ base start) unit))
               (gone (split-string (substring old start old-end) "\n"))
               (last (codestral-ls-text-units (car (last gone)) unit)))
    (list :range (list :start from
                       :end (list :line (+ (plist-get from :line) (length gone) -1)
                                  :character (if (cdr gone)
                                                 last
                                               (+ (plist-get from :character) last))))
          :text (codestral-ls-text-json (substring new start new-end)))))

(provide 'codestral-ls-text)

;;; codestral-ls-text.el ends here

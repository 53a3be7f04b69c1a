;;; codestral-ls-ghost.el --- Ghost text in a buffer  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Draws a text at point that is not in the buffer, keeps it fitting while the user types, and
;; inserts all of it or a piece.  Knows nothing of the server: who shows something gives the items
;; and is told by two hooks what became of them.

;;; Code:

(require 'cl-lib)
(require 'seq)

(defface codestral-ls-ghost
  '((t :inherit shadow))
  "Face of ghost text."
  :group 'codestral-ls)

(defvar codestral-ls-ghost-shown-functions nil
  "Called with an item that has been drawn.")

(defvar codestral-ls-ghost-taken-functions nil
  "Called with an item and how much of its text the user has, nil if that is all.")

(cl-defstruct (codestral-ls-ghost-choice (:constructor codestral-ls-ghost--make-choice)
                                         (:copier nil))
  "A text that may be inserted.
It fits while there is HEAD in the line before START, and REST behind all that
it takes the place of.  TAIL was between the cursor and REST."
  item text start head tail rest)

(defvar-local codestral-ls-ghost--choices nil
  "The texts to choose from.")

(defvar-local codestral-ls-ghost--index 0
  "Which of them is shown.")

(defvar-local codestral-ls-ghost--overlay nil
  "What draws it.")

(defvar-local codestral-ls-ghost-visible nil
  "Whether there is ghost text: its keys are in force then.")

;;;; What is left of a text

(defun codestral-ls-ghost-choice-at (item start end)
  "A choice of ITEM, whose text takes the place of what is from START to END.
It is nil if the text does not begin with what stands there before point."
  (let* ((from (save-excursion (goto-char start) (pos-bol)))
         (choice (and (<= from start (point) end (pos-eol))
                      (codestral-ls-ghost--make-choice
                       :item item
                       :text (plist-get item :insertText)
                       :start start
                       :head (buffer-substring-no-properties from start)
                       :tail (buffer-substring-no-properties (point) end)
                       :rest (buffer-substring-no-properties end (pos-eol))))))
    (and choice (codestral-ls-ghost--left choice) choice)))

(defun codestral-ls-ghost--end (choice)
  "The end of the region of CHOICE, nil if other text has come there."
  (let ((end (- (pos-eol) (length (codestral-ls-ghost-choice-rest choice)))))
    (and (<= (point) end)
         (equal (codestral-ls-ghost-choice-rest choice)
                (buffer-substring-no-properties end (pos-eol)))
         end)))

(defun codestral-ls-ghost--left (choice)
  "What of CHOICE is still to be typed, nil if it does not fit any more."
  (let ((start (codestral-ls-ghost-choice-start choice))
        (text (codestral-ls-ghost-choice-text choice))
        (end (codestral-ls-ghost--end choice)))
    (when (and end (<= (point-min) start (point))
               (equal (codestral-ls-ghost-choice-head choice)
                      (buffer-substring-no-properties
                       (save-excursion (goto-char start) (pos-bol)) start)))
      (let ((typed (buffer-substring-no-properties start (point)))
            (tail (buffer-substring-no-properties (point) end)))
        (and (string-prefix-p typed text)
             (let ((left (substring text (length typed))))
               (and (not (equal left tail))
                    (codestral-ls-ghost--fits-tail-p
                     left tail (codestral-ls-ghost-choice-tail choice))
                    left)))))))

(defun codestral-ls-ghost--fits-tail-p (left tail before)
  "Whether TAIL may be replaced by what is LEFT; BEFORE was there at first.
Some of it may have been typed over since, and `electric-pair-mode' may have
added closers."
  (or (string-suffix-p tail before)
      (and (string-suffix-p before tail)
           (let ((added (substring tail 0 (- (length tail) (length before)))))
             (and (string-match-p "\\`[])}>\"'`]+\\'" added)
                  (string-match-p (mapconcat (lambda (each) (regexp-quote (string each)))
                                             added "\\(?:.\\|\n\\)*")
                                  left))))))

(defun codestral-ls-ghost--covered (piece tail)
  "Count the characters of TAIL in PIECE: closers that it does not open itself."
  (let ((depth 0) (covered 0))
    (seq-doseq (each piece)
      (cond ((and (= depth 0) (< covered (length tail)) (eq each (aref tail covered)))
             (setq covered (1+ covered)))
            ((memq each '(?\( ?\[ ?\{)) (setq depth (1+ depth)))
            ((memq each '(?\) ?\] ?\})) (setq depth (max 0 (1- depth))))))
    covered))

;;;; Drawing

(defun codestral-ls-ghost--current ()
  "The choice that is shown."
  (nth codestral-ls-ghost--index codestral-ls-ghost--choices))

(defun codestral-ls-ghost--draw (left end)
  "Show LEFT at point, in the place of what reaches up to END."
  (let* ((tail (buffer-substring-no-properties (point) end))
         (beside (string-suffix-p tail left))
         (shown (propertize (if beside (string-remove-suffix tail left) left)
                            'face 'codestral-ls-ghost))
         (overlay (or codestral-ls-ghost--overlay
                      (setq codestral-ls-ghost--overlay (make-overlay (point) (point))))))
    (move-overlay overlay (point) (if beside (point) end))
    ;; Without this the cursor would stand behind the text.
    (put-text-property 0 1 'cursor t shown)
    (overlay-put overlay 'priority 1000)
    (overlay-put overlay 'window (selected-window))
    (overlay-put overlay 'after-string (and beside shown))
    (overlay-put overlay 'display (and (not beside) shown))
    (setq codestral-ls-ghost-visible t)))

(defun codestral-ls-ghost-hide ()
  "Take ghost text away."
  (when codestral-ls-ghost--overlay
    (delete-overlay codestral-ls-ghost--overlay))
  (setq codestral-ls-ghost--overlay nil
        codestral-ls-ghost--choices nil
        codestral-ls-ghost--index 0
        codestral-ls-ghost-visible nil))

(defun codestral-ls-ghost-refresh ()
  "Draw what is left of the ghost text, if it fits what was typed."
  (when codestral-ls-ghost--choices
    (let* ((shown (codestral-ls-ghost--current))
           (left (codestral-ls-ghost--left shown)))
      (if (not (and left (not (equal left ""))))
          (codestral-ls-ghost-hide)
        (setq codestral-ls-ghost--choices
              (seq-filter #'codestral-ls-ghost--left codestral-ls-ghost--choices)
              codestral-ls-ghost--index (seq-position codestral-ls-ghost--choices shown #'eq))
        (codestral-ls-ghost--draw left (codestral-ls-ghost--end shown))))))

(defun codestral-ls-ghost--shows-p (choice)
  "Whether CHOICE is what is shown already."
  (and codestral-ls-ghost-visible
       (equal (codestral-ls-ghost--left choice)
              (codestral-ls-ghost--left (codestral-ls-ghost--current)))))

(defun codestral-ls-ghost-show (choices &optional index)
  "Show one of CHOICES, the first or that with INDEX; without any show nothing."
  (cond
   ((null choices) (codestral-ls-ghost-hide))
   ;; The older one begins further back, up to where it can be taken back.
   ((and (null (cdr choices)) (codestral-ls-ghost--shows-p (car choices))))
   (t
    (setq codestral-ls-ghost--choices choices
          codestral-ls-ghost--index (mod (or index 0) (length choices)))
    (codestral-ls-ghost-refresh)
    (when codestral-ls-ghost-visible
      (run-hook-with-args 'codestral-ls-ghost-shown-functions
                          (codestral-ls-ghost-choice-item (codestral-ls-ghost--current)))))))

(defun codestral-ls-ghost-count ()
  "How many texts there are to choose from."
  (length codestral-ls-ghost--choices))

(defun codestral-ls-ghost-step (count)
  "Show the text COUNT further on; return its number, from 1."
  (codestral-ls-ghost-show codestral-ls-ghost--choices (+ codestral-ls-ghost--index count))
  (1+ codestral-ls-ghost--index))

;;;; Inserting

(defun codestral-ls-ghost-take (&optional regexp)
  "Insert the ghost text, or only what REGEXP matches at its beginning.
It is one step for `undo'."
  (codestral-ls-ghost-refresh) ; a timer or process may have edited since the last command
  (when-let* ((choice (codestral-ls-ghost--current))
              (left (codestral-ls-ghost--left choice)))
    (let* ((piece (if (and regexp (string-match regexp left)) (match-string 0 left) left))
           (all (equal piece left))
           (tail (buffer-substring-no-properties (point) (codestral-ls-ghost--end choice)))
           (kept (and all (string-suffix-p tail left))))
      (undo-boundary)
      (cond (kept ; what stands there already stays, with the marks in it
             (insert (string-remove-suffix tail piece))
             (forward-char (length tail)))
            (t (delete-char (if all (length tail) (codestral-ls-ghost--covered piece tail)))
               (insert piece)))
      (if all (codestral-ls-ghost-hide) (codestral-ls-ghost-refresh))
      (run-hook-with-args 'codestral-ls-ghost-taken-functions
                          (codestral-ls-ghost-choice-item choice)
                          (unless all
                            (buffer-substring-no-properties
                             (codestral-ls-ghost-choice-start choice) (point)))))))

(provide 'codestral-ls-ghost)

;;; codestral-ls-ghost.el ends here

;;; codestral-ls-client.el --- Talks to the language server  -*- lexical-binding: t; -*-

;; Author: The codestral-ls authors
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; One server for each project, on a connection of its own.  Eglot keeps one server for a buffer
;; and knows nothing of ghost text; this way it goes on with the one that it has, and so does
;; lsp-mode.  What the server needs of an editor is little: documents, settings and requests.

;;; Code:

(require 'cl-lib)
(require 'eieio)
(require 'jsonrpc)
(require 'project)
(require 'codestral-ls-settings)
(require 'codestral-ls-text)

(defclass codestral-ls-client (jsonrpc-process-connection)
  ((root :initarg :root :reader codestral-ls-client-root)
   (phase :initform 'starting :accessor codestral-ls-client-phase
          :documentation "One of `starting', `ready' and `stopping'.")
   (unit :initform 'utf-16 :accessor codestral-ls-client-unit)
   (status :initform nil :accessor codestral-ls-client-status)
   (told :initform nil :accessor codestral-ls-client-told
         :documentation "Failures that the user has heard of.")
   (latest :initform nil :accessor codestral-ls-client-latest
           :documentation "The number of the request that was sent last."))
  "A connection to a server.")

(cl-defmethod jsonrpc-connection-send :before
  ((client codestral-ls-client) &key id method &allow-other-keys)
  "Note the number ID of a request, which is needed to cancel it."
  (when (and id method) ; no public function of jsonrpc returns it
    (setf (codestral-ls-client-latest client) id)))

(defvar codestral-ls-client--all nil
  "The servers that run, by the root of their project.")

(defvar codestral-ls-client--told nil
  "What the user has been told of servers that do not start.")

(defvar codestral-ls-client-ready-hook nil
  "Run once a server is ready, in each buffer whose server it is.")

(defvar-local codestral-ls-client-current nil
  "The server of this buffer.")

;;;; Starting and ending

(defun codestral-ls-client--greeting (root)
  "Parameters of the request `initialize' for a project at ROOT, or for none."
  (let ((uri (and root (codestral-ls-text-uri (directory-file-name root)))))
    `( :processId ,(emacs-pid)
       :clientInfo (:name "Emacs" :version ,emacs-version)
       :rootUri ,uri
       :workspaceFolders
       ,(if root
            (vector (list :uri uri :name (file-name-nondirectory (directory-file-name root))))
          [])
       :initializationOptions ,(codestral-ls-settings-json)
       :capabilities
       ( :general (:positionEncodings ["utf-32" "utf-16"])
         :textDocument ( :inlineCompletion (:dynamicRegistration :json-false)
                         :synchronization (:didSave t))
         :workspace (:configuration t :workspaceFolders t)
         :experimental (:codestral (:status t :delay ,(round (* 1000 codestral-ls-delay))))))))

(defun codestral-ls-client--root ()
  "The root of the project around this buffer, nil if there is none."
  (when-let* ((project (project-current)))
    (expand-file-name (project-root project))))

(defun codestral-ls-client--make-process (name)
  "A process for the connection NAME; without the program an error."
  (let ((program (default-value 'codestral-ls-program)))
    (unless (executable-find (car program))
      (user-error "No program %s in `exec-path'; install it or set `codestral-ls-program'"
                  (car program)))
    (make-process :name name :command (append program '("serve"))
                  :connection-type 'pipe :coding 'utf-8-emacs-unix :noquery t
                  ;; The connection looks for its standard error under this very name.
                  :stderr (get-buffer-create (format "*%s stderr*" name)))))

(defun codestral-ls-client--quiet ()
  "Arguments for a connection without a log, which would hold code and the key."
  ;; The older form is that of jsonrpc 1.0.17, which comes with Emacs 29.1.
  (if (slot-exists-p (find-class 'jsonrpc-connection) '-events-buffer-config)
      '(:events-buffer-config (:size 0 :format full))
    '(:events-buffer-scrollback-size 0)))

(defun codestral-ls-client--start (root)
  "Start a server for the project at ROOT."
  (let* ((default-directory (or root temporary-file-directory))
         (place (if root (abbreviate-file-name root) "no project"))
         (name (generate-new-buffer-name (format "codestral-ls %s" place)))
         (client (apply #'make-instance 'codestral-ls-client
                        :name name :root root
                        :process (codestral-ls-client--make-process name)
                        :request-dispatcher #'codestral-ls-client--answer
                        :notification-dispatcher #'codestral-ls-client--notified
                        :on-shutdown #'codestral-ls-client--ended
                        (codestral-ls-client--quiet))))
    (push (cons root client) codestral-ls-client--all)
    (jsonrpc-async-request
     client :initialize (codestral-ls-client--greeting root) :timeout 60
     :success-fn (lambda (result) (codestral-ls-client--begin client result))
     :error-fn (lambda (problem) (codestral-ls-client--fail client (plist-get problem :message)))
     :timeout-fn (lambda () (codestral-ls-client--fail client "it does not answer")))
    client))

(defun codestral-ls-client--begin (client result)
  "Open the documents of CLIENT, whose server has introduced itself by RESULT."
  (let ((unit (plist-get (plist-get result :capabilities) :positionEncoding)))
    (setf (codestral-ls-client-unit client) (if (equal unit "utf-32") 'utf-32 'utf-16)
          (codestral-ls-client-phase client) 'ready))
  (jsonrpc-notify client :initialized (make-hash-table))
  (dolist (buffer (codestral-ls-client--buffers client))
    (with-current-buffer buffer
      (run-hooks 'codestral-ls-client-ready-hook))))

(defun codestral-ls-client--buffers (client)
  "The buffers of CLIENT."
  (seq-filter (lambda (buffer)
                (eq client (buffer-local-value 'codestral-ls-client-current buffer)))
              (buffer-list)))

(defun codestral-ls-client--tell (words)
  "Show WORDS unless they have been shown before."
  (unless (member words codestral-ls-client--told)
    (push words codestral-ls-client--told)
    (message "codestral-ls: %s" words)))

(defun codestral-ls-client--fail (client why)
  "Show WHY the server of CLIENT is of no use, and end it."
  (unless (eq (codestral-ls-client-phase client) 'stopping)
    (codestral-ls-client--tell
     (format "the server has failed: %s (%s has more; M-x codestral-ls-restart)"
             why (jsonrpc-stderr-buffer client))))
  (codestral-ls-client-stop client))

(defun codestral-ls-client--ended (client)
  "The process of CLIENT has ended."
  (unless (eq (codestral-ls-client-phase client) 'stopping)
    (codestral-ls-client--fail
     client (format "it ended with status %d" (process-exit-status (jsonrpc--process client)))))
  (dolist (buffer (codestral-ls-client--buffers client))
    (with-current-buffer buffer
      (setf (codestral-ls-client-status client) nil)
      (force-mode-line-update))))

(defun codestral-ls-client-live-p (&optional client)
  "Whether CLIENT, or that of this buffer, can be asked."
  (when-let* ((client (or client codestral-ls-client-current)))
    (and (eq (codestral-ls-client-phase client) 'ready) (jsonrpc-running-p client))))

(defun codestral-ls-client-all ()
  "All clients that can be asked."
  (seq-filter #'codestral-ls-client-live-p (mapcar #'cdr codestral-ls-client--all)))

(defun codestral-ls-client-attach ()
  "Give this buffer the server of its project, started if need be."
  (let ((root (codestral-ls-client--root)))
    (condition-case problem
        (setq codestral-ls-client-current
              (or (alist-get root codestral-ls-client--all nil nil #'equal)
                  (codestral-ls-client--start root)))
      ((user-error file-error)
       (codestral-ls-client--tell (error-message-string problem))))
    (when (codestral-ls-client-live-p)
      (run-hooks 'codestral-ls-client-ready-hook))))

(defun codestral-ls-client-detach ()
  "Leave the server; without any buffer it ends a minute later."
  (when-let* ((client codestral-ls-client-current))
    (setq codestral-ls-client-current nil)
    (run-with-timer 60 nil (lambda ()
                             (unless (codestral-ls-client--buffers client)
                               (codestral-ls-client-stop client))))))

(defun codestral-ls-client-stop (client)
  "End the server of CLIENT, by force if it has not gone after five seconds."
  (setq codestral-ls-client--all (rassq-delete-all client codestral-ls-client--all))
  (let ((process (jsonrpc--process client)))
    (when (and (process-live-p process) (not (eq (codestral-ls-client-phase client) 'stopping)))
      (setf (codestral-ls-client-phase client) 'stopping)
      (ignore-errors
        (jsonrpc-async-request client :shutdown nil :success-fn #'ignore :error-fn #'ignore
                               :timeout-fn #'ignore)
        (jsonrpc-notify client :exit nil))
      (run-with-timer 5 nil #'delete-process process))))

(defun codestral-ls-client-stop-all ()
  "End all servers."
  (setq codestral-ls-client--told nil)
  (mapc #'codestral-ls-client-stop (mapcar #'cdr codestral-ls-client--all)))

;; Nothing may be waited for there: once its terminal is gone, Emacs 30.2 would wait for ever.
(add-hook 'kill-emacs-hook #'codestral-ls-client-stop-all)

;;;; Asking and telling

(defun codestral-ls-client-notify (method params)
  "Notify the server of this buffer of METHOD with PARAMS, if there is one."
  (when (codestral-ls-client-live-p)
    (jsonrpc-notify codestral-ls-client-current method params)))

(defun codestral-ls-client-request (method params then &optional else)
  "Ask the server of this buffer METHOD with PARAMS; return the number of that.
THEN is called with the result, ELSE with the error, both in this buffer."
  (when (codestral-ls-client-live-p)
    (let* ((buffer (current-buffer))
           (here (lambda (call)
                   (lambda (value)
                     (when (and call (buffer-live-p buffer))
                       (with-current-buffer buffer (funcall call value)))))))
      (jsonrpc-async-request codestral-ls-client-current method params
                             :timeout 90 :timeout-fn #'ignore
                             :success-fn (funcall here then) :error-fn (funcall here else)))
    (codestral-ls-client-latest codestral-ls-client-current)))

(defun codestral-ls-client-execute (command arguments &optional then)
  "Have the server run COMMAND with a vector of ARGUMENTS.
THEN is called with the result."
  (codestral-ls-client-request
   :workspace/executeCommand (list :command command :arguments arguments) (or then #'ignore)
   (lambda (problem) (message "codestral-ls: %s" (plist-get problem :message)))))

(defun codestral-ls-client-configure ()
  "Tell all servers the settings anew."
  (dolist (client (codestral-ls-client-all))
    (jsonrpc-notify client :workspace/didChangeConfiguration
                    `(:settings (:codestral ,(codestral-ls-settings-json))))))

(defun codestral-ls-client--answer (_client method params)
  "Answer the request METHOD with PARAMS of a server."
  (pcase method
    ('workspace/configuration
     (vconcat (mapcar (lambda (item)
                        (and (equal (plist-get item :section) "codestral")
                             (codestral-ls-settings-json)))
                      (plist-get params :items))))
    ((or 'client/registerCapability 'client/unregisterCapability) nil)
    (_ (jsonrpc-error :code -32601 :message (format "%s is not supported" method)))))

(defun codestral-ls-client--notified (client method params)
  "Take note of METHOD with PARAMS from the server of CLIENT."
  (pcase method
    ('codestral/status (codestral-ls-client--take-status client params))
    ('window/showMessage (message "%s" (plist-get params :message)))
    ('window/logMessage
     (with-current-buffer (get-buffer-create "*codestral-ls log*")
       (save-excursion
         (goto-char (point-max))
         (insert (format-time-string "%T ") (plist-get params :message) "\n"))))))

(defun codestral-ls-client--take-status (client status)
  "Remember the STATUS of the server of CLIENT.
A failure is shown once, until all is well again."
  (setf (codestral-ls-client-status client) status)
  ;; In brackets behind it is when the server tries again, which changes all the time.
  (let ((state (plist-get status :state))
        (what (replace-regexp-in-string " ([^)]*)\\'" "" (or (plist-get status :message) ""))))
    (cond ((equal state "ready") (setf (codestral-ls-client-told client) nil))
          ((and (member state '("error" "rate-limited"))
                (not (member what (codestral-ls-client-told client))))
           (push what (codestral-ls-client-told client))
           (message "codestral-ls: %s" (plist-get status :message)))))
  (dolist (buffer (codestral-ls-client--buffers client))
    (with-current-buffer buffer
      (force-mode-line-update))))

(provide 'codestral-ls-client)

;;; codestral-ls-client.el ends here

--- The server's replies: only the newest counts, and only while it fits the text.
---
--- Neovim 0.12 draws whatever comes, late replies to older requests included, and keeps what it
--- drew if the reply is null or an error. So requests of our clients pass through here, by the
--- method of the client that everybody may call, `client:request()`.

local place = require('codestral_ls.place')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local AUTOMATIC = 2
local CANCELLED = -32800 -- LSP's RequestCancelled: a newer question is under way

--- What happened to a buffer since its newest request.
---@class codestral_ls.Watch
---@field row integer The cursor as it was seen last, and its line.
---@field head string
---@field seen table<string, string|false> What stood behind each cursor; false if it was several.
---@field forward boolean Nothing happened but typing on.

local watches = {} ---@type table<integer, codestral_ls.Watch>
--- By the item's command, which Neovim hands on as it is.
local origins = setmetatable({}, { __mode = 'k' }) ---@type table<table, codestral_ls.Origin>
local raw = setmetatable({}, { __mode = 'k' }) ---@type table<table, lsp.InlineCompletionItem>

---@param buf integer
---@return integer row, integer col, string line
local function look(buf)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, col, vim.api.nvim_buf_get_lines(buf, row - 1, row, false)[1] or ''
end

---@param watch codestral_ls.Watch
---@param buf integer
local function note(watch, buf)
  local row, col, line = look(buf)
  local former = row == watch.row and line:sub(1, col) or ''
  if row > watch.row then
    former = vim.api.nvim_buf_get_lines(buf, watch.row, watch.row + 1, false)[1] or ''
  end
  watch.forward = row >= watch.row and vim.startswith(former, watch.head)
  watch.row, watch.head = row, line:sub(1, col)
  local key, tail = ('%d:%d'):format(row, col), line:sub(col + 1)
  local seen = watch.seen[key]
  watch.seen[key] = (seen == nil or seen == tail) and tail
end

--- To be called whenever something was typed, or the cursor was moved.
---@param buf integer
function M.moved(buf)
  local watch = watches[buf]
  if watch and watch.forward and vim.api.nvim_get_current_buf() == buf then
    note(watch, buf)
  end
end

---@param item lsp.InlineCompletionItem
---@param buf integer
---@param encoding string
---@param watch codestral_ls.Watch
---@return codestral_ls.Origin?
local function origin_of(item, buf, encoding, watch)
  local range, text = item.range, item.insertText
  if not range or type(text) ~= 'string' or range.start.line ~= range['end'].line then
    return
  end
  local row = range.start.line
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
  if not line then
    return
  end
  local col = vim.str_byteindex(line, encoding, range.start.character, false)
  local tail = watch.seen[('%d:%d'):format(row, col)]
  if not tail then
    return
  end
  local head = line:sub(1, col)
  local stop = vim.str_byteindex(head .. tail, encoding, range['end'].character, false)
  return { text = text, row = row, col = col, head = head, rest = tail:sub(stop - col + 1) }
end

--- The items that fit the text as it is.
---@param items lsp.InlineCompletionItem[]
---@param client vim.lsp.Client
---@param buf integer
---@param watch codestral_ls.Watch
---@return lsp.InlineCompletionItem[]
local function fitting(items, client, buf, watch)
  return vim.tbl_filter(function(item)
    if not item.command then
      return false
    end
    origins[item.command] = origin_of(item, buf, client.offset_encoding, watch)
    raw[item.command] = item
    return M.fit(buf, item.command) ~= nil
  end, items)
end

--- How the item with this command fits now; nil if it does not.
---@param buf integer
---@param command? table
---@return codestral_ls.Fit?
function M.fit(buf, command)
  local origin = command and origins[command]
  if not origin or vim.api.nvim_get_current_buf() ~= buf or not vim.bo[buf].modifiable then
    return
  end
  if vim.fn.getpos('.')[4] > 0 then
    return -- behind the line's end, by 'virtualedit'
  end
  local row, col = look(buf)
  local _, breaks = origin.text:gsub('\n', '')
  if row < origin.row or row > origin.row + breaks then
    return
  end
  local lines = vim.api.nvim_buf_get_lines(buf, origin.row, row + 1, false)
  return place.fit(origin, lines, col)
end

--- The item as the server sent it.
---@param command table
---@return lsp.InlineCompletionItem?
function M.item(command)
  return raw[command]
end

--- Drops what is still on its way.
---@param buf integer
function M.forget(buf)
  watches[buf] = nil
end

--- Whether this client's ghost text may still come; 0.12.4 itself fails on replies that may not.
---@param client vim.lsp.Client
---@param buf integer
---@return boolean
local function is_wanted(client, buf)
  return vim.lsp.buf_is_attached(buf, client.id)
    and vim.lsp.inline_completion.is_enabled({ bufnr = buf, client_id = client.id })
end

---@param client vim.lsp.Client
---@param reply lsp.Handler
---@param buf integer
---@param kind integer
---@return lsp.Handler
local function only_newest(client, reply, buf, kind)
  local row, col, line = look(buf)
  local watch = { row = row, head = line:sub(1, col), seen = {}, forward = true }
  watches[buf] = watch
  note(watch, buf)
  return function(err, result, context)
    if watches[buf] ~= watch or not is_wanted(client, buf) then
      return
    end
    M.moved(buf)
    if err and err.code == CANCELLED then
      return
    end
    local items = (not err and type(result) == 'table') and (result.items or result) or {}
    local shown = require('codestral_ls.ghost')
    if kind == AUTOMATIC and shown.is_chosen(buf) then
      return
    end
    if #items > 0 then
      items = watch.forward and fitting(items, client, buf, watch) or {}
      if #items == 0 then
        return -- for a text that is gone; what is shown fits, or is hidden already
      end
    end
    reply(nil, items, context)
    if kind ~= AUTOMATIC then
      shown.invoked(buf, #items)
    end
  end
end

--- Lets the requests of a client pass through here.
---@param client vim.lsp.Client
function M.watch(client)
  local request = client.request
  if rawget(client, '_codestral_ls_watched') then
    return
  end
  rawset(client, '_codestral_ls_watched', true)
  ---@diagnostic disable-next-line: duplicate-set-field
  client.request = function(self, method, params, reply, buf)
    if method == METHOD and reply then
      buf = (buf == nil or buf == 0) and vim.api.nvim_get_current_buf() or buf
      if buf == vim.api.nvim_get_current_buf() then
        reply = only_newest(client, reply, buf, params.context.triggerKind)
      end
    end
    return request(self, method, params, reply, buf)
  end
end

return M

-- Typst reads `...`, `-1`, `-?` and bare addresses in running text as signs of its own, which pandoc does not escape;
-- words that hold them are handed over as strings, so that they print as written.

if FORMAT ~= "typst" then return {} end

local signs = { "%.%.%.", "%-[%d?-]", "://" }

local function signed(text)
  for _, sign in ipairs(signs) do
    if text:find(sign) then return true end
  end
  return false
end

local function literal(el)
  if not signed(el.text) then return nil end
  return pandoc.RawInline("typst", '#"' .. el.text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '";')
end

-- Most words stand in tables. Those of a table without a sign need not be looked at one by one; its notes are not in its text.
local function table_of_words(el)
  local look = signed(pandoc.utils.stringify(el))
  if not look then el:walk({ Note = function() look = true end }) end
  return nil, look
end

return { { traverse = "topdown", Str = literal, Table = table_of_words } }

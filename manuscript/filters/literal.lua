-- Typst reads `...`, `-1`, `-?` and bare addresses in running text as signs of its own, which pandoc does not escape;
-- words that hold them are handed over as strings, so that they print as written.

if FORMAT ~= "typst" then return {} end

local signs = { "%.%.%.", "%-[%d?-]", "://" }

local function literal(el)
  for _, sign in ipairs(signs) do
    if el.text:find(sign) then
      local quoted = el.text:gsub("\\", "\\\\"):gsub('"', '\\"')
      return pandoc.RawInline("typst", '#"' .. quoted .. '";')
    end
  end
end

return { { Str = literal } }

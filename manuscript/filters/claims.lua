-- Numbers of the text are spans that name their claim (`[21]{data-claim="key"}`). In HTML they become buttons of a kind: they can be
-- focused and pressed, and templates/claims.js shows where they come from. In every other format they are plain text.

local function key(span) return span.attributes["data-claim"] end

local function content(span) if key(span) then return span.content end end

-- what is inside a link or a heading stays text: a button there could not be told from what surrounds it
local function plain(el) return el:walk({ Span = content }), false end

local function button(span)
  if not key(span) then return nil end
  span.classes:insert("claim")
  span.attributes["role"] = "button"
  span.attributes["tabindex"] = "0"
  span.attributes["aria-haspopup"] = "dialog"
  return span
end

-- a word that was cut by a span is one string again, as later filters and writers expect it
local function joined(inlines)
  local out = pandoc.List({})
  for _, el in ipairs(inlines) do
    local last = out[#out]
    if el.t == "Str" and last and last.t == "Str" then
      out[#out] = pandoc.Str(last.text .. el.text)
    else
      out:insert(el)
    end
  end
  return out
end

-- block by block: most of a supplement is tables without a claim, and to look into each list of words takes long
local function bare(el)
  if el.t == "Div" then
    el.content = el.content:map(bare)
    return el
  end
  local found = false
  local made = el:walk({ Span = function(span)
    found = found or key(span) ~= nil
    return content(span)
  end })
  return found and made:walk({ Inlines = joined }) or el
end

function Pandoc(doc)
  if FORMAT:match("^html") then
    doc.blocks = doc.blocks:walk({ traverse = "topdown", Link = plain, Header = plain, Span = button })
  else
    doc.blocks = doc.blocks:map(bare)
  end
  return doc
end

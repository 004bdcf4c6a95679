-- Numbers of the text are spans that name their claim (`[21]{data-claim="key"}`). In HTML they become buttons of a kind: they can be
-- focused and pressed, and templates/claims.js shows where they come from. In every other format they are plain text.

local html = FORMAT:match("^html") ~= nil

-- what is inside a link or a heading stays text: a button there could not be told from what surrounds it
local function plain(el)
  return el:walk({ Span = function(span) if span.attributes["data-claim"] then return span.content end end })
end

local function claim(span)
  local key = span.attributes["data-claim"]
  if not key then return nil end
  if not html then return span.content end
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
local function block(el)
  local found = false
  el = el:walk({ Link = plain, Header = plain })
  el = el:walk({ Span = function(span)
    local made = claim(span)
    found = found or made ~= nil
    return made
  end })
  if found and not html then el = el:walk({ Inlines = joined }) end
  return el
end

function Pandoc(doc)
  for i, el in ipairs(doc.blocks) do doc.blocks[i] = block(pandoc.Div({ el })).content[1] end
  return doc
end
